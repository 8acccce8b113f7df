"""What makes a seat plan sound, and which wheelchair place a companion's seat belongs to."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan import Row, Seat, SeatKind, SeatPlan, Segment
from services.common.errors import FieldViolation

MAX_ROWS_PER_PLAN = 100
MAX_SEGMENTS_PER_ROW = 60
MAX_SEATS_PER_SEGMENT = 100
MAX_SEATS_PER_PLAN = 2_000
MAX_ZONES_PER_PLAN = 20
MIN_SEATS_PER_SOFA = 2
MAX_COORDINATE = 100_000
MAX_LABEL_CHARACTERS = 8
MAX_ZONE_NAME_CHARACTERS = 40

SEAT_ID = re.compile(r"[A-Za-z0-9-]{1,16}")
AREA_CODE = re.compile(r"[A-Z0-9_]{1,32}")


def must_be_sound(plan: SeatPlan, *, at: str = "") -> None:
    """Raise INVALID_SEAT_PLAN naming what is wrong, the first twenty of it.

    `at` is written before each path. A plan beyond the limits is not looked at any further.
    """
    violations: list[FieldViolation] = []
    for checks in ((_size,), (_texts, _zones, _unique, _sofas, _companions)):
        violations = [violation for check in checks for violation in check(plan)]
        if violations:
            break
    if violations:
        raise InvalidSeatPlanError(
            [FieldViolation(at + each.field, each.description) for each in violations]
        )


def with_bound_companions(plan: SeatPlan) -> SeatPlan:
    """Name the wheelchair place of every companion's seat that does not name its own.

    It is the one beside the seat; of two, the one that has no companion's seat yet.
    """
    return replace(
        plan,
        rows=tuple(
            Row(row.name, tuple(_bound(segment) for segment in row.segments)) for row in plan.rows
        ),
    )


def _bound(segment: Segment) -> Segment:
    taken = {seat.companion_of for seat in segment}
    bound = list(segment)
    for index, seat in enumerate(segment):
        if seat.kind is SeatKind.COMPANION and not seat.companion_of:
            beside = _wheelchairs_beside(segment, index)
            place = next((each for each in beside if each not in taken), beside[0])
            taken.add(place)
            bound[index] = replace(seat, companion_of=place)
    return tuple(bound)


def _wheelchairs_beside(segment: Segment, index: int) -> list[str]:
    neighbours = segment[max(0, index - 1) : index] + segment[index + 1 : index + 2]
    return [seat.id for seat in neighbours if seat.kind is SeatKind.WHEELCHAIR]


def _segments(plan: SeatPlan) -> Iterator[tuple[str, Segment]]:
    for row_index, row in enumerate(plan.rows):
        for index, segment in enumerate(row.segments):
            yield f"rows[{row_index}].segments[{index}]", segment


def _places(plan: SeatPlan) -> Iterator[tuple[str, Seat]]:
    for path, segment in _segments(plan):
        for index, seat in enumerate(segment):
            yield f"{path}.seats[{index}]", seat


def _size(plan: SeatPlan) -> Iterator[FieldViolation]:
    if not plan.rows:
        yield FieldViolation("rows", "has no row")
    elif len(plan.rows) > MAX_ROWS_PER_PLAN:
        yield FieldViolation("rows", f"has more than {MAX_ROWS_PER_PLAN} rows")
    elif plan.capacity > MAX_SEATS_PER_PLAN:
        yield FieldViolation("rows", f"has more than {MAX_SEATS_PER_PLAN} seats")
    if len(plan.zones) > MAX_ZONES_PER_PLAN:
        yield FieldViolation("zones", f"has more than {MAX_ZONES_PER_PLAN} zones")
    for index, row in enumerate(plan.rows[:MAX_ROWS_PER_PLAN]):
        if not 1 <= len(row.segments) <= MAX_SEGMENTS_PER_ROW:
            yield FieldViolation(
                f"rows[{index}].segments", f"has not 1 to {MAX_SEGMENTS_PER_ROW} segments"
            )
        for number, segment in enumerate(row.segments[:MAX_SEGMENTS_PER_ROW]):
            if not 1 <= len(segment) <= MAX_SEATS_PER_SEGMENT:
                yield FieldViolation(
                    f"rows[{index}].segments[{number}].seats",
                    f"has not 1 to {MAX_SEATS_PER_SEGMENT} seats",
                )


def _texts(plan: SeatPlan) -> Iterator[FieldViolation]:
    for index, row in enumerate(plan.rows):
        if not _is_text(row.name, MAX_LABEL_CHARACTERS):
            yield FieldViolation(f"rows[{index}].name", _no_text(MAX_LABEL_CHARACTERS))
    for path, seat in _places(plan):
        if not SEAT_ID.fullmatch(seat.id):
            yield FieldViolation(f"{path}.id", "is not 1 to 16 letters, digits and hyphens")
        if not _is_text(seat.number, MAX_LABEL_CHARACTERS):
            yield FieldViolation(f"{path}.number", _no_text(MAX_LABEL_CHARACTERS))
        if not AREA_CODE.fullmatch(seat.area):
            yield FieldViolation(f"{path}.area", "is not 1 to 32 of A-Z, 0-9 and _")
        if seat.sofa_id and not SEAT_ID.fullmatch(seat.sofa_id):
            yield FieldViolation(f"{path}.sofa_id", "is not 1 to 16 letters, digits and hyphens")
        for name, value in (("x", seat.x), ("y", seat.y)):
            if not 0 <= value <= MAX_COORDINATE:
                yield FieldViolation(f"{path}.{name}", f"is not 0 to {MAX_COORDINATE}")


def _zones(plan: SeatPlan) -> Iterator[FieldViolation]:
    known: set[str] = set()
    for index, zone in enumerate(plan.zones):
        if not AREA_CODE.fullmatch(zone.id) or zone.id in known:
            yield FieldViolation(f"zones[{index}].id", "is no code of its own")
        if not _is_text(zone.name, MAX_ZONE_NAME_CHARACTERS):
            yield FieldViolation(f"zones[{index}].name", _no_text(MAX_ZONE_NAME_CHARACTERS))
        known.add(zone.id)
    for path, seat in _places(plan):
        if seat.zone_id and seat.zone_id not in known:
            yield FieldViolation(f"{path}.zone_id", f"there is no zone {seat.zone_id}")
    screen = plan.screen
    if screen is not None and not (
        0 <= screen.x <= MAX_COORDINATE
        and 0 <= screen.y <= MAX_COORDINATE
        and 1 <= screen.width <= MAX_COORDINATE
    ):
        yield FieldViolation("screen", f"is not within 0 to {MAX_COORDINATE}")


def _unique(plan: SeatPlan) -> Iterator[FieldViolation]:
    seen: set[str] = set()
    for path, seat in _places(plan):
        if seat.id in seen:
            yield FieldViolation(f"{path}.id", f"{seat.id} is there twice")
        seen.add(seat.id)
    names: set[str] = set()
    for index, row in enumerate(plan.rows):
        if row.name in names:
            yield FieldViolation(f"rows[{index}].name", f"row {row.name} is there twice")
        names.add(row.name)


def _sofas(plan: SeatPlan) -> Iterator[FieldViolation]:
    """Find broken sofas: two or more neighbours of one segment; only their seats name one."""
    sizes = Counter(seat.sofa_id for seat in plan.seats() if seat.sofa_id)
    for path, segment in _segments(plan):
        places: dict[str, list[int]] = {}
        for index, seat in enumerate(segment):
            field = f"{path}.seats[{index}].sofa_id"
            if (seat.kind is SeatKind.SOFA) != bool(seat.sofa_id):
                yield FieldViolation(field, "a sofa's seats, and only they, name their sofa")
            elif seat.sofa_id:
                places.setdefault(seat.sofa_id, []).append(index)
        for sofa_id, indices in places.items():
            field = f"{path}.seats[{indices[0]}].sofa_id"
            if sizes[sofa_id] < MIN_SEATS_PER_SOFA:
                yield FieldViolation(field, f"sofa {sofa_id} has one seat")
            elif len(indices) != sizes[sofa_id] or indices[-1] - indices[0] != len(indices) - 1:
                yield FieldViolation(field, f"the seats of sofa {sofa_id} are not side by side")


def _companions(plan: SeatPlan) -> Iterator[FieldViolation]:
    """Find companions' seats without a wheelchair place: in their row, or beside them."""
    for row_index, row in enumerate(plan.rows):
        wheelchairs = {seat.id for seat in row.seats() if seat.kind is SeatKind.WHEELCHAIR}
        for number, segment in enumerate(row.segments):
            for index, seat in enumerate(segment):
                path = f"rows[{row_index}].segments[{number}].seats[{index}]"
                if seat.kind is not SeatKind.COMPANION:
                    if seat.companion_of:
                        yield FieldViolation(f"{path}.companion_of", f"{seat.id} is no companion's")
                elif seat.companion_of:
                    if seat.companion_of not in wheelchairs:
                        yield FieldViolation(
                            f"{path}.companion_of",
                            f"{seat.companion_of} is no wheelchair place of row {row.name}",
                        )
                elif not _wheelchairs_beside(segment, index):
                    yield FieldViolation(
                        f"{path}.kind", f"{seat.id} has no wheelchair place beside it"
                    )


def _is_text(text: str, max_characters: int) -> bool:
    return 1 <= len(text) <= max_characters and text.isprintable()


def _no_text(max_characters: int) -> str:
    return f"is not 1 to {max_characters} characters that can be printed"
