"""Give used places back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.wallet.domain.entries import PlaceEntry, with_grace
from services.wallet.domain.errors import CardNotFoundError, ReservationNotFoundError
from services.wallet.domain.leg import LegKey
from services.wallet.domain.reservation import Reservation
from services.wallet.use_cases.ports import NewId, Transaction, Transactions
from services.wallet.use_cases.settle import settle


@dataclass(frozen=True, slots=True)
class RestorePlaces:
    """Give the places back to their card with their old expiry.

    A place that has expired meanwhile comes back unusable, unless the cinema is the cause: then it
    goes to a lot of its own that lasts for the grace period.
    """

    transactions: Transactions
    new_id: NewId
    grace: timedelta

    async def __call__(self, key: LegKey, *, caused_by_cinema: bool) -> Reservation:
        async with self.transactions() as tx:
            reservation = await tx.reservations.lock(key)
            if not isinstance(reservation, Reservation):
                raise ReservationNotFoundError(*key)
            entries = reservation.restore()
            if caused_by_cinema and entries and reservation.subject is not None:
                entries = await self._graced(tx, reservation.subject.card_id, entries)
            await settle(tx, reservation, entries, tells=True)
        return reservation

    async def _graced(
        self, tx: Transaction, card_id: UUID, entries: Sequence[PlaceEntry]
    ) -> list[PlaceEntry]:
        locked = await tx.cards.lock(card_id, None)
        if locked is None:
            raise CardNotFoundError(card_id)
        taken_from = {entry.lot_id for entry in entries}
        expired = {
            lot.id
            for lot in locked.card.lots
            if lot.id in taken_from and lot.last_screening_date < locked.today
        }
        if not expired:
            return list(entries)
        grace_lot_id = self.new_id()
        await tx.cards.add_lot(grace_lot_id, card_id, locked.today + self.grace)
        return with_grace(entries, expired, grace_lot_id)
