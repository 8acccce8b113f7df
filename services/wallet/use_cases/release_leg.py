"""Free what a leg has reserved: ReleasePlaces and ReleaseVoucher."""

from dataclasses import dataclass

from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import Reservation
from services.wallet.domain.voucher import VoucherReservation
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.settle import settle, settle_value


@dataclass(frozen=True, slots=True)
class ReleaseLeg:
    """Free it. A key that was never seen gets a tombstone, so that a late reserve fails."""

    transactions: Transactions

    async def __call__(self, key: LegKey) -> ReservationState:
        async with self.transactions() as tx:
            if await tx.reservations.bury(key):
                await tx.commit()
                return ReservationState.RELEASED
            reservation = await tx.reservations.lock(key)
            match reservation:
                case None:
                    raise LookupError(f"the reservation of {key} vanished")
                case Reservation():
                    await settle(tx, reservation, reservation.release(), tells=False)
                case VoucherReservation():
                    await settle_value(tx, reservation, reservation.release(), tells=False)
        return reservation.state
