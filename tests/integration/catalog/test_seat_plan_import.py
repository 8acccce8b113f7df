"""Seat plans from files, through the calls, on a real PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import grpc
import pytest
from cinema.catalog.v1 import programme_service_pb2
from cinema.catalog.v1 import seat_plan_import_pb2 as pb
from cinema.catalog.v1.screening_pb2 import Screening
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan

from deploy.programme.draw import drawn, sample_file
from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_feed,
    an_event,
    prices,
    terms,
)
from tests.kit.catalog import Catalog, Metadata, new_request_id
from tests.kit.seat_plan_import import plan_messages
from tests.unit.catalog.seat_plan_files import (
    presglobal,
    presglobal_row,
    presglobal_seat,
    presglobal_section,
    vista,
    vista_area,
    vista_row,
    vista_seat,
)

_NEAR_REPOSITORY = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("PARTERRE_SHARED_DATA") or _NEAR_REPOSITORY) / "seatplans"
NEW_SEATS_FROM = "2026-12-01T00:00:00Z"
ONE_ROW = presglobal(
    presglobal_section(
        {"1": presglobal_row("1", {"1": presglobal_seat("1"), "3": presglobal_seat("V1")})}
    )
)


@pytest.fixture(autouse=True)
async def cinema(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())


async def import_plan(
    catalog: Catalog, document: Any, metadata: Metadata | None = None, **header: Any
) -> pb.ImportSeatPlanResponse:
    answer: pb.ImportSeatPlanResponse = await catalog.admin.ImportSeatPlan(
        plan_messages(CINEMA_ID, document, **header), metadata=metadata or catalog.staff()
    )
    return answer


async def read_plan(catalog: Catalog, seat_plan_id: str) -> SeatPlan:
    request = programme_service_pb2.GetSeatPlanRequest(seat_plan_id=seat_plan_id)
    plan: SeatPlan = (await catalog.programme.GetSeatPlan(request)).seat_plan
    return plan


async def test_an_imported_plan_makes_its_halls_screenings_sellable(catalog: Catalog) -> None:
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))

    answer = await import_plan(catalog, ONE_ROW)

    (screening,) = await catalog.screenings(CINEMA_ID, DAY)
    assert screening.not_sold_reason == Screening.NOT_SOLD_REASON_UNSPECIFIED
    assert screening.seat_plan_id == answer.seat_plan.id == answer.hall.seat_plan_id
    assert await read_plan(catalog, answer.seat_plan.id) == answer.seat_plan
    assert answer.svg == ""
    audited = "SELECT action, subject FROM audit ORDER BY number DESC LIMIT 1"
    assert tuple(await catalog.database.fetchrow(audited) or ()) == (
        "ImportSeatPlan",
        f"{CINEMA_ID}/S01",
    )


async def test_the_same_file_again_changes_nothing(catalog: Catalog) -> None:
    request_id, editor = new_request_id(), catalog.staff("programme_editor", CINEMA_ID)

    first = await import_plan(catalog, ONE_ROW, editor, request_id=request_id)
    repeated = await import_plan(catalog, ONE_ROW, editor, request_id=request_id)
    again = await import_plan(catalog, ONE_ROW)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await import_plan(catalog, sample_file(), editor, request_id=request_id)

    assert first == repeated == again
    assert refusal_of(caught.value).reason == "REQUEST_ID_REUSED"
    assert await catalog.database.fetchval("SELECT count(*) FROM seat_plan") == 1


async def test_an_imported_plan_may_be_for_later(catalog: Catalog) -> None:
    today = await import_plan(catalog, ONE_ROW)
    later = await import_plan(catalog, sample_file(), effective_time=NEW_SEATS_FROM)

    await catalog.import_feed(CINEMA_ID, a_feed(an_event(), an_event("2", "2026-12-24T20:00:00")))

    (now,) = await catalog.screenings(CINEMA_ID, DAY)
    (then,) = await catalog.screenings(CINEMA_ID, "2026-12-24")
    assert (now.seat_plan_id, then.seat_plan_id) == (today.seat_plan.id, later.seat_plan.id)
    assert later.seat_plan.effective_time.ToJsonString() == NEW_SEATS_FROM


async def test_a_repeat_answers_with_the_notes_of_the_first_time(catalog: Catalog) -> None:
    unknown = vista(vista_area(vista_row("A", vista_seat("1", 0, 0), vista_seat("2", 1, 0, 6))))
    request_id, editor = new_request_id(), catalog.staff("programme_editor", CINEMA_ID)

    first = await import_plan(catalog, unknown, editor, request_id=request_id)
    repeated = await import_plan(catalog, unknown, editor, request_id=request_id)

    assert [note.value for note in first.notes] == ["6"]
    assert repeated == first


async def test_a_dry_run_stores_nothing(catalog: Catalog) -> None:
    answer = await import_plan(catalog, ONE_ROW, dry_run=True)

    assert "<svg" in answer.svg
    for table in ("hall", "seat_plan"):
        assert await catalog.database.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await catalog.database.fetchval(
        "SELECT count(*) FROM audit WHERE action = 'ImportSeatPlan'"
    ) == 0  # fmt: skip


async def test_a_file_with_a_mistake_stores_nothing(catalog: Catalog) -> None:
    twice = vista(vista_area(vista_row("A", vista_seat("1", 0, 0), vista_seat("1", 1, 0))))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await import_plan(catalog, twice)

    assert refusal_of(caught.value).reason == "INVALID_SEAT_PLAN"
    assert await catalog.database.fetchval("SELECT count(*) FROM hall") == 0


async def test_an_unknown_cinema_is_not_found(catalog: Catalog) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.admin.ImportSeatPlan(plan_messages("9999", ONE_ROW), metadata=catalog.staff())

    assert refusal_of(caught.value).reason == "CINEMA_NOT_FOUND"


async def test_a_published_plan_is_drawn_as_its_file_is(catalog: Catalog) -> None:
    imported = await import_plan(catalog, sample_file())
    request = pb.GetSeatPlanDrawingRequest(seat_plan_id=imported.seat_plan.id)

    answer = await catalog.admin.GetSeatPlanDrawing(
        request, metadata=catalog.staff("cinema_manager")
    )

    assert answer.svg == drawn(sample_file())


async def test_a_plan_that_is_not_there_is_not_drawn(catalog: Catalog) -> None:
    request = pb.GetSeatPlanDrawingRequest(seat_plan_id=new_request_id())

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.admin.GetSeatPlanDrawing(request, metadata=catalog.staff())

    assert refusal_of(caught.value).reason == "SEAT_PLAN_NOT_FOUND"


def real_plans() -> Iterator[Path]:
    yield from sorted(DATA.glob("*.json"))


@pytest.mark.skipif(not DATA.exists(), reason="the real seat plans are not here")
async def test_every_real_plan_is_imported_and_drawn(catalog: Catalog) -> None:
    capacities = {}

    for index, path in enumerate(real_plans()):
        answer = await import_plan(catalog, path.read_bytes(), hall_name=f"S{index}")
        request = pb.GetSeatPlanDrawingRequest(seat_plan_id=answer.seat_plan.id)
        drawing = await catalog.admin.GetSeatPlanDrawing(request, metadata=catalog.staff())
        capacities[answer.hall.capacity] = len(answer.notes)
        assert fromstring(drawing.svg).tag.endswith("svg")  # noqa: S314 - our own document

    assert capacities == {158: 0, 156: 0}
