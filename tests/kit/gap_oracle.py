"""The gap rule once more, naive and slow, to judge the one that sells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Row = Sequence[Sequence[int]]


def single_seats(free: Iterable[bool]) -> set[int]:
    """List the places of free seats that have no free neighbour."""
    line = [False, *free, False]
    return {
        at - 1
        for at in range(1, len(line) - 1)
        if line[at] and not line[at - 1] and not line[at + 1]
    }


def orphans(free: set[int], chosen: set[int], row: Row) -> set[int]:
    """List the seats of a row that the choice newly leaves single beside itself.

    `row` is its segments, each the indexes of adjacent seats; `free` are the seats that anyone
    could take before.
    """
    found: set[int] = set()
    for segment in row:
        before = single_seats(seat in free for seat in segment)
        after = single_seats(seat in free - chosen for seat in segment)
        for at in after - before:
            neighbours = segment[max(0, at - 1) : at + 2]
            if chosen.intersection(neighbours):
                found.add(segment[at])
    return found


def is_allowed(free: set[int], chosen: set[int], row: Row) -> bool:
    """Judge a row: no new single seat, or none that any block of so many seats could avoid."""
    left = orphans(free, chosen, row)
    if not left:
        return True
    if any(_inside(seat, chosen, segment) for seat in left for segment in row if seat in segment):
        return False
    party = len(chosen.intersection(seat for segment in row for seat in segment))
    blocks = (
        set(segment[at : at + party])
        for segment in row
        for at in range(len(segment) - party + 1)
        if free.issuperset(segment[at : at + party])
    )
    return all(orphans(free, block, row) for block in blocks)


def _inside(seat: int, chosen: set[int], segment: Sequence[int]) -> bool:
    at = segment.index(seat)
    return 0 < at < len(segment) - 1 and {segment[at - 1], segment[at + 1]} <= chosen
