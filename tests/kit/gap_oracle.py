"""The gap rule read naively, everything tried out, to judge the one that sells.

A row is its segments, each the signs of adjacent seats: `_` is free, `C` chosen, all else is taken.
"""

from collections.abc import Collection, Sequence

Segments = list[list[str]]


def lone_seats(row: Segments) -> set[tuple[int, int]]:
    """Find free runs of one seat that touch a chosen one."""
    return {
        (number, at)
        for number, segment in enumerate(row)
        for at, sign in enumerate(segment)
        if sign == "_" and "_" not in neighbours(segment, at) and "C" in neighbours(segment, at)
    }


def neighbours(segment: Sequence[str], at: int) -> list[str]:
    """List the signs beside a seat."""
    return [segment[beside] for beside in (at - 1, at + 1) if 0 <= beside < len(segment)]


def placements(row: Segments, size: int) -> list[Segments]:
    """Try out every block of neighbouring free seats."""
    found = []
    for number, segment in enumerate(row):
        for at in range(len(segment) - size + 1):
            if segment[at : at + size] == ["_"] * size:
                placed = [list(each) for each in row]
                placed[number][at : at + size] = ["C"] * size
                found.append(placed)
    return found


def refused_seats(
    row: Segments, chosen: Collection[tuple[int, int]], *, strict: bool
) -> set[tuple[int, int]]:
    """Judge a choice in a row: the seats that it may not leave single, by segment and place."""
    after = [list(segment) for segment in row]
    for number, at in chosen:
        after[number][at] = "C"
    lone = lone_seats(after)
    if strict or any(not lone_seats(placed) for placed in placements(row, len(chosen))):
        return lone
    return {(number, at) for number, at in lone if neighbours(after[number], at) == ["C", "C"]}
