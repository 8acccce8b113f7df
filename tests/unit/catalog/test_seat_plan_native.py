"""Our own format: the published schema and the reader allow the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.programme.hall_layout import Layout, build_plan
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.seat_plan_native import native_document
from services.catalog.domain.seat_plan_source import PlanFormat
from tests.kit.json_schema import errors_of
from tests.unit.catalog.seat_plan_files import read, refused, told

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "seat-plan.schema.json").read_text(encoding="utf-8"))


def a_seat(number: int, **more: Any) -> dict[str, Any]:
    seat = {"id": f"A{number}", "number": str(number), "area": "STANDARD", "x": number, "y": 300}
    return seat | more


def a_document() -> dict[str, Any]:
    return {
        "schema": "parterre.seat-plan.v1",
        "sofa_sale": "HALF_ALLOWED",
        "zones": [{"id": "BALCONY", "name": "Balcon"}],
        "screen": {"x": 0, "y": 0, "width": 500},
        "rows": [
            {
                "name": "A",
                "segments": [
                    {
                        "seats": [
                            a_seat(1, kind="WHEELCHAIR"),
                            a_seat(2, kind="COMPANION", companion_of="A1"),
                        ]
                    },
                    {
                        "seats": [
                            a_seat(3, kind="SOFA", sofa_id="S1", zone_id="BALCONY"),
                            a_seat(4, kind="SOFA", sofa_id="S1"),
                            a_seat(5, kind="STANDARD", block_reason="HOUSE"),
                        ]
                    },
                ],
            }
        ],
    }


def is_allowed(document: Any) -> bool:
    return not list(errors_of(document, SCHEMA, SCHEMA))


def test_a_document_is_read_as_it_is_written() -> None:
    found = read(a_document())

    assert found.format is PlanFormat.NATIVE
    assert told(found.plan) == ["A: A1w A2c | A3s A4s A5x"]
    assert native_document(found.plan) == a_document()
    assert is_allowed(a_document())


@pytest.mark.parametrize(
    "layout", [Layout(32, False, False), Layout(48, True, True), Layout(478, False, False)]
)
def test_the_halls_that_we_make_ourselves_follow_the_schema(layout: Layout) -> None:
    document = build_plan(layout).to_json()

    plan = read(document).plan

    assert is_allowed(document)
    assert plan.capacity == layout.seats


def test_the_example_of_the_documentation_can_be_used() -> None:
    text = (DOCS / "seat-plans.md").read_text(encoding="utf-8")
    example = json.loads(text.partition("```json\n")[2].partition("```")[0])

    assert is_allowed(example)
    assert told(read(example).plan) == ["A: A1w A2c | A3x"]


def change(path: str, value: Any = None) -> Callable[[dict[str, Any]], None]:
    """Set what stands at a path such as `rows.0.name`, or with no value take it away."""

    def changed(document: Any) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            document = document[int(parent)] if parent.isdigit() else document[parent]
        if value is None:
            del document[last]
        else:
            document[last] = value

    return changed


SEAT = "rows.0.segments.0.seats.0"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (change("schema", "parterre.seat-plan.v2"), "schema"),
        (change("rows"), "rows"),
        (change("rows", []), "rows"),
        (change("rows", 5), "rows"),
        (change("rows", [{"name": "A", "segments": [{"seats": [a_seat(1)]}]}] * 101), "rows"),
        (change("colour", "red"), "file"),
        (change("sofa_sale", "QUARTERS"), "sofa_sale"),
        (change("zones", [{"id": "balcony", "name": "B"}]), "zones[0].id"),
        (change("zones", [{"id": "BALCONY", "name": "B" * 41}]), "zones[0].name"),
        (change("screen", {"x": 0, "y": 0, "width": 0}), "screen"),
        (change("screen", {"x": 0, "y": 0}), "screen.width"),
        (change("rows.0.name"), "rows[0].name"),
        (change("rows.0.name", "too long a name"), "rows[0].name"),
        (change("rows.0.segments", []), "rows[0].segments"),
        (change("rows.0.segments.0.seats", []), "rows[0].segments[0].seats"),
        (change(f"{SEAT}.id"), "rows[0].segments[0].seats[0].id"),
        (change(f"{SEAT}.id", "A_1"), "rows[0].segments[0].seats[0].id"),
        (change(f"{SEAT}.number", 1), "rows[0].segments[0].seats[0].number"),
        (change(f"{SEAT}.kind", "THRONE"), "rows[0].segments[0].seats[0].kind"),
        (change(f"{SEAT}.area", "standard"), "rows[0].segments[0].seats[0].area"),
        (change(f"{SEAT}.x", 1.5), "rows[0].segments[0].seats[0].x"),
        (change(f"{SEAT}.x", True), "rows[0].segments[0].seats[0].x"),
        (change(f"{SEAT}.y", -1), "rows[0].segments[0].seats[0].y"),
        (change(f"{SEAT}.block_reason", ""), "rows[0].segments[0].seats[0].block_reason"),
        (change(f"{SEAT}.block_reason", "TIRED"), "rows[0].segments[0].seats[0].block_reason"),
        (change(f"{SEAT}.sofa_id", ""), "rows[0].segments[0].seats[0].sofa_id"),
        (change(f"{SEAT}.price", 5), "rows[0].segments[0].seats[0]"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_by_its_path(
    changed: Callable[[dict[str, Any]], None], field: str
) -> None:
    document = a_document()
    changed(document)

    assert not is_allowed(document)
    assert refused(document)[0][0] == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (change("rows.0.segments.1.seats.1.id", "A3"), "rows[0].segments[1].seats[1].id"),
        (change("rows.0.segments.1.seats.1.sofa_id", "S2"), "rows[0].segments[1].seats[0].sofa_id"),
        (change(f"{SEAT}.kind", "STANDARD"), "rows[0].segments[0].seats[1].companion_of"),
        (change("zones", []), "rows[0].segments[1].seats[0].zone_id"),
    ],
)
def test_what_a_schema_cannot_say_is_refused_too(
    changed: Callable[[dict[str, Any]], None], field: str
) -> None:
    document = a_document()
    changed(document)

    assert is_allowed(document)
    assert refused(document)[0][0] == field


def test_a_plan_without_the_optional_is_a_plan() -> None:
    seat = {"id": "A1", "number": "1", "area": "VIP", "x": 0, "y": 0}
    document = {
        "schema": "parterre.seat-plan.v1",
        "rows": [{"name": "A", "segments": [{"seats": [seat]}]}],
    }

    plan: SeatPlan = read(document).plan

    assert is_allowed(document)
    assert told(plan) == ["A: A1"]
