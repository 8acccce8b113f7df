"""Random commands on a voucher's legs: no money from nothing, none is lost."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from services.common.money import Money
from services.wallet.domain.entries import EntryKind
from services.wallet.domain.errors import (
    ReservationDiffersError,
    ReservationNotCapturedError,
    ReservationReleasedError,
    VoucherNotAcceptedError,
)
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.product import ProductKind
from services.wallet.domain.voucher import (
    Voucher,
    VoucherEntry,
    VoucherReservation,
    VoucherSubject,
    voucher_entry,
)
from tests.unit.wallet.builders import a_product, a_screening

VALUE = 5_000
LAST_DATE = date(2027, 5, 5)
S = ReservationState


class VoucherLegs(RuleBasedStateMachine):
    """Whatever is sent, in whatever order, the voucher is worth what it was issued with."""

    legs = Bundle("legs")

    def __init__(self) -> None:
        super().__init__()
        self.reservations: dict[UUID, VoucherReservation] = {}
        self.dead: set[UUID] = set()

    @initialize(partly_usable=st.booleans())
    def issue(self, *, partly_usable: bool) -> None:
        product = a_product(kind=ProductKind.VOUCHER, partly_usable=partly_usable)
        nothing = Money("RON", 0)
        worth = Money("RON", VALUE)
        self.voucher = Voucher(
            uuid4(), uuid4(), None, product, worth, worth, nothing, nothing, LAST_DATE
        )

    @rule(target=legs)
    def a_new_order(self) -> UUID:
        return uuid4()

    @rule(leg=legs, day=st.integers(-1, 1), units=st.integers(1, VALUE))
    def reserve(self, leg: UUID, day: int, units: int) -> None:
        if leg in self.dead:
            return
        screening = a_screening(local_date=LAST_DATE + timedelta(days=day))
        amount = Money("RON", units)
        subject = VoucherSubject(None, self.voucher.id, screening.screening_id, amount)
        if (known := self.reservations.get(leg)) is not None:
            try:
                known.confirm_same(subject)
            except ReservationReleasedError:
                assert known.state is S.RELEASED
            except ReservationDiffersError:
                assert known.subject != subject
            return
        try:
            self.voucher.must_pay(None, screening, amount)
        except VoucherNotAcceptedError:
            assert day > 0 or amount > self.voucher.left
            return
        taken = self.voucher.taken_for(amount)
        assert amount <= taken <= self.voucher.left
        self.reservations[leg] = VoucherReservation(
            LegKey(leg, "voucher-1", 1), subject, taken, S.RESERVED
        )
        self._post([voucher_entry(EntryKind.RESERVE, taken)])

    @rule(leg=legs)
    def capture(self, leg: UUID) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            return
        try:
            self._post(reservation.capture())
        except ReservationReleasedError:
            assert reservation.state is S.RELEASED

    @rule(leg=legs)
    def release(self, leg: UUID) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            self.dead.add(leg)
            return
        self._post(reservation.release())

    @rule(leg=legs)
    def restore(self, leg: UUID) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            return
        try:
            self._post(reservation.restore())
        except ReservationNotCapturedError:
            assert reservation.state in {S.RESERVED, S.RELEASED}

    @invariant()
    def the_voucher_is_worth_what_it_was(self) -> None:
        voucher = self.voucher
        balances = (voucher.left, voucher.reserved, voucher.spent)
        assert sum(balance.minor_units for balance in balances) == VALUE
        assert min(balance.minor_units for balance in balances) >= 0

    @invariant()
    def its_balances_are_what_the_legs_say(self) -> None:
        def taken_in(state: ReservationState) -> int:
            found = [each for each in self.reservations.values() if each.state is state]
            return sum(each.taken.minor_units for each in found)

        assert self.voucher.reserved.minor_units == taken_in(S.RESERVED)
        assert self.voucher.spent.minor_units == taken_in(S.CAPTURED)

    def _post(self, entries: list[VoucherEntry]) -> None:
        for entry in entries:
            self.voucher = replace(
                self.voucher,
                left=self.voucher.left + Money("RON", entry.left),
                reserved=self.voucher.reserved + Money("RON", entry.reserved),
                spent=self.voucher.spent + Money("RON", entry.spent),
            )


VoucherLegs.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, database=None
)
TestVoucherLegs = VoucherLegs.TestCase
