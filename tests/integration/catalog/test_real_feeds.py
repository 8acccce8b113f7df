"""The chains' own feeds through the import; skipped where they are not at hand."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.catalog.domain.vocabularies import CINEMA_CITY_PL, CINEWORLD_UK
from tests.integration.catalog.feeds import a_cinema, a_feed, an_event
from tests.kit.catalog import Catalog

_NEAR_REPOSITORY = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("PARTERRE_SHARED_DATA") or _NEAR_REPOSITORY) / "quickbook"
POLISH = sorted(DATA.glob("cinemacity_pl_*.json"))
BRITISH = sorted(DATA.glob("cineworld_uk/*/film-events_*.json"))

real_feeds = pytest.mark.skipif(not BRITISH, reason="the real feeds are not here")


def a_real_cinema(cinema_id: str, *, polish: bool) -> dict[str, Any]:
    vocabulary = CINEMA_CITY_PL if polish else CINEWORLD_UK
    entry = a_cinema(
        cinema_id,
        country_code="PL" if polish else "GB",
        currency_code="PLN" if polish else "GBP",
        time_zone="Europe/Warsaw" if polish else "Europe/London",
        policy_code="cinema-city-pl" if polish else "cineworld-uk",
    )
    entry["import_profile"]["ratings"] = [
        {"token": token, "rating": rating} for token, rating in vocabulary.ratings.items()
    ]
    return entry


def by_cinema() -> Iterator[tuple[str, bool, list[Path]]]:
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for path in [*POLISH, *BRITISH]:
        polish = path.name.startswith("cinemacity_pl")
        files[path.stem.split("_")[2] if polish else path.parent.name].append(path)
    for cinema_id, paths in files.items():
        yield cinema_id, paths[0] in POLISH, paths


@real_feeds
async def test_every_screening_of_the_real_feeds_is_stored_as_it_is(catalog: Catalog) -> None:
    for cinema_id, polish, paths in by_cinema():
        await catalog.create_cinema(a_real_cinema(cinema_id, polish=polish))
        sources: dict[str, dict[str, Any]] = {}
        problems = []
        for path in paths:
            content = path.read_bytes()
            result = await catalog.import_feed(cinema_id, content)
            problems += [(path.name, problem) for problem in result.problems]
            body = json.loads(content)["body"]
            titles = {film["id"]: film["name"] for film in body["films"]}
            for event in body["events"]:
                sources[event["id"]] = event | {"title": titles[event["filmId"]]}
        assert problems == []
        rows = await catalog.database.fetch(
            "SELECT * FROM listed_screening WHERE cinema_id = $1", cinema_id
        )
        stored = {
            (
                row["feed_id"], row["film_feed_id"], row["film_title"], row["hall_name"],
                row["local_start"].isoformat(), row["business_day"].isoformat(),
                tuple(row["attribute_tokens"]),
            )
            for row in rows
        }  # fmt: skip
        assert stored == {
            (
                event["id"], event["filmId"], event["title"], event["auditoriumTinyName"],
                event["eventDateTime"], event["businessDay"], tuple(event["attributeIds"]),
            )
            for event in sources.values()
        }  # fmt: skip
    before = await catalog.database.fetch("SELECT * FROM screening ORDER BY id")

    for cinema_id, _, paths in by_cinema():
        for path in paths:
            result = await catalog.import_feed(cinema_id, path.read_bytes())
            assert result.summary.screenings_unchanged == result.summary.screenings_read

    assert await catalog.database.fetch("SELECT * FROM screening ORDER BY id") == before


async def test_a_feed_of_thousands_of_screenings_is_imported_whole(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    events = [
        an_event(
            f"{hall}-{day}-{hour}",
            f"2026-11-{day:02}T{hour:02}:00:00",
            auditoriumTinyName=f"S{hall:02}",
        )
        for hall in range(1, 31)
        for day in range(1, 31)
        for hour in (10, 13, 16, 19, 22)
    ]
    content = a_feed(*events)

    result = await catalog.import_feed("1818", content)

    assert result.summary.screenings_created == len(events) == 4_500
