"""Seat plans through the calls, on a real PostgreSQL: versions, and which screening has which."""

from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import programme_service_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from cinema.catalog.v1.seat_plan_pb2 import Seat, SeatPlan
from google.protobuf.json_format import ParseDict

from services.catalog.checks import checks
from services.common.db.checks import run_check
from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    a_cinema,
    a_feed,
    a_plan,
    a_seat,
    an_event,
    prices,
    terms,
)
from tests.kit.catalog import Catalog, new_request_id

NOVEMBER, DECEMBER = "2026-11-24", "2026-12-24"
NEW_SEATS_FROM = "2026-12-01T00:00:00Z"


def a_smaller_plan(seats: int = 1) -> dict[str, Any]:
    return a_plan([[a_seat("A", number) for number in range(1, seats + 1)]])


async def publish(
    catalog: Catalog, plan: dict[str, Any], effective_time: str = "", *, hall_name: str = "S01"
) -> pb.PublishSeatPlanResponse:
    document = {
        "cinema_id": CINEMA_ID,
        "hall_name": hall_name,
        "seat_plan": plan,
        "request_id": new_request_id(),
    }
    if effective_time:
        document["effective_time"] = effective_time
    request = ParseDict(document, pb.PublishSeatPlanRequest())
    response: pb.PublishSeatPlanResponse = await catalog.admin.PublishSeatPlan(
        request, metadata=catalog.staff()
    )
    return response


async def the_plan_of(catalog: Catalog, day: str) -> str:
    screening = await the_screening(catalog, day)
    return screening.seat_plan_id


async def the_screening(catalog: Catalog, day: str) -> Screening:
    (screening,) = await catalog.screenings(CINEMA_ID, day)
    return screening


async def import_days(catalog: Catalog, *days: str) -> None:
    events = [an_event(f"of {day}", f"{day}T20:00:00") for day in days]
    await catalog.import_feed(CINEMA_ID, a_feed(*events))


async def assert_checks_pass(catalog: Catalog) -> None:
    for check in checks():
        found = await run_check(catalog.database, "catalog", check, wait_s=0)
        assert [violation for violation in found if not violation.in_flight] == []


async def test_a_plan_for_later_is_for_screenings_that_start_then(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    today = await publish(catalog, a_plan())
    later = await publish(catalog, a_smaller_plan(), NEW_SEATS_FROM)

    await import_days(catalog, NOVEMBER, DECEMBER)

    assert await the_plan_of(catalog, NOVEMBER) == today.seat_plan.id
    assert await the_plan_of(catalog, DECEMBER) == later.seat_plan.id
    assert later.seat_plan.effective_time.ToJsonString() == NEW_SEATS_FROM
    await assert_checks_pass(catalog)


async def test_a_screening_that_has_a_plan_keeps_it(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    first = await publish(catalog, a_plan())
    await import_days(catalog, NOVEMBER, DECEMBER)

    await publish(catalog, a_smaller_plan())
    await publish(catalog, a_smaller_plan(2), NEW_SEATS_FROM)
    later = an_event(f"of {NOVEMBER}", f"{DECEMBER}T23:00:00")
    await catalog.import_feed(CINEMA_ID, a_feed(later))

    moved, old = sorted(
        await catalog.screenings(CINEMA_ID, DECEMBER), key=lambda each: -each.version
    )
    assert moved.version == 2
    assert moved.seat_plan_id == old.seat_plan_id == first.seat_plan.id


async def test_a_newer_plan_replaces_one_that_was_meant_for_later(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await publish(catalog, a_plan(), NEW_SEATS_FROM)
    newest = await publish(catalog, a_smaller_plan())

    await import_days(catalog, NOVEMBER, DECEMBER)

    assert await the_plan_of(catalog, NOVEMBER) == newest.seat_plan.id
    assert await the_plan_of(catalog, DECEMBER) == newest.seat_plan.id


async def test_a_first_plan_for_later_leaves_the_screenings_before_unsold(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await import_days(catalog, NOVEMBER, DECEMBER)

    later = await publish(catalog, a_plan(), NEW_SEATS_FROM)
    before = await the_screening(catalog, NOVEMBER)
    now = await publish(catalog, a_smaller_plan())

    assert before.not_sold_reason == Screening.NOT_SOLD_REASON_NO_SEAT_PLAN
    assert await the_plan_of(catalog, NOVEMBER) == now.seat_plan.id
    assert await the_plan_of(catalog, DECEMBER) == later.seat_plan.id
    await assert_checks_pass(catalog)


async def test_the_same_plan_for_an_earlier_time_is_another_version(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    later = await publish(catalog, a_plan(), NEW_SEATS_FROM)
    same = await publish(catalog, a_plan(), "2027-01-01T00:00:00Z")

    earlier = await publish(catalog, a_plan())

    assert same.seat_plan == later.seat_plan
    assert (later.seat_plan.version, earlier.seat_plan.version) == (1, 2)


async def test_a_plan_is_answered_as_it_was_published(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    wheelchair = a_seat("A", 1, kind="KIND_WHEELCHAIR")
    companion = a_seat("A", 2, kind="KIND_COMPANION")
    broken = a_seat("A", 3, block_reason="BLOCK_REASON_OUT_OF_ORDER", zone_id="BALCONY")
    plan = a_plan([[wheelchair, companion, broken]]) | {
        "sofa_sale": "SOFA_SALE_HALF_ALLOWED",
        "zones": [{"id": "BALCONY", "name": "Balcon"}],
        "screen": {"x": 0, "y": 100, "width": 300},
    }

    published = await publish(catalog, plan)

    request = programme_service_pb2.GetSeatPlanRequest(seat_plan_id=published.seat_plan.id)
    read = (await catalog.programme.GetSeatPlan(request)).seat_plan
    stored = await catalog.database.fetchval("SELECT plan FROM seat_plan")
    assert read == published.seat_plan == SeatPlan.FromString(stored)
    seats = read.rows[0].segments[0].seats
    assert [seat.companion_of for seat in seats] == ["", "A1", ""]
    assert seats[2].block_reason == Seat.BLOCK_REASON_OUT_OF_ORDER
    assert seats[2].zone_id == "BALCONY"
    assert (read.screen.y, read.sofa_sale) == (100, SeatPlan.SOFA_SALE_HALF_ALLOWED)


@pytest.mark.parametrize(
    ("seats", "field"),
    [
        ([a_seat("A", 1), a_seat("A", 1)], "seat_plan.rows[0].segments[0].seats[1].id"),
        (
            [a_seat("A", 1, kind="KIND_SOFA", sofa_id="S1"), a_seat("A", 2)],
            "seat_plan.rows[0].segments[0].seats[0].sofa_id",
        ),
        (
            [a_seat("A", 1, kind="KIND_COMPANION"), a_seat("A", 2)],
            "seat_plan.rows[0].segments[0].seats[0].kind",
        ),
        (
            [a_seat("A", 1, kind="KIND_COMPANION", companion_of="A2"), a_seat("A", 2)],
            "seat_plan.rows[0].segments[0].seats[0].companion_of",
        ),
        ([a_seat("A", 1, zone_id="LOFT")], "seat_plan.rows[0].segments[0].seats[0].zone_id"),
    ],
)
async def test_a_plan_that_contradicts_itself_is_refused_by_field(
    catalog: Catalog, seats: list[dict[str, Any]], field: str
) -> None:
    await catalog.create_cinema(a_cinema())

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await publish(catalog, a_plan([seats]))

    refusal = refusal_of(caught.value)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.reason == "INVALID_SEAT_PLAN"
    assert [where for where, _ in refusal.violations] == [field]
    assert await catalog.database.fetchval("SELECT count(*) FROM hall") == 0
