"""Small feeds written by hand, in the chain's format."""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.vocabularies import CINEMA_CITY_RO

BUCHAREST = ZoneInfo("Europe/Bucharest")


def a_profile(cinema_id: str = "1808", time_zone: ZoneInfo = BUCHAREST) -> ImportProfile:
    return ImportProfile(cinema_id, time_zone, "RON", CINEMA_CITY_RO)


PROFILES = {"1808": a_profile()}


def a_film(**changes: Any) -> dict[str, Any]:
    film = {
        "id": "71s2r",
        "name": "Șapte mere",
        "length": 100,
        "posterLink": "https://cinema.example/71.jpg",
        "videoLink": None,
        "link": "https://cinema.example/71",
        "weight": -3,
        "releaseYear": "2026",
        "releaseDate": "2026-11-20T00:00:00",
        "attributeIds": ["2d", "drama", "n-15"],
    }
    return _without_missing(film | changes)


def an_event(**changes: Any) -> dict[str, Any]:
    event = {
        "id": "501",
        "filmId": "71s2r",
        "cinemaId": "1808",
        "businessDay": "2026-11-23",
        "eventDateTime": "2026-11-23T20:30:00",
        "attributeIds": ["2d", "drama", "n-15"],
        "soldOut": False,
        "auditorium": "Sala 2 - Sponsor",
        "auditoriumTinyName": "S02",
    }
    return _without_missing(event | changes)


MISSING = object()


def _without_missing(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not MISSING}


def a_feed(films: Iterable[Any] = (), events: Iterable[Any] = ()) -> dict[str, Any]:
    return {"body": {"films": list(films), "events": list(events)}}


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


async def in_chunks(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]
