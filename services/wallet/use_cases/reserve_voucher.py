"""Reserve value of a voucher for an order."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.entries import EntryKind
from services.wallet.domain.errors import (
    ReservationNotFoundError,
    VoucherNotAcceptedError,
)
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.screening import ScreeningFacts
from services.wallet.domain.voucher import VoucherReservation, VoucherSubject, voucher_entry
from services.wallet.use_cases.ports import Transaction, Transactions


@dataclass(frozen=True, slots=True)
class ReserveVoucher:
    """Reserve what the order takes of it.

    The key's row is taken first, then the voucher's row is locked: of two orders that race for the
    same value the second one sees what the first one left.
    """

    transactions: Transactions
    ask_after: timedelta

    async def __call__(
        self,
        key: LegKey,
        account_id: UUID | None,
        voucher_id: UUID,
        screening: ScreeningFacts,
        amount: Money,
    ) -> ReservationState:
        subject = VoucherSubject(account_id, voucher_id, screening.screening_id, amount)
        async with self.transactions() as tx:
            if not await tx.reservations.claim(key, subject, self.ask_after):
                return await _repeated(tx, key, subject)
            locked = await tx.vouchers.lock(voucher_id)
            if locked is None:
                raise VoucherNotAcceptedError
            locked.voucher.must_pay(account_id, screening, amount)
            taken = locked.voucher.taken_for(amount)
            reservation = VoucherReservation(key, subject, taken, ReservationState.RESERVED)
            await tx.reservations.set_taken(key, taken)
            entries = [voucher_entry(EntryKind.RESERVE, taken)]
            await tx.vouchers.post(reservation, entries, tells=False)
            await tx.commit()
        return reservation.state


async def _repeated(tx: Transaction, key: LegKey, subject: VoucherSubject) -> ReservationState:
    reservation = await tx.reservations.lock(key)
    if reservation is None:
        raise ReservationNotFoundError(*key)
    if not isinstance(reservation, VoucherReservation):
        raise reservation.not_this_one()
    reservation.confirm_same(subject)
    return reservation.state
