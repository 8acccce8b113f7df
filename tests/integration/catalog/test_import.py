"""Importing a programme, through the call, into a real PostgreSQL."""

import asyncio
import json
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.screening_pb2 import Screening

from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_feed,
    a_film,
    a_plan,
    an_event,
    prices,
    terms,
)
from tests.kit.catalog import Catalog, catalog_server, new_request_id

Reason = pb.ImportProblem


async def a_known_cinema(catalog: Catalog, **changes: Any) -> None:
    await catalog.create_cinema(a_cinema(**changes))


async def a_selling_cinema(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())


async def versions(catalog: Catalog) -> dict[str, tuple[int, list[int]]]:
    """Each screening's version, and the versions that were told."""
    rows = await catalog.database.fetch(
        """SELECT feed_id, version, ARRAY(
               SELECT aggregate_version FROM outbox WHERE aggregate_id = s.id::text
               ORDER BY sequence) AS told
           FROM screening s"""
    )
    return {row["feed_id"]: (row["version"], list(row["told"])) for row in rows}


async def test_a_screening_is_stored_as_the_feed_has_it(catalog: Catalog) -> None:
    await a_selling_cinema(catalog)

    result = await catalog.import_feed(CINEMA_ID, a_feed(an_event("77")))

    (screening,) = await catalog.screenings(CINEMA_ID, DAY)
    assert (screening.feed_id, screening.hall_name) == ("77", "S01")
    assert screening.film.title == "Orbita a șaptea"
    assert screening.film.length_minutes == 95
    assert screening.film.rating == "N-15"
    assert screening.start_time.ToJsonString() == "2026-11-24T18:00:00Z"
    assert screening.end_time.ToJsonString() == "2026-11-24T20:00:00Z"
    assert (screening.local_start, screening.business_day) == (f"{DAY}T20:00", DAY)
    assert (screening.format, screening.category) == ("2D", "MOVIE")
    assert list(screening.language_tokens) == ["first-subbed-lang-ro", "original-lang-en", "subbed"]
    assert screening.sold_online
    assert (screening.version, screening.state) == (1, Screening.STATE_SCHEDULED)
    assert (result.summary.screenings_created, result.summary.screenings_not_sold) == (1, 0)
    assert not result.problems


async def test_importing_again_changes_nothing(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    feed = a_feed(an_event("1"), an_event("2", f"{DAY}T23:00:00"))
    await catalog.import_feed(CINEMA_ID, feed)
    before = await catalog.database.fetch("SELECT * FROM screening ORDER BY id")

    result = await catalog.import_feed(CINEMA_ID, feed)

    assert result.summary.screenings_unchanged == 2
    assert result.summary.screenings_created == result.summary.screenings_updated == 0
    assert result.summary.films_changed == result.summary.halls_created == 0
    assert await catalog.database.fetch("SELECT * FROM screening ORDER BY id") == before
    assert await versions(catalog) == {"1": (1, [1]), "2": (1, [1])}


async def test_a_changed_row_gets_the_next_version_and_is_told_once(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event("1"), an_event("2", f"{DAY}T23:00:00")))

    result = await catalog.import_feed(
        CINEMA_ID, a_feed(an_event("1", f"{DAY}T19:30:00"), an_event("2", f"{DAY}T23:00:00"))
    )

    assert (result.summary.screenings_updated, result.summary.screenings_unchanged) == (1, 1)
    assert await versions(catalog) == {"1": (2, [1, 2]), "2": (1, [1])}


async def test_the_same_request_again_gets_the_same_summary(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    request_id, staff = new_request_id(), catalog.staff()
    feed = a_feed(an_event("1"))
    first = await catalog.import_feed(CINEMA_ID, feed, request_id=request_id, metadata=staff)

    again = await catalog.import_feed(CINEMA_ID, feed, request_id=request_id, metadata=staff)

    assert again.summary == first.summary
    assert again.summary.screenings_created == 1


async def test_a_request_id_is_not_reused_for_another_file(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    request_id, staff = new_request_id(), catalog.staff()
    await catalog.import_feed(
        CINEMA_ID, a_feed(an_event("1")), request_id=request_id, metadata=staff
    )

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.import_feed(
            CINEMA_ID, a_feed(an_event("2")), request_id=request_id, metadata=staff
        )

    assert refusal_of(caught.value).reason == "REQUEST_ID_REUSED"


async def test_each_bad_row_is_named_and_the_good_ones_go_in(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    spoilt = [
        an_event("1"),
        {key: value for key, value in an_event("2").items() if key != "eventDateTime"},
        an_event("3", eventDateTime="soon"),
        an_event("4", filmId="gone"),
        an_event("5", cinemaId="9999"),
        an_event("6", "2027-03-28T03:30:00"),
        an_event("1", attributeIds=["ag", "2d"]),
        an_event("7", f"{DAY}T20:30:00"),
        an_event("1"),
    ]

    result = await catalog.import_feed(CINEMA_ID, a_feed(*spoilt))

    named = {(row.index, row.feed_id, row.reason) for row in result.problems}
    assert named == {
        (1, "2", Reason.REASON_MISSING_KEY),
        (2, "3", Reason.REASON_INVALID_VALUE),
        (3, "4", Reason.REASON_UNKNOWN_FILM),
        (4, "5", Reason.REASON_OTHER_CINEMA),
        (5, "6", Reason.REASON_NONEXISTENT_LOCAL_TIME),
        (6, "1", Reason.REASON_DUPLICATE_ID),
        (7, "7", Reason.REASON_HALL_OCCUPIED),
    }
    assert result.problems[0].key == "eventDateTime"
    summary = result.summary
    assert (summary.screenings_read, summary.rows_refused) == (9, 7)
    assert (summary.screenings_created, summary.screenings_unchanged) == (1, 1)
    assert [s.feed_id for s in await catalog.screenings(CINEMA_ID, DAY)] == ["1"]


@pytest.mark.parametrize("kept", [0.2, 0.9, 0.999])
async def test_a_file_that_is_cut_off_changes_nothing(catalog: Catalog, kept: float) -> None:
    await a_known_cinema(catalog)
    feed = a_feed(an_event("1"), an_event("2", f"{DAY}T23:00:00"))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.import_feed(CINEMA_ID, feed[: int(len(feed) * kept)])

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal_of(caught.value).reason == "UNREADABLE_FEED"
    for table in ("screening", "film", "hall", "import_row"):
        assert await catalog.database.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_screenings_may_swap_their_times(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event("1"), an_event("2", f"{DAY}T23:00:00")))

    result = await catalog.import_feed(
        CINEMA_ID, a_feed(an_event("2"), an_event("1", f"{DAY}T23:00:00"))
    )

    assert (result.summary.screenings_updated, len(result.problems)) == (2, 0)


async def test_a_row_that_must_stay_does_not_let_another_take_its_place(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.import_feed(
        CINEMA_ID,
        a_feed(an_event("1", f"{DAY}T10:00:00"), an_event("other", f"{DAY}T14:00:00")),
    )

    result = await catalog.import_feed(
        CINEMA_ID,
        a_feed(an_event("1", f"{DAY}T14:30:00"), an_event("2", f"{DAY}T10:00:00")),
    )

    assert {(row.feed_id, row.reason) for row in result.problems} == {
        ("1", Reason.REASON_HALL_OCCUPIED),
        ("2", Reason.REASON_HALL_OCCUPIED),
    }


async def test_the_database_refuses_an_overlap_by_itself(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event("1"), an_event("2", f"{DAY}T23:00:00")))

    with pytest.raises(Exception, match="screening_hall_free"):
        await catalog.database.execute(
            "UPDATE screening SET starts_at = starts_at - interval '2 hours' WHERE feed_id = '2'"
        )


async def test_imports_of_one_cinema_at_once_store_each_screening_once(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    feed = a_feed(*(an_event(str(n), f"2026-11-{n:02}T20:00:00") for n in range(1, 29)))

    results = await asyncio.gather(*(catalog.import_feed(CINEMA_ID, feed) for _ in range(4)))

    assert sorted(result.summary.screenings_created for result in results) == [0, 0, 0, 28]
    assert all(version == (1, [1]) for version in (await versions(catalog)).values())


@pytest.mark.rule("OTC-7")
@pytest.mark.rule("OTC-26")
async def test_what_may_not_be_sold_online_is_stored_with_its_reason(catalog: Catalog) -> None:
    await a_selling_cinema(catalog)
    tokens = {
        "film": ["n-15", "2d"],
        "theatre": ["n-15", "2d", "alternative-content"],
        "vip": ["n-15", "2d", "vip"],
        "members": ["n-15", "2d", "unlimited-screening"],
        "pending": ["tbc", "2d"],
        "unrated": ["na", "2d"],
        "explicit": ["im-18-xxx", "2d"],
    }
    events = [
        an_event(name, f"2026-11-{24 + number}T20:00:00", attributeIds=attributes)
        for number, (name, attributes) in enumerate(tokens.items())
    ]
    events.append(an_event("no plan", auditoriumTinyName="S02"))

    result = await catalog.import_feed(CINEMA_ID, a_feed(*events))

    rows = await catalog.database.fetch("SELECT feed_id, not_sold_reason FROM listed_screening")
    assert {row["feed_id"]: row["not_sold_reason"] for row in rows} == {
        "film": "",
        "theatre": "",
        "vip": "",
        "members": "CATEGORY",
        "pending": "RATING",
        "unrated": "RATING",
        "explicit": "RATING",
        "no plan": "NO_SEAT_PLAN",
    }
    assert result.summary.screenings_not_sold == 5
    (sold,) = await catalog.screenings(CINEMA_ID, DAY, include_not_sold=False)
    assert (sold.feed_id, sold.film.rating) == ("film", "N-15")


async def test_tokens_that_nobody_knows_are_counted(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    events = [
        an_event(str(n), f"2026-11-{n:02}T20:00:00", attributeIds=["ag", "smell-o-vision"])
        for n in (1, 2)
    ]

    result = await catalog.import_feed(CINEMA_ID, a_feed(*events))

    assert [(t.token, t.count) for t in result.summary.unknown_tokens] == [("smell-o-vision", 2)]


async def test_every_repeat_of_a_row_without_a_hall_is_named(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    occupied = an_event("2", f"{DAY}T21:00:00")

    result = await catalog.import_feed(CINEMA_ID, a_feed(an_event("1"), occupied, occupied))

    named = [(each.index, each.feed_id, each.reason) for each in result.problems]
    assert named == [(1, "2", Reason.REASON_HALL_OCCUPIED), (2, "2", Reason.REASON_HALL_OCCUPIED)]
    summary = result.summary
    assert (summary.screenings_created, summary.screenings_unchanged) == (1, 0)


async def test_a_file_over_the_limit_is_refused(catalog_database: Any, tmp_path: Any) -> None:
    async with catalog_server(catalog_database, tmp_path / "keys", max_feed_bytes=2_048) as catalog:
        await a_known_cinema(catalog)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await catalog.import_feed(CINEMA_ID, a_feed() + b" " * 4_096)

    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    refusal = refusal_of(caught.value)
    assert (refusal.reason, refusal.metadata) == ("FEED_TOO_LARGE", {"limit_bytes": "2048"})


async def test_a_film_with_a_new_title_changes_its_screenings(catalog: Catalog) -> None:
    await a_known_cinema(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event("1")))

    result = await catalog.import_feed(
        CINEMA_ID, a_feed(an_event("1"), films=(a_film(name="Orbita a opta"),))
    )

    assert (result.summary.films_changed, result.summary.screenings_updated) == (1, 1)
    (screening,) = await catalog.screenings(CINEMA_ID, DAY)
    assert screening.film.title == "Orbita a opta"
    assert json.loads(a_feed())["body"]["events"] == []
