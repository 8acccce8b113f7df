"""What is offered instead of seats that cannot be had."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.booking.domain.best_seats import Party, PartyKind
from services.booking.domain.seat_layout import Seat, SeatKind, distances
from services.booking.domain.seats import SeatPlan, SeatState

_PARTY_KINDS = {
    frozenset({SeatKind.STANDARD}): PartyKind.ORDINARY,
    frozenset({SeatKind.SOFA}): PartyKind.SOFA,
    frozenset({SeatKind.WHEELCHAIR}): PartyKind.WHEELCHAIR,
    frozenset({SeatKind.WHEELCHAIR, SeatKind.COMPANION}): PartyKind.WHEELCHAIR,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why a hold is not of the seats that were wished for.

    `reason` is that of the refusal, `lost` the wished seats that were not free, with their states.
    """

    reason: str
    lost: Sequence[tuple[str, SeatState]]


def parties_like(seats: Sequence[Seat]) -> list[Party]:
    """Describe parties that would sit as these seats do: of their areas first, then of any.

    There is none like a party of ordinary and special seats mixed.
    """
    kind = _PARTY_KINDS.get(frozenset(seat.kind for seat in seats))
    if kind is None:
        return []
    return widened(Party(len(seats), kind, frozenset(seat.area for seat in seats)))


def widened(party: Party) -> list[Party]:
    """Give the party, and the one that would sit in any area."""
    return [party, replace(party, areas=())] if party.areas else [party]


def distances_from(plan: SeatPlan, seats: Sequence[Seat]) -> tuple[int, ...]:
    """Measure how far every seat of the plan is from the middle of these."""
    places = [plan.layout.places[seat.index] for seat in seats]
    middle = (
        sum(x for x, _ in places) // len(places),
        sum(y for _, y in places) // len(places),
    )
    return distances(plan.layout.places, middle)
