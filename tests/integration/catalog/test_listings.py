"""Listings that processes keep: fresh within a moment, whoever changed what."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cinema.catalog.v1.programme_service_pb2 import ListScreeningsRequest
from cinema.catalog.v1.screening_pb2 import LanguageVersion, Screening

from deploy.local.databases import ServiceDatabase
from services.catalog.worker_tasks import CHANGES_KEPT_S, programme_change_rule
from services.common.db.retention import delete_expired
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    NOW,
    a_cinema,
    a_feed,
    a_film,
    a_line,
    a_plan,
    an_event,
    prices,
    terms,
)
from tests.integration.common.parts import until
from tests.kit.catalog import Catalog, catalog_server
from tests.kit.servers import SharedServers


@pytest.fixture
async def other_process(
    catalog: Catalog,
    catalog_database: ServiceDatabase,
    servers: SharedServers,
    tmp_path: Path,
) -> AsyncIterator[Catalog]:
    nats_url = servers.nats_url("catalog")
    async with catalog_server(catalog_database, tmp_path / "other", nats_url=nats_url) as running:
        yield running


async def a_sold_programme(catalog: Catalog, *events: dict[str, Any]) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    await catalog.import_feed(CINEMA_ID, a_feed(*(events or (an_event(),))))


async def change_the_feed(catalog: Catalog) -> None:
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=f"{DAY}T21:00:00")))


async def rename_the_film_from_another_cinema(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema("1817"))
    event = an_event(cinemaId="1817")
    await catalog.import_feed("1817", a_feed(event, films=(a_film(name="Al optulea tur"),)))


async def stop_selling_online(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema(sold_online=False))


async def sell_on_mondays_only(catalog: Catalog) -> None:
    await catalog.set_prices(prices(lines=[a_line(2_500, weekdays=(1,))]))


async def exclude_movies(catalog: Catalog) -> None:
    policy = terms()["policy"] | {"categories_sold_online": ["VIP"]}
    await catalog.publish_terms(terms("2026-02", policy=policy))


async def let_prices_come_into_force(catalog: Catalog) -> None:
    await catalog.move_clock(120)


@pytest.mark.parametrize(
    "change",
    [
        change_the_feed,
        rename_the_film_from_another_cinema,
        stop_selling_online,
        sell_on_mondays_only,
        exclude_movies,
        let_prices_come_into_force,
    ],
)
async def test_a_change_becomes_visible_on_every_process(
    catalog: Catalog, other_process: Catalog, change: Any
) -> None:
    await a_sold_programme(catalog)
    await catalog.set_prices(
        prices(effective_time=_in_a_minute(), lines=[a_line(2_500, weekdays=(1,))])
    )
    before = await other_process.screenings(CINEMA_ID, DAY)
    assert [each.sold_online for each in before] == [True]

    await change(catalog)

    own = await _seen(catalog, before)
    await until(lambda: _differs(other_process, before))
    assert await other_process.screenings(CINEMA_ID, DAY) == own


async def test_a_process_lists_its_own_changes_at_once(catalog: Catalog) -> None:
    await a_sold_programme(catalog)

    for minute in range(10, 20):
        start = f"{DAY}T20:{minute}:00"
        await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=start)))

        (screening,) = await catalog.screenings(CINEMA_ID, DAY)
        assert screening.local_start == start[:16]


async def test_what_is_kept_is_what_the_database_has(catalog: Catalog) -> None:
    events = [
        an_event(str(number), f"{DAY}T{10 + number}:00:00", auditoriumTinyName=f"S{number:02}")
        for number in range(12)
    ]
    await a_sold_programme(catalog, *events)

    kept = [await catalog.screenings(CINEMA_ID, DAY, page_size=5) for _ in range(2)]

    film_id = kept[0][0].film.id
    of_film = await catalog.screenings("", DAY, film_id=film_id)  # Read without a cache.
    assert kept == [of_film, of_film]
    assert await catalog.screenings(CINEMA_ID, DAY, film_id=film_id) == of_film
    assert await catalog.screenings(CINEMA_ID, DAY, by_business_day=True) == of_film


@pytest.mark.rule("OTC-14.1")
@pytest.mark.parametrize("page_size", [1, 100])
async def test_a_show_after_midnight_is_of_two_days_both_ways(
    catalog: Catalog, page_size: int
) -> None:
    evening = an_event("evening", f"{DAY}T21:00:00")
    night = an_event("night", "2026-11-25T00:30:00", businessDay=DAY)
    await a_sold_programme(catalog, evening, night)
    film_id = (await catalog.screenings(CINEMA_ID, DAY))[0].film.id
    ways: tuple[dict[str, str], ...] = (
        {"cinema_id": CINEMA_ID},
        {"cinema_id": "", "film_id": film_id},
        {"cinema_id": CINEMA_ID, "film_id": film_id},
    )

    for way in ways:

        async def names(date: str, way: dict[str, str] = way, **asked: Any) -> list[str]:
            arguments: dict[str, Any] = {"page_size": page_size} | way | asked
            return [each.feed_id for each in await catalog.screenings(date=date, **arguments)]

        assert await names(DAY) == ["evening"]
        assert await names("2026-11-25") == ["night"]
        assert await names(DAY, by_business_day=True) == ["evening", "night"]
        assert await names("2026-11-25", by_business_day=True) == []


@pytest.mark.rule("OTC-7")
async def test_what_is_not_sold_online_is_listed_to_who_asks_for_it(catalog: Catalog) -> None:
    sold = an_event("sold", f"{DAY}T12:00:00")
    pending = an_event("pending", f"{DAY}T16:00:00", attributeIds=["2d"])
    without_plan = an_event("without plan", f"{DAY}T16:00:00", auditoriumTinyName="S02")
    await a_sold_programme(catalog, sold, pending, without_plan)
    film_id = (await catalog.screenings(CINEMA_ID, DAY))[0].film.id

    for cinema_id, film in ((CINEMA_ID, ""), ("", film_id)):
        usual = await catalog.screenings(cinema_id, DAY, film_id=film, include_not_sold=False)
        everything = await catalog.screenings(cinema_id, DAY, film_id=film)

        assert [each.feed_id for each in usual] == ["sold"]
        assert {each.feed_id for each in everything} == {"sold", "pending", "without plan"}


@pytest.mark.rule("OTC-14.1")
@pytest.mark.parametrize("page_size", [2, 100])
async def test_screenings_are_found_by_language_version_both_ways(
    catalog: Catalog, page_size: int
) -> None:
    tokens = {
        "original": ["n-15", "2d", "original", "original-lang-ro"],
        "subtitled": ["n-15", "2d", "subbed", "first-subbed-lang-ro", "original-lang-en-us"],
        "dubbed": ["n-15", "3d", "imax", "dubbed", "dubbed-lang-hu"],
    }
    events = [
        an_event(f"{name}-{number}", f"{DAY}T{10 + number}:00:00", attributeIds=tokens[name],
                 auditoriumTinyName=f"{name}{number}")
        for number in range(10)
        for name in tokens
    ]  # fmt: skip
    await a_sold_programme(catalog, *events)
    film_id = (await catalog.screenings(CINEMA_ID, DAY))[0].film.id

    for way in ({"cinema_id": CINEMA_ID}, {"film_id": film_id}):

        async def names(way: dict[str, Any] = way, **asked: Any) -> set[str]:
            arguments: dict[str, Any] = {"cinema_id": "", "page_size": page_size} | way | asked
            listed = await catalog.screenings(date=DAY, **arguments)
            assert len(listed) == len({each.id for each in listed})
            assert len(listed) % 10 == 0
            return {each.feed_id.partition("-")[0] for each in listed}

        assert await names(language="ro") == {"original", "subtitled"}
        assert await names(language="en") == {"subtitled"}
        assert await names(language="fr") == set()
        assert await names(language_kind=LanguageVersion.KIND_DUBBED) == {"dubbed"}
        assert await names(language_kind=LanguageVersion.KIND_DUBBED, language="ro") == set()
        assert await names(format="IMAX", language="hu") == {"dubbed"}


async def test_a_cinema_that_nobody_knows_has_no_screenings(catalog: Catalog) -> None:
    await a_sold_programme(catalog)

    assert await catalog.screenings("9999", DAY) == []


async def test_a_day_too_long_to_be_kept_is_read_page_by_page(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.adapters.listings.MAX_KEPT_SCREENINGS_PER_DAY", 3)
    events = [an_event(str(number), f"{DAY}T{8 + 3 * number:02}:00:00") for number in range(5)]
    await a_sold_programme(catalog, *events)

    listed = await catalog.screenings(CINEMA_ID, DAY, page_size=2)

    assert [each.feed_id for each in listed] == ["0", "1", "2", "3", "4"]


async def test_forgetting_old_changes_makes_nothing_stale(catalog: Catalog) -> None:
    await a_sold_programme(catalog)
    await catalog.screenings(CINEMA_ID, DAY)
    await catalog.database.execute(
        "UPDATE programme_change SET change_time = change_time - make_interval(secs => $1)",
        CHANGES_KEPT_S + 1,
    )

    deleted = await delete_expired(catalog.database, [programme_change_rule()])
    await change_the_feed(catalog)

    assert deleted["programme_change"] > 0
    (screening,) = await catalog.screenings(CINEMA_ID, DAY)
    assert screening.local_start == f"{DAY}T21:00"


async def _seen(catalog: Catalog, before: list[Screening]) -> list[Screening]:
    await until(lambda: _differs(catalog, before))
    return await catalog.screenings(CINEMA_ID, DAY)


async def _differs(catalog: Catalog, before: list[Screening]) -> bool:
    page = await catalog.programme.ListScreenings(
        ListScreeningsRequest(cinema_id=CINEMA_ID, date=DAY, include_not_sold=True)
    )
    return list(page.screenings) != before


def _in_a_minute() -> str:
    return (datetime.fromisoformat(NOW) + timedelta(minutes=1)).isoformat()
