"""Which seats of another hall those get who have bought: whoever can keeps theirs.

Everybody else is seated by the order that is given, or, as long as there is room for all, the largest
parties first, because they are the hardest to keep together. The same halls and parties always give
the same seats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.booking.domain.seat_finding import NewHall, Point, Target, Wanted, places_of, runs_of
from services.booking.domain.seat_layout import Seat, SeatKind
from services.booking.domain.seats import SeatPlan


@dataclass(frozen=True, slots=True)
class Party:
    """Who bought together: seats of the hall that is left, each with the areas that are no worse."""

    id: UUID
    seats: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class MovedSeats:
    """The new seats of each party by its old ones; `unseated` have none, in the order given."""

    seats: Mapping[UUID, Mapping[str, Seat]]
    unseated: tuple[UUID, ...]

    def keeps(self, party_id: UUID) -> bool:
        """Whether a party has the seats of the same names."""
        return all(old == new.id for old, new in self.seats[party_id].items())


def move_seats(
    old: SeatPlan, new: SeatPlan, parties: Sequence[Party], blocked: Iterable[int] = ()
) -> MovedSeats:
    """Seat all parties in the new hall without the seats that are blocked there.

    Nobody gets a worse area or loses a wheelchair place, and none that sat together is split while
    there is a free run that would hold it. Who comes first in the sequence is the last to go without.
    """
    moving = _Moving(old, new, parties, frozenset(blocked))
    moved = moving.largest_first()
    return moving.first_come_first_served() if moved.unseated else moved


@dataclass(slots=True)
class _Moving:
    old: SeatPlan
    new: SeatPlan
    parties: Sequence[Party]
    blocked: frozenset[int]
    _places: list[Point] = field(init=False)
    _kept: dict[UUID, dict[str, Seat]] = field(init=False)

    def __post_init__(self) -> None:
        self._places = places_of(self.old)
        kept = {party.id: self._same_seats(party) for party in self.parties}
        self._kept = {party_id: seats for party_id, seats in kept.items() if seats}

    def largest_first(self) -> MovedSeats:
        hall = self._hall()
        for seats in self._kept.values():
            hall.take(seat.index for seat in seats.values())
        seated: dict[UUID, Mapping[str, Seat]] = dict(self._kept)
        others = [party for party in self.parties if party.id not in seated]
        for party in sorted(others, key=lambda party: -len(party.seats)):
            found = hall.seat(self._wanted(party))
            if found is not None:
                seated[party.id] = found
        return self._moved(seated)

    def first_come_first_served(self) -> MovedSeats:
        """Seat in the order given; what somebody later would keep is taken last."""
        hall = self._hall()
        seated: dict[UUID, Mapping[str, Seat]] = {}
        kept_later = {
            party_id: {seat.index for seat in seats.values()}
            for party_id, seats in self._kept.items()
        }
        for party in self.parties:
            own = kept_later.pop(party.id, set())
            if own and own <= hall.free:
                hall.take(own)
                seated[party.id] = self._kept[party.id]
                continue
            wanted, spared = self._wanted(party), set().union(*kept_later.values())
            found = hall.seat(wanted, sparing=spared) or hall.seat(wanted)
            if found is not None:
                seated[party.id] = found
        return self._moved(seated)

    def _hall(self) -> NewHall:
        taken = self.blocked | {seat.index for seat in self.new.ordered if seat.blocked}
        return NewHall(self.new, set(range(len(self.new.ordered))) - taken)

    def _moved(self, seated: Mapping[UUID, Mapping[str, Seat]]) -> MovedSeats:
        unseated = tuple(party.id for party in self.parties if party.id not in seated)
        return MovedSeats(seated, unseated)

    def _same_seats(self, party: Party) -> dict[str, Seat]:
        """Give the seats of the same names if they are as good and as near to each other."""
        same: dict[str, Seat] = {}
        for seat_id, areas in party.seats.items():
            seat, was = self.new.seats.get(seat_id), self.old.seat(seat_id)
            if seat is None or seat.blocked or seat.index in self.blocked:
                return {}
            if seat.kind is not was.kind or seat.area not in areas:
                return {}
            same[seat_id] = seat
        before = runs_of([self.old.seat(seat_id) for seat_id in party.seats])
        return same if len(runs_of(same.values())) <= len(before) else {}

    def _wanted(self, party: Party) -> list[Wanted]:
        """Tell a party apart: wheelchair places with their companions first, then each run."""
        seats = [self.old.seat(seat_id) for seat_id in party.seats]
        wheelchairs = {seat.id: seat for seat in seats if seat.kind is SeatKind.WHEELCHAIR}
        beside: dict[str, list[Seat]] = {seat_id: [] for seat_id in wheelchairs}
        others = []
        for seat in seats:
            if seat.companion_of in beside:
                beside[seat.companion_of].append(seat)
            elif seat.id not in wheelchairs:
                others.append(seat)
        wanted = [
            self._unit(party, [wheelchairs[at], *with_them]) for at, with_them in beside.items()
        ]
        runs = sorted(runs_of(others), key=lambda run: (-len(run), run[0].index))
        return wanted + [self._unit(party, run) for run in runs]

    def _unit(self, party: Party, seats: Sequence[Seat]) -> Wanted:
        areas = [party.seats[seat.id] for seat in seats]
        target = Target.of(self._places, seats)
        return Wanted(tuple(seats), frozenset.intersection(*areas), target)
