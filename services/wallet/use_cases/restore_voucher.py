"""Give spent value back to its voucher."""

from dataclasses import dataclass
from datetime import timedelta

from services.wallet.domain.errors import ReservationNotFoundError, VoucherNotFoundError
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.voucher import VoucherReservation
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.settle import settle_value


@dataclass(frozen=True, slots=True)
class RestoreVoucher:
    """Give the value back with the voucher's old expiry.

    When that is over the value comes back unusable, unless the cinema is the cause: then the
    voucher lasts for the grace period from today.
    """

    transactions: Transactions
    grace: timedelta

    async def __call__(self, key: LegKey, *, caused_by_cinema: bool) -> ReservationState:
        async with self.transactions() as tx:
            reservation = await tx.reservations.lock(key)
            if not isinstance(reservation, VoucherReservation):
                raise ReservationNotFoundError(*key)
            entries = reservation.restore()
            if entries and caused_by_cinema:
                locked = await tx.vouchers.lock(reservation.subject.voucher_id)
                if locked is None:
                    raise VoucherNotFoundError
                if locked.voucher.last_screening_date < locked.today:
                    await tx.vouchers.extend(locked.voucher.id, locked.today + self.grace)
            await settle_value(tx, reservation, entries, tells=True)
        return reservation.state
