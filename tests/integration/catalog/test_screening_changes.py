"""What staff do with screenings, through the calls, on a real PostgreSQL."""

from typing import Any

import grpc
import pytest
from cinema.booking.v1.screening_impact_service_pb2 import (
    GetMoveImpactResponse,
    GetOrderCountsResponse,
)
from cinema.catalog.v1 import events_pb2, programme_service_pb2, screening_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.field_mask_pb2 import FieldMask

from tests.integration.catalog.feeds import CINEMA_ID, DAY, a_feed, an_event
from tests.integration.catalog.screening_calls import (
    BOUGHT,
    ENGLISH,
    at,
    cancel,
    change,
    create,
    events,
    new_film,
    new_hall,
    reschedule,
)
from tests.integration.catalog.test_admin import (
    a_sold_screening,
    assert_checks_pass,
    refusal,
    the_screening,
)
from tests.integration.catalog.test_seat_plans import a_smaller_plan, publish
from tests.kit.catalog import Catalog
from tests.kit.fake_booking import FakeBooking


async def test_staff_change_how_a_screening_is_sold(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)

    updated = await change(
        catalog,
        "UpdateScreening",
        screening,
        metadata=catalog.staff("cinema_manager", CINEMA_ID),
        update_mask=FieldMask(
            paths=["category", "box_office_only", "language_version", "sales_start_time",
                   "sales_end_time"]
        ),
        category="VIP",
        box_office_only=True,
        language_version=ENGLISH,
        sales_start_time=at("10:00"),
        sales_end_time=at("19:00"),
    )  # fmt: skip

    read = await the_screening(catalog)
    assert read == updated.screening
    assert (read.category, read.box_office_only, read.version) == ("VIP", True, 2)
    assert (read.sales_start_time, read.sales_end_time) == (at("10:00"), at("19:00"))
    assert read.language_version == ENGLISH
    (_, told) = await events(catalog, screening.id)
    assert set(told.changes) == {told.CHANGE_DETAILS, told.CHANGE_SALES}
    await assert_checks_pass(catalog)


@pytest.mark.parametrize("paths", [[], ["film_id"], ["language_version"], ["category"]])
async def test_a_mask_that_names_nothing_to_change_is_refused(
    catalog: Catalog, paths: list[str]
) -> None:
    screening = await a_sold_screening(catalog)

    _, why = await refusal(
        change(catalog, "UpdateScreening", screening, update_mask=FieldMask(paths=paths))
    )

    assert why.reason == "INVALID_FIELD"


async def test_what_staff_say_stays_until_the_feed_says_something_new(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    mask = FieldMask(paths=["category", "box_office_only", "sales_end_time"])
    await change(
        catalog,
        "UpdateScreening",
        screening,
        update_mask=mask,
        category="VIP",
        box_office_only=True,
        sales_end_time=at("19:00"),
    )

    same = await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    after_same = await the_screening(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=f"{DAY}T20:30:00")))
    after_new = await the_screening(catalog)

    assert (same.summary.screenings_unchanged, after_same.category) == (1, "VIP")
    assert (after_new.category, after_new.local_start) == ("MOVIE", f"{DAY}T20:30")
    assert (after_new.box_office_only, after_new.sales_end_time) == (True, at("19:00"))
    told = (await events(catalog, screening.id))[-1]
    assert (told.old_start_time, told.start_time) == (at("20:00"), at("20:30"))
    assert list(told.changes) == [told.CHANGE_START, told.CHANGE_DETAILS]


@pytest.mark.rule("OTC-22")
async def test_a_screening_gets_another_start(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)

    moved = await reschedule(catalog, screening, "21:30")

    assert moved.screening == await the_screening(catalog)
    assert (moved.screening.start_time, moved.screening.end_time) == (at("21:30"), at("23:30"))
    assert moved.screening.id == screening.id  # Tickets stay those of the same screening.
    assert not moved.HasField("impact")
    (_, told) = await events(catalog, screening.id)
    assert list(told.changes) == [told.CHANGE_START]
    assert (told.old_start_time, told.start_time) == (at("20:00"), at("21:30"))
    await assert_checks_pass(catalog)


async def test_another_film_moves_the_end(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    film_id = await new_film(catalog)

    replaced = await change(catalog, "ReplaceFilm", screening, film_id=film_id)

    assert replaced.screening == await the_screening(catalog)
    assert (replaced.screening.film.id, replaced.screening.film.rating) == (film_id, "AP-12")
    assert replaced.screening.end_time == at("22:55")
    (_, told) = await events(catalog, screening.id)
    assert list(told.changes) == [told.CHANGE_FILM]
    assert (told.old_film_id, told.film_id) == (screening.film.id, film_id)
    await assert_checks_pass(catalog)


async def test_a_longer_film_does_not_run_into_the_next_screening(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    following = (await create(catalog, start_time=at("22:30"))).screening

    code, why = await refusal(
        change(catalog, "ReplaceFilm", screening, film_id=await new_film(catalog))
    )

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "HALL_OCCUPIED")
    assert why.metadata == {"screening_id": following.id}


@pytest.mark.rule("OTC-22")
async def test_who_has_bought_is_not_moved_to_a_hall_without_a_seat_plan(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    hall_id = await new_hall(catalog, "S02")
    booking.counts = BOUGHT
    code, why = await refusal(change(catalog, "MoveScreening", screening, hall_id=hall_id))
    booking.counts = GetOrderCountsResponse()

    moved = await change(catalog, "MoveScreening", screening, hall_id=hall_id)

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SCREENING_HAS_ORDERS")
    assert why.metadata == {"screening_id": screening.id, "orders": "4"}
    assert moved.screening == await the_screening(catalog)
    assert (moved.screening.hall_id, moved.screening.hall_name) == (hall_id, "S02")
    assert moved.screening.not_sold_reason == Screening.NOT_SOLD_REASON_NO_SEAT_PLAN
    (_, told) = await events(catalog, screening.id)
    assert list(told.changes) == [told.CHANGE_HALL]
    assert (told.old_hall_id, told.hall_id) == (screening.hall_id, hall_id)
    await assert_checks_pass(catalog)


@pytest.mark.rule("OTC-22")
@pytest.mark.rule("OTC-33d")
async def test_a_screening_that_is_sold_moves_to_a_hall_with_a_seat_plan(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    hall_id = await new_hall(catalog, "S02")
    await publish(catalog, a_smaller_plan(4), hall_name="S02")
    booking.counts = BOUGHT

    moved = await change(catalog, "MoveScreening", screening, hall_id=hall_id)

    assert moved.screening == await the_screening(catalog)
    assert moved.screening.hall_id == hall_id
    assert moved.screening.seat_plan_id not in ("", screening.seat_plan_id)
    (_, told) = await events(catalog, screening.id)
    assert (told.old_hall_id, told.hall_id) == (screening.hall_id, hall_id)
    await assert_checks_pass(catalog)


@pytest.mark.rule("OTC-33d")
async def test_a_move_that_is_only_tried_tells_who_keeps_their_seats_and_who_has_none(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    hall_id = await new_hall(catalog, "S02")
    plan = (await publish(catalog, a_smaller_plan(4), hall_name="S02")).seat_plan
    booking.counts = BOUGHT
    booking.preview = GetMoveImpactResponse(
        same_seat_orders=2,
        other_seat_orders=1,
        unseated_orders=1,
        unseated_order_numbers=["K7QF-3M2D"],
        released_holds=5,
        tickets=7,
    )

    tried = await change(catalog, "MoveScreening", screening, hall_id=hall_id, validate_only=True)

    impact = tried.impact
    assert (impact.orders, impact.tickets, impact.released_holds) == (4, 7, 5)
    assert (impact.same_seat_orders, impact.other_seat_orders, impact.unseated_orders) == (2, 1, 1)
    assert list(impact.unseated_order_numbers) == ["K7QF-3M2D"]
    (asked,) = booking.previewed
    assert asked.seat_plan.id == plan.id
    assert {price.area for price in asked.prices} == {"STANDARD"}
    assert await the_screening(catalog) == screening


async def test_a_move_waits_for_booking_to_say_that_nobody_has_bought(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    hall_id = await new_hall(catalog, "S02")
    booking.away = True

    code, why = await refusal(change(catalog, "MoveScreening", screening, hall_id=hall_id))

    assert (code, why.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
    assert await the_screening(catalog) == screening


@pytest.mark.rule("OTC-35")
async def test_a_screening_is_called_off_with_its_cause(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    manager = catalog.staff("cinema_manager", CINEMA_ID)

    cancelled = await cancel(
        catalog,
        screening,
        metadata=manager,
        cause="CANCELLATION_CAUSE_FORCE_MAJEURE",
        attributable=False,
    )
    again = await cancel(catalog, screening, metadata=manager)

    ending = cancelled.screening.ending
    assert cancelled.screening == again.screening == await the_screening(catalog)
    assert cancelled.screening.state == Screening.STATE_CANCELLED
    assert (ending.cause, ending.attributable, ending.reason) == (
        screening_pb2.CANCELLATION_CAUSE_FORCE_MAJEURE, False, "Broken.",
    )  # fmt: skip
    assert cancelled.screening.not_sold_reason == Screening.NOT_SOLD_REASON_OVER
    (_, told) = await events(catalog, screening.id)
    assert told == events_pb2.ScreeningCancelled(
        screening_id=screening.id,
        cinema_id=CINEMA_ID,
        version=2,
        cancel_time=ending.time,
        start_time=screening.start_time,
        cause=screening_pb2.CANCELLATION_CAUSE_FORCE_MAJEURE,
        attributable=False,
    )
    assert set(booking.stopped) == {screening.id}
    await assert_checks_pass(catalog)


async def test_the_hall_of_a_screening_that_is_off_is_free(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await cancel(catalog, screening)

    created = (await create(catalog, start_time=at("20:00"))).screening
    again = await catalog.import_feed(CINEMA_ID, a_feed(an_event()))

    assert created.hall_id == screening.hall_id
    assert again.summary.screenings_created == again.summary.screenings_updated == 0
    assert (await get_state(catalog, screening)) == Screening.STATE_CANCELLED


async def get_state(catalog: Catalog, screening: Screening) -> Any:
    request = programme_service_pb2.GetScreeningRequest(screening_id=screening.id)
    return (await catalog.programme.GetScreening(request)).screening.state


async def test_a_screening_is_called_off_although_booking_is_away(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    booking.away = True

    cancelled = await cancel(catalog, screening)

    assert cancelled.screening.state == Screening.STATE_CANCELLED


async def test_no_screening_is_rescheduled_into_the_past(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)

    code, why = await refusal(
        change(catalog, "RescheduleScreening", screening, start_time=at("10:59", "2026-11-20"))
    )

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "START_IN_PAST")
