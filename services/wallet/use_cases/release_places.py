"""Free reserved places."""

from dataclasses import dataclass

from services.wallet.domain.reservation import LegKey, Reservation, ReservationState
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.settle import settle


@dataclass(frozen=True, slots=True)
class ReleasePlaces:
    """Free the places. A key that was never seen gets a tombstone, so that a late reserve fails."""

    transactions: Transactions

    async def __call__(self, key: LegKey) -> Reservation:
        async with self.transactions() as tx:
            if await tx.reservations.bury(key):
                await tx.commit()
                return Reservation(key, None, (), ReservationState.RELEASED)
            reservation = await tx.reservations.lock(key)
            if reservation is None:
                raise LookupError(f"the reservation of {key} vanished")
            await settle(tx, reservation, reservation.release(), tells=False)
        return reservation
