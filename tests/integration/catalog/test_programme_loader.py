"""The sample chain, loaded as `make run` loads it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from cinema.catalog.v1 import policy_pb2, programme_service_pb2

from deploy.local.programme_loader import load_programme
from deploy.programme import generate
from services.catalog.checks import checks
from services.common.db.checks import run_check
from tests.kit.catalog import Catalog

FIRST_DAY = date(2026, 11, 23)


@pytest.mark.rule("OTC-1")
@pytest.mark.rule("OTC-2")
@pytest.mark.rule("OTC-5")
@pytest.mark.rule("OTC-14.1")
@pytest.mark.rule("OTC-52")
async def test_the_generated_week_is_stored_as_generated(catalog: Catalog, tmp_path: Path) -> None:
    programme = generate(FIRST_DAY, 1)

    loaded = await _load(catalog, tmp_path)
    again = await _load(catalog, tmp_path)
    (tmp_path / "programme.json").unlink()
    without_marker = await _load(catalog, tmp_path)

    assert (loaded.cinemas, loaded.screenings) == (28, len(programme.shows))
    assert again.was_there
    assert not without_marker.was_there
    await _screenings_equal_their_source(catalog)
    assert await _count(catalog, "version > 1") == 0
    assert await catalog.database.fetchval("SELECT count(*) FROM price_list") == 28
    await _cinemas_can_be_read_without_login(catalog)
    await _both_ways_to_a_screening_give_the_same(catalog)
    for check in checks():
        if check.settle_seconds:
            continue  # It speaks of what the relay does, which does not run here.
        assert await run_check(catalog.database, "catalog", check, wait_s=0) == []


async def _load(catalog: Catalog, folder: Path):
    return await load_programme(
        catalog.address,
        catalog.identities.provider_key,
        folder / "programme.json",
        first_day=FIRST_DAY,
        tell=lambda _: None,
    )


async def _count(catalog: Catalog, condition: str) -> int:
    return await catalog.database.fetchval(f"SELECT count(*) FROM screening WHERE {condition}")


async def _screenings_equal_their_source(catalog: Catalog) -> None:
    rows = await catalog.database.fetch("SELECT * FROM listed_screening")
    stored = {
        (
            row["cinema_id"], row["feed_id"], row["hall_name"], row["film_feed_id"],
            row["film_title"], row["business_day"], row["local_start"],
            row["ends_at"] - row["starts_at"], row["rating"],
        )
        for row in rows
    }  # fmt: skip
    assert stored == {
        (
            show.hall.cinema_id, show.id, show.hall.tiny_name, show.version.id,
            show.version.film.title, show.business_day, show.start,
            timedelta(minutes=25 + show.version.film.length_minutes), show.version.film.rating,
        )
        for show in generate(FIRST_DAY, 1).shows
    }  # fmt: skip
    assert {row["not_sold_reason"] for row in rows} == {""}


async def _cinemas_can_be_read_without_login(catalog: Catalog) -> None:
    request = programme_service_pb2.ListCinemasRequest(page_size=20)
    first = await catalog.programme.ListCinemas(request)
    request.page_token = first.next_page_token
    second = await catalog.programme.ListCinemas(request)
    cinemas = [*first.cinemas, *second.cinemas]
    assert len({cinema.id for cinema in cinemas}) == 28
    assert len({cinema.phone for cinema in cinemas}) == 28
    assert [cinema.name for cinema in cinemas] == sorted(cinema.name for cinema in cinemas)
    assert all(cinema.phone.startswith("+4031413") for cinema in cinemas)
    for cinema in cinemas:
        terms: policy_pb2.Terms = (
            await catalog.programme.GetTerms(
                programme_service_pb2.GetTermsRequest(policy_code=cinema.policy_code)
            )
        ).terms
        assert (terms.gtc_version, terms.otc_version) == ("2026-12", "2026-12")
        assert terms.gtc_text
        assert terms.otc_text
    for cinema in cinemas[:5]:
        screening = (await catalog.screenings(cinema.id, FIRST_DAY.isoformat()))[0]
        quotes = await catalog.programme.QuotePrices(
            programme_service_pb2.QuotePricesRequest(screening_id=screening.id)
        )
        assert {quote.ticket_type for quote in quotes.quotes} == {
            "ADULT", "CHILD", "STUDENT", "SENIOR", "DISABLED", "COMPANION"
        }  # fmt: skip
        assert {package.ticket_type for package in quotes.package_quotes} == {"FAMILY"}
        assert all(quote.price.currency_code == "RON" for quote in quotes.quotes)
        assert all(quote.service_fee.minor_units == 200 for quote in quotes.quotes)


async def _both_ways_to_a_screening_give_the_same(catalog: Catalog) -> None:
    day = FIRST_DAY.isoformat()
    by_cinema = await catalog.screenings("1818", day)
    films = {screening.film.id for screening in by_cinema}
    by_film = [
        screening
        for film_id in films
        for screening in await catalog.screenings("", day, film_id=film_id)
    ]
    assert len(films) > 1
    found = {screening.id: screening for screening in by_film if screening.cinema_id == "1818"}
    assert found == {screening.id: screening for screening in by_cinema}
