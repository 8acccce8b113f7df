"""Seat plans of real halls, read unchanged; skipped where they are not at hand."""

import os
from pathlib import Path

import pytest

from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.domain.seat_plan import SeatKind, SeatPlan
from services.catalog.domain.seat_plan_source import ReadOptions, ReadPlan
from tests.unit.catalog.seat_plan_files import told

_NEAR_REPOSITORY = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("PARTERRE_SHARED_DATA") or _NEAR_REPOSITORY) / "seatplans"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real seat plans are not here")


def read(pattern: str) -> ReadPlan:
    (path,) = DATA.glob(pattern)
    return read_seat_plan(path.read_bytes(), ReadOptions())


def sofas(plan: SeatPlan) -> list[list[str]]:
    ids = dict.fromkeys(seat.sofa_id for seat in plan.seats() if seat.sofa_id)
    return [[seat.id for seat in plan.seats() if seat.sofa_id == sofa_id] for sofa_id in ids]


def test_a_real_vista_layout_is_read_with_its_areas_and_sofas() -> None:
    found = read("vista_*.json")

    plan = found.plan
    assert plan.capacity == 156
    assert [row.name for row in plan.rows] == list("ABCDEFGHIJKLM")
    assert {len(row.segments) for row in plan.rows} == {1}
    assert sofas(plan) == [[f"L{n}", f"L{n + 1}"] for n in range(1, 10, 2)]
    areas = {row.name: {seat.area for seat in row.seats()} for row in plan.rows}
    assert all(areas[name] == {"STANDARD"} for name in "ABC")
    assert all(areas[name] == {"VIP"} for name in "DEFGHIJKM")
    assert areas["L"] == {"COUPLE"}
    assert not any(seat.block_reason for seat in plan.seats())
    assert found.notes == ()


def test_a_real_presglobal_plan_is_read_with_its_aisles_and_wheelchair_places() -> None:
    found = read("pg_*.json")

    rows = told(found.plan)
    assert found.plan.capacity == 158
    assert len(rows) == 10
    assert {len(row.segments) for row in found.plan.rows} == {4}
    assert rows[0].startswith("1: 1-1 1-2 1-3 1-4 | 1-5 ")
    assert rows[9].endswith("| 10V1w 10V2w")
    kinds = [seat.kind for seat in found.plan.seats()]
    assert kinds.count(SeatKind.WHEELCHAIR) == 2
    assert found.notes == ()
