"""The chains' own feeds, read unchanged; skipped where they are not at hand."""

import json
import os
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.catalog.adapters.quickbook_stream import read_programme
from services.catalog.domain.feed_rows import FeedFilm, FeedScreening
from services.catalog.domain.import_profile import AttributeVocabulary, ImportProfile
from services.catalog.domain.quickbook import parse_feed
from services.catalog.domain.vocabularies import CINEMA_CITY_PL, CINEWORLD_UK
from tests.unit.catalog.feeds import in_chunks

_NEAR_REPOSITORY = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("PARTERRE_SHARED_DATA") or _NEAR_REPOSITORY) / "quickbook"
FEEDS = sorted(DATA.glob("cinemacity_pl_*.json")) + sorted(
    DATA.glob("cineworld_uk/*/film-events_*.json")
)
CHUNK_BYTES = 65_536

pytestmark = pytest.mark.skipif(not FEEDS, reason="the real feeds are not here")


def profiles_for(document: Any, path: Path) -> dict[str, ImportProfile]:
    is_polish = path.name.startswith("cinemacity_pl")
    zone, currency = ("Europe/Warsaw", "PLN") if is_polish else ("Europe/London", "GBP")
    vocabulary: AttributeVocabulary = CINEMA_CITY_PL if is_polish else CINEWORLD_UK
    cinemas = {event["cinemaId"] for event in document["body"]["events"]} or {"-"}
    return {id_: ImportProfile(id_, ZoneInfo(zone), currency, vocabulary) for id_ in cinemas}


async def test_every_screening_and_film_of_every_real_feed_is_read() -> None:
    unknown_tokens: set[str] = set()

    for path in FEEDS:
        content = path.read_bytes()
        document = json.loads(content)
        profiles = profiles_for(document, path)
        rows = [row async for row in read_programme(in_chunks(content, CHUNK_BYTES), profiles)]

        screenings = [row for row in rows if isinstance(row, FeedScreening)]
        films = [row for row in rows if isinstance(row, FeedFilm)]
        assert len(screenings) == len(document["body"]["events"]), path.name
        assert len(films) == len(document["body"]["films"]), path.name
        assert rows == list(parse_feed(document, profiles))
        unknown_tokens |= {token for row in screenings for token in row.unknown_tokens}

    assert unknown_tokens == set()


async def test_a_real_feed_is_read_fast_enough() -> None:
    path = FEEDS[0]
    document = json.loads(path.read_bytes())
    events = document["body"]["events"]
    document["body"]["events"] = [
        event | {"id": f"{copy}-{event['id']}"} for copy in range(50) for event in events
    ]
    content = json.dumps(document).encode()

    started = time.process_time()
    profiles = profiles_for(document, path)
    rows = [row async for row in read_programme(in_chunks(content, CHUNK_BYTES), profiles)]
    seconds = time.process_time() - started

    # Ten times less than measured: this asks whether it is linear, the bench asks how fast.
    assert len(rows) / seconds > 2_000
