"""Use reserved places for good."""

from dataclasses import dataclass

from services.wallet.domain.errors import ReservationNotFoundError
from services.wallet.domain.reservation import LegKey, Reservation
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.settle import settle


@dataclass(frozen=True, slots=True)
class CapturePlaces:
    """Use the places and tell of it; done again it changes nothing."""

    transactions: Transactions

    async def __call__(self, key: LegKey) -> Reservation:
        async with self.transactions() as tx:
            reservation = await tx.reservations.lock(key)
            if reservation is None:
                raise ReservationNotFoundError(*key)
            await settle(tx, reservation, reservation.capture(), tells=True)
        return reservation
