"""Where the areas of a Vista layout lie: on one grid that they share, or each on its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.domain.seat_plan_source import number_of, position_at, wrong

_SIZES = ("Left", "Top", "Width", "Height", "ColumnCount", "RowCount")


@dataclass(frozen=True, slots=True)
class AreaFrame:
    """An area's grid: where its first column and row are, and how far on the next ones."""

    left: float
    top: float
    column: float
    row: float


@dataclass(frozen=True, slots=True)
class _Rectangle:
    left: float
    top: float
    width: float
    height: float
    columns: float
    rows: float

    def frame(self) -> AreaFrame:
        return AreaFrame(self.left, self.top, self.width / self.columns, self.height / self.rows)


def area_frames(areas: Sequence[Mapping[str, Any]], field: str) -> tuple[list[AreaFrame], float]:
    """Find the grid of each area, scaled to the narrowest seats; and how wide these are.

    Areas share a grid when they have no rectangles, or all the same, or when their indices fit
    together as they are. Otherwise each has its own grid inside its rectangle.
    """
    found = [_rectangle(area, f"{field}[{index}]") for index, area in enumerate(areas)]
    rectangles = [each for each in found if each is not None]
    if len(rectangles) < len(areas):
        return [AreaFrame(0, 0, 1, 1)] * len(areas), 1.0
    if _share_one_grid(rectangles, areas):
        first = rectangles[0]
        unit = first.width / max(each.columns for each in rectangles)
        return [AreaFrame(first.left / unit, 0, 1, 1)] * len(areas), unit
    frames = [each.frame() for each in rectangles]
    column, row = min(each.column for each in frames), min(each.row for each in frames)
    return [
        AreaFrame(each.left / column, each.top / row, each.column / column, each.row / row)
        for each in frames
    ], column


def _rectangle(area: Mapping[str, Any], where: str) -> _Rectangle | None:
    if any(number_of(area.get(name)) is None for name in _SIZES):
        return None
    values = [position_at(area[name], f"{where}.{name}") for name in _SIZES]
    if min(values[2:]) < 0:
        raise wrong(where, "has a size below zero")
    return _Rectangle(*values) if min(values[2:]) > 0 else None


def _share_one_grid(rectangles: Sequence[_Rectangle], areas: Sequence[Mapping[str, Any]]) -> bool:
    if len({(each.left, each.top, each.width, each.height) for each in rectangles}) == 1:
        return True
    if len({(each.columns, each.rows) for each in rectangles}) > 1:
        return False
    places, names = set(), set()
    for row_index, column, name in _indices(areas):
        if (row_index, column) in places:
            return False
        places.add((row_index, column))
        names.add((row_index, name))
    return len({row for row, _ in names}) == len(names) == len({name for _, name in names})


def _indices(areas: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Yield row, column and row name of each seat as far as they can be read."""
    for area in areas:
        rows = area.get("Rows")
        for row in rows if isinstance(rows, list) else ():
            seats = row.get("Seats") if isinstance(row, dict) else None
            for seat in seats if isinstance(seats, list) else ():
                position = seat.get("Position") if isinstance(seat, dict) else None
                if isinstance(position, dict):
                    yield (
                        str(position.get("RowIndex")),
                        str(position.get("ColumnIndex")),
                        str(row.get("PhysicalName")),
                    )
