"""Draws a seat plan as SVG, so that a person can see whether it is the hall.

Lengths are those of the plan, hundredths of a seat's width. All text is escaped: it may come from
anywhere. The same plan always gives the same drawing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from xml.sax.saxutils import escape

from services.catalog.domain.seat_plan import (
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    Segment,
    SofaSale,
)

PIXELS_PER_SEAT = 26
_SEAT = 84
_HALF = _SEAT // 2
_MARGIN = 100
_LEGEND_GAP = 160
_ROW_LETTER_WIDTH = 34
_LEGEND_LINE = 128
_LETTER_WIDTH = 21
_LEGEND_TEXT_X = 220
_SCREEN_GAP = 170
_ROW_DEPTH = 150
_AISLE = 200
_FILLS = (
    "#cfe3f7", "#fbd7c4", "#d5ecd0", "#e6d7f2", "#fbe9b7", "#c9ecec", "#f5cfdd", "#dddfc2",
)  # fmt: skip
_STYLE = (
    "text{font-family:sans-serif;font-size:36px;fill:#222;text-anchor:middle}"
    ".row{font-weight:bold;font-size:44px}.left{text-anchor:start}.end{text-anchor:end}"
    ".seat{stroke:#5b6b7b;stroke-width:4}.off{fill:#e4e4e4;stroke:#9a9a9a}"
    ".sofa{fill:#8a5a44;stroke:#5e3a2a;stroke-width:4}"
    ".aisle{fill:#f1f1f1}.screen{fill:#444}.line{fill:none;stroke:#222;stroke-width:7}"
    ".cross{stroke:#b03030;stroke-width:7}.tie{stroke:#1f5fa8;stroke-width:10}"
)
_SYMBOLS = (
    '<symbol id="wheelchair" viewBox="-50 -50 100 100"><circle class="line" cx="-4" cy="14" r="22"/>'
    '<path class="line" d="M-6 -22V2H20L30 28"/><circle cx="-6" cy="-34" r="8"/></symbol>'
    '<symbol id="companion" viewBox="-50 -50 100 100"><circle cx="0" cy="-18" r="14"/>'
    '<path class="line" d="M-26 32C-26 -2 26 -2 26 32"/></symbol>'
)


@dataclass(frozen=True, slots=True)
class _Box:
    """What the seats take up."""

    left: int
    top: int
    right: int
    bottom: int


def draw_seat_plan(plan: SeatPlan) -> str:
    """Write a whole SVG document."""
    plan = plan if _is_laid_out(plan) else _laid_out(plan)
    seats = list(plan.seats())
    box = _Box(
        min(seat.x for seat in seats) - _HALF,
        min(seat.y for seat in seats) - _HALF,
        max(seat.x for seat in seats) + _HALF,
        max(seat.y for seat in seats) + _HALF,
    )
    screen = plan.screen or Screen(
        max(0, box.left), max(0, box.top - _SCREEN_GAP), box.right - box.left
    )
    fills = {key: _FILLS[index % len(_FILLS)] for index, key in enumerate(_groups(plan))}
    legend = list(_legend(plan, fills))
    beside = _MARGIN + _ROW_LETTER_WIDTH * max(len(row.name) for row in plan.rows)
    left = min(box.left - beside, screen.x - _MARGIN)
    longest = max(len(entry.text) for entry in legend)
    written = box.left + _LEGEND_TEXT_X + longest * _LETTER_WIDTH
    right = max(box.right + beside, screen.x + screen.width + _MARGIN, written + _MARGIN)
    top = min(box.top, screen.y) - _MARGIN
    bottom = box.bottom + _LEGEND_GAP + _LEGEND_LINE * len(legend)
    width, height = right - left, bottom - top
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="{left} {top} {width} {height}"'
        f' width="{width * PIXELS_PER_SEAT // 100}" height="{height * PIXELS_PER_SEAT // 100}">'
    )
    return "\n".join(
        (
            head,
            f"<title>{plan.capacity} seats</title>",
            f"<style>{_STYLE}</style>",
            f"<defs>{_SYMBOLS}</defs>",
            f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#fff"/>',
            *_drawn_screen(screen),
            *(line for row in plan.rows for line in _drawn_row(row, plan, fills)),
            *(
                line
                for index, entry in enumerate(legend)
                for line in _placed(
                    entry, box.left, box.bottom + _LEGEND_GAP + index * _LEGEND_LINE
                )
            ),
            "</svg>\n",
        )
    )


def _is_laid_out(plan: SeatPlan) -> bool:
    return len({(seat.x, seat.y) for seat in plan.seats()}) == plan.capacity


def _laid_out(plan: SeatPlan) -> SeatPlan:
    """Place the seats of a plan without coordinates: rows behind each other, aisles between."""
    rows = []
    for index, row in enumerate(plan.rows):
        x, segments = _AISLE, []
        for segment in row.segments:
            y = 2 * _ROW_DEPTH + index * _ROW_DEPTH
            segments.append(
                tuple(replace(seat, x=x + 100 * at, y=y) for at, seat in enumerate(segment))
            )
            x += 100 * len(segment) + _AISLE - 100
        rows.append(Row(row.name, tuple(segments)))
    return replace(plan, rows=tuple(rows), screen=None)


def _groups(plan: SeatPlan) -> list[tuple[str, str]]:
    """List what has a colour of its own: zone and price area, front first."""
    return list(dict.fromkeys((seat.zone_id, seat.area) for seat in plan.seats()))


def _drawn_screen(screen: Screen) -> Iterator[str]:
    left, right = screen.x, screen.x + screen.width
    yield (
        f'<path class="screen" d="M{left} {screen.y}H{right}L{right - 40} {screen.y + 24}'
        f'H{left + 40}Z"/>'
    )
    yield _text((left + right) // 2, screen.y - 30, "SCREEN", "row")


def _drawn_row(row: Row, plan: SeatPlan, fills: dict[tuple[str, str], str]) -> Iterator[str]:
    for before, after in pairwise(row.segments):
        yield _aisle(before[-1], after[0])
    first, last = row.segments[0][0], row.segments[-1][-1]
    yield _text(first.x - _HALF - 35, first.y + 15, row.name, "row end")
    yield _text(last.x + _HALF + 35, last.y + 15, row.name, "row left")
    by_id = {seat.id: seat for seat in row.seats()}
    for seat in row.seats():
        if seat.companion_of in by_id:
            yield _tie(seat, by_id[seat.companion_of])
    for segment in row.segments:
        for run in _sofas(segment):
            yield _sofa(run)
        for seat in segment:
            yield from _drawn_seat(seat, plan, fills[seat.zone_id, seat.area])


def _aisle(left: Seat, right: Seat) -> str:
    x, y = left.x + _HALF + 8, min(left.y, right.y) - _HALF
    width = max(0, right.x - _HALF - 8 - x)
    return f'<rect class="aisle" x="{x}" y="{y}" width="{width}" height="{_SEAT}"/>'


def _sofas(segment: Segment) -> Iterator[Sequence[Seat]]:
    for sofa_id in dict.fromkeys(seat.sofa_id for seat in segment if seat.sofa_id):
        yield [seat for seat in segment if seat.sofa_id == sofa_id]


def _sofa(seats: Sequence[Seat]) -> str:
    left = min(seat.x for seat in seats) - _HALF - 3
    right = max(seat.x for seat in seats) + _HALF + 3
    top = min(seat.y for seat in seats) - _HALF - 10
    bottom = max(seat.y for seat in seats) + _HALF + 22
    return (
        f'<rect class="sofa" x="{left}" y="{top}" width="{right - left}"'
        f' height="{bottom - top}" rx="26"/>'
    )


def _tie(companion: Seat, wheelchair: Seat) -> str:
    return (
        f'<line class="tie" x1="{companion.x}" y1="{companion.y}" x2="{wheelchair.x}"'
        f' y2="{wheelchair.y}"/>'
    )


def _drawn_seat(seat: Seat, plan: SeatPlan, fill: str) -> Iterator[str]:
    names = {zone.id: zone.name for zone in plan.zones}
    told = [seat.id, seat.kind.lower(), names.get(seat.zone_id, ""), seat.area]
    if seat.block_reason:
        told.append(f"not for sale: {seat.block_reason.lower().replace('_', ' ')}")
    yield f"<g><title>{_escaped(', '.join(each for each in told if each))}</title>"
    yield from _place(seat.x, seat.y, fill, seat.kind, is_blocked=bool(seat.block_reason))
    if seat.kind in _SYMBOL_OF:
        yield _text(seat.x, seat.y + _HALF - 6, seat.number, size=24)
    else:
        yield _text(seat.x, seat.y + 13, seat.number, size=min(36, 150 // len(seat.number)))
    yield "</g>"


_SYMBOL_OF = {SeatKind.WHEELCHAIR: "wheelchair", SeatKind.COMPANION: "companion"}


def _place(x: int, y: int, fill: str, kind: SeatKind, *, is_blocked: bool) -> Iterator[str]:
    left, top = x - _HALF, y - _HALF
    look = 'class="seat off"' if is_blocked else f'class="seat" fill="{fill}"'
    rx = 6 if kind is SeatKind.WHEELCHAIR else 22
    yield f'<rect {look} x="{left}" y="{top}" width="{_SEAT}" height="{_SEAT}" rx="{rx}"/>'
    if kind in _SYMBOL_OF:
        symbol = _SYMBOL_OF[kind]
        yield f'<use href="#{symbol}" x="{left + 15}" y="{top}" width="54" height="54"/>'
    if is_blocked:
        right, bottom = left + _SEAT, top + _SEAT
        yield f'<path class="cross" d="M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom}"/>'


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the legend."""

    text: str
    fill: str = "#fff"
    kind: SeatKind = SeatKind.STANDARD
    is_blocked: bool = False


def _legend(plan: SeatPlan, fills: dict[tuple[str, str], str]) -> Iterator[_Entry]:
    names = {zone.id: zone.name for zone in plan.zones}
    seats = list(plan.seats())
    for zone_id, area in _groups(plan):
        count = sum((seat.zone_id, seat.area) == (zone_id, area) for seat in seats)
        name = f"{names[zone_id]}, " if zone_id in names else ""
        yield _Entry(f"{name}price area {area}: {count} places", fills[zone_id, area])
    kinds = {seat.kind for seat in seats}
    if SeatKind.SOFA in kinds:
        halves = plan.sofa_sale is SofaSale.HALF_ALLOWED
        sold = "half may be sold" if halves else "sold whole"
        yield _Entry(f"sofa, {sold}", kind=SeatKind.SOFA)
    if SeatKind.WHEELCHAIR in kinds:
        yield _Entry("wheelchair place", kind=SeatKind.WHEELCHAIR)
    if SeatKind.COMPANION in kinds:
        yield _Entry("companion's seat, tied to its wheelchair place", kind=SeatKind.COMPANION)
    if any(seat.block_reason for seat in seats):
        yield _Entry("not for sale", is_blocked=True)


def _placed(entry: _Entry, left: int, y: int) -> Iterator[str]:
    x = left + _HALF
    if entry.kind is SeatKind.SOFA:
        half = Seat("", "", entry.kind, "", "", x, y)
        yield _sofa((half, replace(half, x=x + 100)))
        yield from _place(x + 100, y, entry.fill, entry.kind, is_blocked=False)
    yield from _place(x, y, entry.fill, entry.kind, is_blocked=entry.is_blocked)
    yield _text(left + _LEGEND_TEXT_X, y + 13, entry.text, "left")


def _text(x: int, y: int, text: str, look: str = "", *, size: int = 0) -> str:
    css = f' class="{look}"' if look else ""
    style = f' style="font-size:{size}px"' if size else ""
    return f'<text{css} x="{x}" y="{y}"{style}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    """Make a text safe inside an element: what cannot be printed is not in XML either."""
    return escape("".join(each if each.isprintable() else "\ufffd" for each in text))
