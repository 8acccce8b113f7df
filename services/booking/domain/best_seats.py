"""The best seats together that are left: what is proposed obeys the rules about neighbours first.

Within one row, side by side, nearest to the hall's focal point; else, where that is allowed, side by
side although a row leaves no other choice than a single free seat; else split (`split_party`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from services.booking.domain.gap_rule import has_better_place
from services.booking.domain.seat_layout import SeatLayout
from services.booking.domain.seats import SeatPlan, SeatState
from services.booking.domain.split_party import Hall, split


class PartyKind(StrEnum):
    """Which seats a party wants: special ones are proposed only to who asks for them.

    WHEELCHAIR: wheelchair places, each with its companion's seat; of an odd number one comes
    without. SOFA: whole sofas side by side, and half of one where the plan allows it.
    """

    ORDINARY = "ORDINARY"
    WHEELCHAIR = "WHEELCHAIR"
    SOFA = "SOFA"


@dataclass(frozen=True, slots=True)
class Party:
    """How many seats of which kind somebody wants together, and in which areas."""

    count: int
    kind: PartyKind = PartyKind.ORDINARY
    areas: Collection[str] = ()


def best_seats(
    plan: SeatPlan,
    states: bytes,
    party: Party,
    *,
    strict: bool = False,
    distances: Sequence[int] | None = None,
) -> list[int]:
    """Choose seats by index; none when there are not enough.

    `distances` of each seat from where the party wants to sit; the hall's focal point if None.
    """
    layout = plan.layout
    to_focus = layout.to_focus if distances is None else distances
    match party.kind:
        case PartyKind.WHEELCHAIR:
            return _wheelchair_places(plan, states, party, to_focus)
        case PartyKind.SOFA:
            return _sofas(plan, states, party, to_focus)
        case PartyKind.ORDINARY:
            hall = Hall(layout, states, _areas(plan, party), (0, *accumulate(to_focus)))
            return (
                _side_by_side(hall, party.count)
                or ([] if strict else _side_by_side_by_exemption(hall, party.count))
                or split(hall, party.count, strict=strict)
            )


def _areas(plan: SeatPlan, party: Party) -> frozenset[int] | None:
    """Give the first seats of the segments in the party's areas; None is all of them."""
    if not party.areas:
        return None
    return frozenset(
        first
        for row in plan.layout.rows
        for first, _ in row.segments
        if plan.ordered[first].area in party.areas
    )


def _side_by_side(hall: Hall, count: int) -> list[int]:
    starts = (
        at
        for row in hall.layout.rows
        for first, end in hall.runs(row)
        for at in hall.starts(first, end, count)
    )
    at = min(starts, key=lambda at: hall.distance(at, count), default=-1)
    return list(range(at, at + count)) if at >= 0 else []


def _side_by_side_by_exemption(hall: Hall, count: int) -> list[int]:
    """Leave a single seat in a row that cannot seat so many without."""
    starts = (
        at
        for row in hall.layout.rows
        for first, end in hall.runs(row)
        if end - first == count + 1 and not has_better_place(row, hall.states, count)
        for at in (first, first + 1)
    )
    at = min(starts, key=lambda at: hall.distance(at, count), default=-1)
    return list(range(at, at + count)) if at >= 0 else []


def _wheelchair_places(
    plan: SeatPlan, states: bytes, party: Party, to_focus: Sequence[int]
) -> list[int]:
    units = [unit for unit in _wheelchair_units(plan.layout, states) if _fits(plan, unit, party)]
    units.sort(key=lambda unit: (len(unit) == 1, to_focus[unit[0]]))
    if party.count == 1:
        units.sort(key=lambda unit: (len(unit) > 1, to_focus[unit[0]]))
    chosen: list[int] = []
    for unit in units:
        chosen += unit[: party.count - len(chosen)]
    return sorted(chosen) if len(chosen) == party.count else []


def _wheelchair_units(layout: SeatLayout, states: bytes) -> list[list[int]]:
    """List the free wheelchair places, each with its companions' seats that are free."""
    units = {index: [index] for index in layout.wheelchairs if states[index] == SeatState.FREE}
    for companion, wheelchair in layout.companions.items():
        if wheelchair in units and states[companion] == SeatState.FREE:
            units[wheelchair].append(companion)
    return list(units.values())


def _fits(plan: SeatPlan, indexes: Sequence[int], party: Party) -> bool:
    return not party.areas or all(plan.ordered[index].area in party.areas for index in indexes)


def _sofas(plan: SeatPlan, states: bytes, party: Party, to_focus: Sequence[int]) -> list[int]:
    """Take neighbouring sofas; the last of them by half if that is allowed and needed."""
    sofas = [sofa for sofa in _free_sofas(plan.layout, states) if _fits(plan, sofa, party)]
    choices = [
        choice for at in range(len(sofas)) for choice in _sofas_from(plan, sofas[at:], party.count)
    ]
    return min(choices, key=lambda seats: sum(to_focus[seat] for seat in seats), default=[])


def _free_sofas(layout: SeatLayout, states: bytes) -> list[tuple[int, ...]]:
    """List the sofas that can be had whole, without the seats that are blocked."""
    sofas = []
    for sofa in sorted(set(layout.sofas.values())):
        seats = tuple(seat for seat in sofa if states[seat] != SeatState.BLOCKED)
        if seats and all(states[seat] == SeatState.FREE for seat in seats):
            sofas.append(seats)
    return sofas


def _sofas_from(
    plan: SeatPlan, sofas: Sequence[tuple[int, ...]], count: int
) -> Iterator[list[int]]:
    chosen: list[int] = []
    for sofa in sofas:
        if chosen and plan.ordered[sofa[0]].segment != plan.ordered[chosen[-1]].segment:
            return
        if chosen and sofa[0] != chosen[-1] + 1:
            return
        rest = count - len(chosen)
        if rest < len(sofa) and plan.layout.sofas_sold_whole:
            return
        chosen += sofa[:rest]
        if len(chosen) == count:
            yield chosen
            return
