"""Refund vouchers: money value that pays in orders, reserved and used like places."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.errors import DomainError
from services.common.money import Money
from services.wallet.domain.eligibility import day_or_cinema_reason
from services.wallet.domain.entries import MOVES, EntryKind
from services.wallet.domain.errors import (
    ReservationDiffersError,
    ReservationReleasedError,
    VoucherNotAcceptedError,
)
from services.wallet.domain.leg import (
    LegKey,
    ReservationState,
    captures,
    refusal_of_other,
    releases,
    restores,
)
from services.wallet.domain.product import CardProduct
from services.wallet.domain.screening import ScreeningFacts


@dataclass(frozen=True, slots=True)
class VoucherRequest:
    """Booking's word that a voucher is due: exactly one per remedy."""

    remedy_id: UUID
    order_id: UUID
    account_id: UUID | None
    value: Money
    last_screening_date: date


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher without its code. `value` is always `left`, `reserved` and `spent` together."""

    id: UUID
    order_id: UUID
    account_id: UUID | None
    product: CardProduct
    value: Money
    left: Money
    reserved: Money
    spent: Money
    last_screening_date: date

    def must_pay(self, account_id: UUID | None, screening: ScreeningFacts, amount: Money) -> None:
        """Pass when it can pay this much of an order; every other case is VOUCHER_NOT_ACCEPTED.

        One that was issued to an account is that account's alone.
        """
        is_foreign = self.account_id is not None and self.account_id != account_id
        if (
            is_foreign
            or screening.validity_date > self.last_screening_date
            or day_or_cinema_reason(self.product, screening) is not None
            or amount.currency != self.left.currency
            or not Money.zero(amount.currency) < amount <= self.left
        ):
            raise VoucherNotAcceptedError

    def taken_for(self, amount: Money) -> Money:
        """Say how much an order takes that is paid this much: all, unless it is partly usable."""
        return amount if self.product.partly_usable else self.left


@dataclass(frozen=True, slots=True)
class VoucherEntry:
    """Value moved between a voucher's balances by a step. Entries are only ever added."""

    kind: EntryKind
    left: int
    reserved: int
    spent: int


@dataclass(frozen=True, slots=True)
class VoucherSubject:
    """What a reservation of value is about: the same on every repeat of the command."""

    account_id: UUID | None
    voucher_id: UUID
    screening_id: UUID
    amount: Money


@dataclass(slots=True)
class VoucherReservation:
    """The value of one leg; `taken` is more than the amount where the rest lapses."""

    key: LegKey
    subject: VoucherSubject
    taken: Money
    state: ReservationState

    def confirm_same(self, subject: VoucherSubject) -> None:
        """Pass when a repeat asks for what is reserved, or was, and not released."""
        if self.state is ReservationState.RELEASED:
            raise ReservationReleasedError(*self.key)
        if self.subject != subject:
            raise ReservationDiffersError(*self.key)

    def not_this_one(self) -> DomainError:
        """Say why a leg of places cannot use the key: it is dead, or reserves value."""
        return refusal_of_other(self.key, self.state)

    def capture(self) -> list[VoucherEntry]:
        """Spend the value for good; repeats and late ones move nothing."""
        if not captures(self.key, self.state):
            return []
        return self._move(ReservationState.CAPTURED, EntryKind.CAPTURE)

    def release(self) -> list[VoucherEntry]:
        """Free the value; once it is spent this changes nothing, the state says so."""
        if not releases(self.state):
            return []
        return self._move(ReservationState.RELEASED, EntryKind.RELEASE)

    def restore(self) -> list[VoucherEntry]:
        """Give spent value back to its voucher."""
        if not restores(self.key, self.state):
            return []
        return self._move(ReservationState.RESTORED, EntryKind.RESTORE)

    def _move(self, state: ReservationState, kind: EntryKind) -> list[VoucherEntry]:
        self.state = state
        return [voucher_entry(kind, self.taken)]


def voucher_entry(kind: EntryKind, taken: Money) -> VoucherEntry:
    """Move value as a place is moved: its steps are the same."""
    move, units = MOVES[kind], taken.minor_units
    return VoucherEntry(kind, move.left * units, move.reserved * units, move.used * units)
