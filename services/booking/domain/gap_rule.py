"""The gap rule: no single free seat may be left beside the seats that somebody chooses.

Hot: it is judged at every hold. Seats are their indexes, states one byte for each seat.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from services.booking.domain.seat_layout import SeatLayout, SeatRow
from services.booking.domain.seats import SeatState

_FREE = int(SeatState.FREE)
_CHOSEN, _BORDER = 0, 255  # No states that a seat map knows.
FREE_RUN = re.compile(re.escape(bytes([_FREE])) + b"+")


class SingleSeat(NamedTuple):
    """A free seat that would be left alone; `is_inside`: between two of the chosen ones."""

    seat: int
    is_inside: bool


def single_seats_left(
    layout: SeatLayout,
    states: bytes,
    chosen: Collection[int],
    *,
    own: Collection[int] = (),
    strict: bool = False,
) -> list[SingleSeat]:
    """List the single seats for which a choice is refused, in the order of the plan; none is fine.

    The chosen seats can be had. `own` are those that the caller's hold has so far: free before,
    and free afterwards unless chosen again. Unless `strict`, a row in which so many seats cannot
    be had without leaving a single one may be left with one, though never inside of the choice.
    """
    after = bytearray(states)
    for index in own:
        after[index] = _FREE
    for index in chosen:
        after[index] = _CHOSEN
    singles = _singles(layout, after, chosen)
    if singles and not strict:
        singles = _without_exempt(layout, after, singles)
    return [SingleSeat(*single) for single in sorted(singles.items())]


def _without_exempt(
    layout: SeatLayout, after: bytearray, singles: dict[int, bool]
) -> dict[int, bool]:
    """Drop the seats beside the choice in rows that had no better place for so many."""
    before = after.replace(bytes([_CHOSEN]), bytes([_FREE]))
    exempt: dict[int, bool] = {}
    for number in {layout.row_of[index] for index in singles}:
        row = layout.rows[number]
        seats = sum(after.count(_CHOSEN, first, end) for first, end in row.segments)
        exempt[number] = not has_better_place(row, before, seats)
    return {
        index: is_inside
        for index, is_inside in singles.items()
        if is_inside or not exempt[layout.row_of[index]]
    }


def _singles(layout: SeatLayout, after: bytearray, chosen: Collection[int]) -> dict[int, bool]:
    """Find the free seats that are left alone next to chosen ones, and whether they are inside."""
    singles: dict[int, bool] = {}
    segment_of = layout.segment_of
    for index in chosen:
        first, end = segment_of[index]
        left, right = index - 1, index + 1
        if left >= first and after[left] == _FREE:
            beyond = after[left - 1] if left > first else _BORDER
            if beyond != _FREE:
                singles[left] = beyond == _CHOSEN
        if right < end and after[right] == _FREE:
            beyond = after[right + 1] if right + 1 < end else _BORDER
            if beyond != _FREE:
                singles[right] = beyond == _CHOSEN
    return singles


def has_better_place(row: SeatRow, before: bytes | bytearray, seats: int) -> bool:
    """Tell whether so many seats fit into the row side by side without leaving a single one.

    They fill a free run, or leave two or more seats at its other end.
    """
    for first, end in row.segments:
        for run in FREE_RUN.finditer(before, first, end):
            left_over = run.end() - run.start() - seats
            if left_over == 0 or left_over > 1:
                return True
    return False
