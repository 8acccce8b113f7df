"""What no change of a screening may do, whichever of the staff's calls would do it."""

from typing import Any

import grpc
import pytest
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.field_mask_pb2 import FieldMask

from tests.integration.catalog.feeds import CINEMA_ID, DAY, a_feed, an_event
from tests.integration.catalog.screening_calls import (
    at,
    cancel,
    change,
    create,
    events,
    new_film,
    new_hall,
    reschedule,
)
from tests.integration.catalog.test_admin import a_sold_screening, refusal, the_screening
from tests.kit.catalog import Catalog, new_request_id

EVERY_CHANGE = (
    "UpdateScreening",
    "RescheduleScreening",
    "ReplaceFilm",
    "MoveScreening",
    "CancelScreening",
)
UNKNOWN = new_request_id()


async def attempt(catalog: Catalog, name: str, screening: Screening, **given: Any) -> Any:
    """Change a screening by this call; what is given replaces what would do."""
    if name == "CancelScreening":
        return await cancel(catalog, screening, **given)
    usual: dict[str, Any] = {
        "UpdateScreening": {
            "update_mask": FieldMask(paths=["box_office_only"]),
            "box_office_only": True,
        },
        "RescheduleScreening": {"start_time": at("21:30")},
        "ReplaceFilm": {"film_id": await new_film(catalog)},
        "MoveScreening": {"hall_id": await new_hall(catalog, "S02")},
    }
    return await change(catalog, name, screening, **usual[name] | given)


@pytest.mark.parametrize("name", EVERY_CHANGE)
async def test_an_etag_that_was_read_before_is_refused_with_the_fresh_one(
    catalog: Catalog, name: str
) -> None:
    read = await a_sold_screening(catalog)
    fresh = (await reschedule(catalog, read, "21:00")).screening

    code, why = await refusal(attempt(catalog, name, read))

    assert (code, why.reason) == (grpc.StatusCode.ABORTED, "CONCURRENT_CHANGE")
    assert why.metadata == {"etag": fresh.etag}
    assert await the_screening(catalog) == fresh


@pytest.mark.parametrize("name", [*EVERY_CHANGE, "TerminateScreening"])
async def test_a_screening_that_nobody_knows_is_not_changed(catalog: Catalog, name: str) -> None:
    await a_sold_screening(catalog)
    unknown = Screening(id=UNKNOWN, etag="v1")

    if name == "TerminateScreening":
        code, why = await refusal(change(catalog, name, unknown, reason="Why."))
    else:
        code, why = await refusal(attempt(catalog, name, unknown))

    assert (code, why.reason) == (grpc.StatusCode.NOT_FOUND, "SCREENING_NOT_FOUND")
    assert why.metadata == {"screening_id": UNKNOWN}


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("ReplaceFilm", {"film_id": UNKNOWN}, "FILM_NOT_FOUND"),
        ("MoveScreening", {"hall_id": UNKNOWN}, "HALL_NOT_FOUND"),
    ],
)
async def test_what_a_screening_is_to_get_must_be_there(
    catalog: Catalog, name: str, given: dict[str, str], reason: str
) -> None:
    screening = await a_sold_screening(catalog)

    code, why = await refusal(attempt(catalog, name, screening, **given))

    assert (code, why.reason) == (grpc.StatusCode.NOT_FOUND, reason)
    assert await the_screening(catalog) == screening


@pytest.mark.parametrize("validate_only", [False, True])
@pytest.mark.parametrize(
    ("name", "field"), [("RescheduleScreening", "start_time"), ("MoveScreening", "hall_id")]
)
async def test_a_hall_that_is_taken_is_refused_by_field_even_to_who_only_asks(
    catalog: Catalog, name: str, field: str, *, validate_only: bool
) -> None:
    screening = await a_sold_screening(catalog)
    in_the_way: dict[str, Any] = {"start_time": at("22:30")}
    if name == "MoveScreening":
        in_the_way = {"start_time": at("20:30"), "hall_id": await new_hall(catalog, "S02")}
    other = (await create(catalog, **in_the_way)).screening

    code, why = await refusal(attempt(catalog, name, screening, validate_only=validate_only))

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "HALL_OCCUPIED")
    assert why.metadata == {"screening_id": other.id}
    assert [where for where, _ in why.violations] == [field]
    assert len(await events(catalog, screening.id)) == 1


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("RescheduleScreening", {"start_time": at("16:00")}, "start_time"),
        ("ReplaceFilm", {"advertising_minutes": 0}, "film_id"),
    ],
)
async def test_sales_never_outlast_a_screening_that_becomes_earlier_or_shorter(
    catalog: Catalog, name: str, given: dict[str, Any], field: str
) -> None:
    screening = await a_sold_screening(catalog)
    until_the_end = await attempt(
        catalog,
        "UpdateScreening",
        screening,
        update_mask=FieldMask(paths=["sales_end_time"]),
        sales_end_time=screening.end_time,
    )
    if name == "ReplaceFilm":
        given = given | {"film_id": await new_film(catalog, length_minutes=30)}

    code, why = await refusal(attempt(catalog, name, until_the_end.screening, **given))

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert [where for where, _ in why.violations] == [field]
    assert await the_screening(catalog) == until_the_end.screening


async def test_sales_never_outlast_a_screening_that_the_feed_makes_earlier(
    catalog: Catalog,
) -> None:
    screening = await a_sold_screening(catalog)
    await attempt(
        catalog,
        "UpdateScreening",
        screening,
        update_mask=FieldMask(paths=["sales_end_time"]),
        sales_end_time=screening.end_time,
    )

    await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=f"{DAY}T16:00:00")))

    earlier = await the_screening(catalog)
    assert earlier.start_time == at("16:00")
    assert earlier.sales_end_time == earlier.end_time
