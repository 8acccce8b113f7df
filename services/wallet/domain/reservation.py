"""A reservation of places of one card."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.errors import DomainError
from services.common.money import Money
from services.wallet.domain.entries import MOVES, EntryKind, PlaceEntry
from services.wallet.domain.errors import ReservationDiffersError, ReservationReleasedError
from services.wallet.domain.leg import (
    LegKey,
    ReservationState,
    captures,
    refusal_of_other,
    releases,
    restores,
)


@dataclass(frozen=True, slots=True)
class ReservedSeat:
    """A seat, the lot whose place pays it, and the supplement that stays due."""

    seat_id: str
    lot_id: UUID
    supplement_due: Money | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reservation is about: the same on every repeat of the command."""

    account_id: UUID
    card_id: UUID
    screening_id: UUID
    seat_ids: frozenset[str]


@dataclass(slots=True)
class Reservation:
    """The places of one leg. Without a subject it is the tombstone of a key released unseen."""

    key: LegKey
    subject: Subject | None
    seats: Sequence[ReservedSeat]
    state: ReservationState

    def confirm_same(self, subject: Subject) -> None:
        """Pass when a repeat asks for what is reserved, or was, and not released."""
        if self.state is ReservationState.RELEASED:
            raise ReservationReleasedError(*self.key)
        if self.subject != subject:
            raise ReservationDiffersError(*self.key)

    def not_this_one(self) -> DomainError:
        """Say why a leg of vouchers cannot use the key: it is dead, or reserves places."""
        return refusal_of_other(self.key, self.state)

    def capture(self) -> list[PlaceEntry]:
        """Use the places for good; repeats and late ones move nothing."""
        if not captures(self.key, self.state):
            return []
        return self._move(ReservationState.CAPTURED, EntryKind.CAPTURE)

    def release(self) -> list[PlaceEntry]:
        """Free the places; once they are used this changes nothing, the state says so."""
        if not releases(self.state):
            return []
        return self._move(ReservationState.RELEASED, EntryKind.RELEASE)

    def restore(self) -> list[PlaceEntry]:
        """Give used places back to the lots that they came from."""
        if not restores(self.key, self.state):
            return []
        return self._move(ReservationState.RESTORED, EntryKind.RESTORE)

    def _move(self, state: ReservationState, kind: EntryKind) -> list[PlaceEntry]:
        self.state = state
        return [PlaceEntry(kind, seat.lot_id, seat.seat_id, MOVES[kind]) for seat in self.seats]


def reserve_entries(seats: Sequence[ReservedSeat]) -> list[PlaceEntry]:
    """Give the entries of a new reservation."""
    kind = EntryKind.RESERVE
    return [PlaceEntry(kind, seat.lot_id, seat.seat_id, MOVES[kind]) for seat in seats]
