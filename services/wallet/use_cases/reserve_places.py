"""Reserve places of a card for seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.wallet.domain.card import Card, CardState
from services.wallet.domain.eligibility import judge
from services.wallet.domain.entries import soonest_expiring
from services.wallet.domain.errors import (
    CardNotFoundError,
    ReservationNotFoundError,
)
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import (
    Reservation,
    ReservedSeat,
    Subject,
)
from services.wallet.domain.screening import ScreeningFacts, SeatFacts
from services.wallet.use_cases.ports import Transaction, Transactions
from services.wallet.use_cases.read_ports import QuickReservations


@dataclass(frozen=True, slots=True)
class ReservePlaces:
    """Reserve one place for each seat, all or none.

    The key's row is taken first, and the card's row locked with it: of two orders that race for the
    last place the second one sees what the first one left.
    """

    transactions: Transactions
    ask_after: timedelta
    quick: QuickReservations

    async def __call__(
        self,
        key: LegKey,
        account_id: UUID,
        card_id: UUID,
        screening: ScreeningFacts,
        seats: Sequence[SeatFacts],
    ) -> Reservation:
        subject = Subject(
            account_id, card_id, screening.screening_id, frozenset(seat.seat_id for seat in seats)
        )
        quick = await self._at_once(key, subject, screening, seats)
        if quick is not None:
            return quick
        async with self.transactions() as tx:
            if not await tx.reservations.claim(key, subject, self.ask_after):
                return await _repeated(tx, key, subject)
            locked = await tx.cards.read_locked(card_id, screening.screening_id)
            if locked is None or not _is_in_wallet(locked.card, account_id):
                raise CardNotFoundError(card_id)
            reserved = _reserve(locked.card, screening, seats, seats_paid=locked.seats_paid)
            await tx.cards.reserve(card_id, key, reserved)
            await tx.commit()
        return Reservation(key, subject, reserved, ReservationState.RESERVED)

    async def _at_once(
        self,
        key: LegKey,
        subject: Subject,
        screening: ScreeningFacts,
        seats: Sequence[SeatFacts],
    ) -> Reservation | None:
        """Reserve in one statement what was seen to be free; None to go the long way.

        A key that is known, and a limit on the seats of a screening, need the lock. A refusal needs
        none: what was seen could not pay, and nothing was written.
        """
        seen = await self.quick.look(key, subject.card_id)
        if seen is None or seen.is_known or seen.card.product.max_seats_per_screening:
            return None
        if not _is_in_wallet(seen.card, subject.account_id):
            return None
        reserved = _reserve(seen.card, screening, seats, seats_paid=0)
        if not await self.quick.take(key, subject, reserved, self.ask_after):
            return None
        return Reservation(key, subject, reserved, ReservationState.RESERVED)


async def _repeated(tx: Transaction, key: LegKey, subject: Subject) -> Reservation:
    reservation = await tx.reservations.lock(key)
    if reservation is None:
        raise ReservationNotFoundError(*key)
    if not isinstance(reservation, Reservation):
        raise reservation.not_this_one()
    reservation.confirm_same(subject)
    return reservation


def _reserve(
    card: Card, screening: ScreeningFacts, seats: Sequence[SeatFacts], *, seats_paid: int
) -> list[ReservedSeat]:
    eligibility = judge(card, screening, seats, seats_paid=seats_paid)
    eligibility.must_cover(card.id, seats)
    lots = soonest_expiring(card.lots, screening.validity_date, len(seats))
    return [
        ReservedSeat(seat.seat_id, lot_id, eligibility.supplements_due[seat.seat_id])
        for seat, lot_id in zip(seats, lots, strict=True)
    ]


def _is_in_wallet(card: Card, account_id: UUID) -> bool:
    return card.state is CardState.REGISTERED and card.account_id == account_id
