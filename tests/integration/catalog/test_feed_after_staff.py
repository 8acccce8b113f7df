"""A feed that comes again after staff have changed screenings that it made."""

import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb

from tests.integration.catalog.feeds import CINEMA_ID, DAY, a_feed, an_event
from tests.integration.catalog.screening_calls import (
    at,
    change,
    create,
    new_film,
    new_hall,
    reschedule,
)
from tests.integration.catalog.test_admin import a_sold_screening, assert_checks_pass
from tests.kit.catalog import Catalog


@pytest.mark.parametrize("how", ["rescheduled", "longer"])
async def test_a_new_row_does_not_run_into_a_screening_that_staff_have_changed(
    catalog: Catalog, how: str
) -> None:
    screening = await a_sold_screening(catalog)
    if how == "rescheduled":
        await reschedule(catalog, screening, "22:00")
    else:
        film_id = await new_film(catalog, length_minutes=200)
        await change(catalog, "ReplaceFilm", screening, film_id=film_id)
    other_hall = an_event("3", f"{DAY}T22:30:00", auditoriumTinyName="S09")

    result = await catalog.import_feed(
        CINEMA_ID, a_feed(an_event(), an_event("2", f"{DAY}T22:30:00"), other_hall)
    )

    (problem,) = result.problems
    assert (problem.feed_id, problem.reason) == ("2", pb.ImportProblem.REASON_HALL_OCCUPIED)
    assert (result.summary.screenings_created, result.summary.screenings_unchanged) == (1, 1)
    await assert_checks_pass(catalog)


@pytest.mark.parametrize("how", ["rescheduled", "moved"])
async def test_a_new_row_gets_the_time_that_staff_have_made_free(
    catalog: Catalog, how: str
) -> None:
    screening = await a_sold_screening(catalog)
    if how == "rescheduled":
        await reschedule(catalog, screening, "12:00")
    else:
        hall_id = await new_hall(catalog, "S02")
        await change(catalog, "MoveScreening", screening, hall_id=hall_id)

    result = await catalog.import_feed(
        CINEMA_ID, a_feed(an_event(), an_event("2", f"{DAY}T19:30:00"))
    )

    assert result.problems == []
    assert (result.summary.screenings_created, result.summary.screenings_unchanged) == (1, 1)
    await assert_checks_pass(catalog)


async def test_a_row_does_not_move_onto_a_screening_that_staff_have_made(
    catalog: Catalog,
) -> None:
    await a_sold_screening(catalog)
    await create(catalog, start_time=at("12:00"))

    result = await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=f"{DAY}T13:00:00")))

    (problem,) = result.problems
    assert problem.reason == pb.ImportProblem.REASON_HALL_OCCUPIED
    starts = [each.local_start for each in await catalog.screenings(CINEMA_ID, DAY)]
    assert starts == [f"{DAY}T12:00", f"{DAY}T20:00"]
    await assert_checks_pass(catalog)
