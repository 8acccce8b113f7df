"""Screenings that staff make, through the calls, on a real PostgreSQL."""

import asyncio
from typing import Any

import grpc
import pytest
from cinema.catalog.v1.screening_pb2 import Screening, ScreeningWarning
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.catalog.feeds import CINEMA_ID, DAY
from tests.integration.catalog.screening_calls import (
    ENGLISH,
    at,
    create,
    new_film,
    new_hall,
)
from tests.integration.catalog.test_admin import (
    a_sold_screening,
    assert_checks_pass,
    refusal,
)
from tests.integration.catalog.test_cinemas_and_films import get_film
from tests.kit.catalog import Catalog, new_request_id


async def test_a_screening_is_created_and_sold(catalog: Catalog) -> None:
    await a_sold_screening(catalog)

    created = (await create(catalog)).screening

    assert created == (await catalog.screenings(CINEMA_ID, DAY))[0]
    assert (created.feed_id, created.version, created.sold_online) == ("", 1, True)
    assert (created.local_start, created.business_day) == (f"{DAY}T12:00", DAY)
    assert created.end_time == at("14:55")  # 25 minutes of advertising and 150 of film.
    assert created.sales_end_time == at("12:15")
    assert (created.language_version, list(created.formats)) == (ENGLISH, ["2D"])
    assert (created.film.rating, created.film.event_kind) == ("AP-12", "OPERA")
    await assert_checks_pass(catalog)


async def test_a_show_after_midnight_is_of_the_evening_before(catalog: Catalog) -> None:
    await a_sold_screening(catalog)

    created = (await create(catalog, start_time=at("00:30"), advertising_minutes=0)).screening

    assert (created.local_start, created.business_day) == (f"{DAY}T00:30", "2026-11-23")
    assert created.end_time == at("03:00")


@pytest.mark.rule("OTC-26")
async def test_an_unrated_film_is_listed_with_its_rating_and_not_sold(catalog: Catalog) -> None:
    await a_sold_screening(catalog)

    created = (await create(catalog, film_id=await new_film(catalog, rating="UNRATED"))).screening

    assert created.film.rating == "UNRATED"
    assert created.not_sold_reason == Screening.NOT_SOLD_REASON_RATING


@pytest.mark.rule("OTC-7")
@pytest.mark.parametrize(
    ("category", "box_office_only", "is_sold"),
    [
        ("MOVIE", False, True),
        ("VIP", False, True),
        ("ALTERNATIVE", False, True),
        ("OTHER", False, False),
        ("MOVIE", True, False),
    ],
)
async def test_only_some_categories_are_sold_online_and_none_for_the_box_office(
    catalog: Catalog, category: str, *, box_office_only: bool, is_sold: bool
) -> None:
    await a_sold_screening(catalog)

    created = (await create(catalog, category=category, box_office_only=box_office_only)).screening

    assert created.sold_online == is_sold
    if not is_sold:
        assert created.not_sold_reason == Screening.NOT_SOLD_REASON_CATEGORY


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"start_time": at("10:59", "2026-11-20")}, "INVALID_ARGUMENT", "START_IN_PAST"),
        ({"start_time": at("21:59")}, "FAILED_PRECONDITION", "HALL_OCCUPIED"),
        ({"start_time": at("17:30")}, "FAILED_PRECONDITION", "HALL_OCCUPIED"),
        ({"hall_id": new_request_id()}, "NOT_FOUND", "HALL_NOT_FOUND"),
        ({"film_id": new_request_id()}, "NOT_FOUND", "FILM_NOT_FOUND"),
        ({"cinema_id": "9999"}, "NOT_FOUND", "CINEMA_NOT_FOUND"),
        ({"sales_end_time": at("23:00")}, "INVALID_ARGUMENT", "INVALID_FIELD"),
        (
            {"sales_start_time": at("11:00"), "sales_end_time": at("10:00")},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
        (
            {"start_time": Timestamp(seconds=at("12:00").seconds + 1)},
            "INVALID_ARGUMENT",
            "INVALID_FIELD",
        ),
    ],
)
async def test_a_screening_that_cannot_be_is_refused(
    catalog: Catalog, changes: dict[str, Any], code: str, reason: str
) -> None:
    shown = await a_sold_screening(catalog)

    got, why = await refusal(create(catalog, **changes))

    assert (got.name, why.reason) == (code, reason)
    assert [each.id for each in await catalog.screenings(CINEMA_ID, DAY)] == [shown.id]
    if reason == "HALL_OCCUPIED":
        assert why.metadata == {"screening_id": shown.id}
    if code != "NOT_FOUND":
        assert {where for where, _ in why.violations} <= changes.keys()
        assert why.violations


async def test_a_film_of_another_country_is_not_shown(catalog: Catalog) -> None:
    await a_sold_screening(catalog)
    film_id = await new_film(catalog, country_code="FR", rating="TP")

    code, why = await refusal(create(catalog, film_id=film_id))

    assert (code, why.reason) == (grpc.StatusCode.NOT_FOUND, "FILM_NOT_FOUND")


async def test_too_little_time_to_clean_and_a_wrong_hall_are_warnings(catalog: Catalog) -> None:
    shown = await a_sold_screening(catalog)
    await new_hall(catalog, "S01", "2D")

    created = await create(catalog, start_time=at("22:10"), formats=["2D", "IMAX"])

    kinds = {warning.kind: warning.screening_id for warning in created.warnings}
    assert kinds == {
        ScreeningWarning.KIND_SHORT_TURNAROUND: shown.id,
        ScreeningWarning.KIND_FORMAT_NOT_IN_HALL: "",
    }


async def test_of_many_at_once_a_hall_takes_one(catalog: Catalog) -> None:
    await a_sold_screening(catalog)
    film_id = await new_film(catalog)

    answers = await asyncio.gather(
        *(create(catalog, film_id=film_id, start_time=at(f"12:{n}0")) for n in range(4)),
        return_exceptions=True,
    )

    made = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(made) == 1
    for answer in answers:
        if isinstance(answer, grpc.aio.AioRpcError):
            assert answer.code() is grpc.StatusCode.FAILED_PRECONDITION
    await assert_checks_pass(catalog)


async def test_a_film_shows_its_screenings(catalog: Catalog) -> None:
    await a_sold_screening(catalog)
    film_id = await new_film(catalog)
    await create(catalog, film_id=film_id, formats=["2D", "IMAX"])

    film = await get_film(catalog, film_id)

    assert (list(film.dates), list(film.formats)) == ([DAY], ["2D", "IMAX"])
