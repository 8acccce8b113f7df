"""The shows of one cinema and day, written as the chain's quickbook feed writes them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from deploy.programme.films import LINKS, Version
from deploy.programme.halls import Hall, HallKind
from deploy.programme.schedule import Show

_HALL_TOKENS = {HallKind.IMAX: "imax", HallKind.FOUR_DX: "4dx", HallKind.VIP: "vip"}


def film_events(shows: Iterable[Show]) -> dict[str, Any]:
    """Make the feed's document: each film once, its attributes the union over its events."""
    events = [_event(show) for show in shows]
    versions = {show.version.id: show.version for show in shows}
    films = [
        _film(version, [event for event in events if event["filmId"] == version.id])
        for _, version in sorted(versions.items())
    ]
    return {"body": {"films": films, "events": events}}


def _film(version: Version, events: list[dict[str, Any]]) -> dict[str, Any]:
    link = f"{LINKS}/filme/{version.slug}/{version.id}"
    release = date.fromisoformat(version.film.release_date)
    return {
        "id": version.id,
        "name": version.film.title,
        "length": version.film.length_minutes,
        "posterLink": f"{LINKS}/posters/{version.id.upper()}.jpg",
        "videoLink": None if version.film.is_alternative else f"{link}/trailer",
        "link": link,
        "weight": 0,
        "releaseYear": str(release.year),
        "releaseDate": f"{release.isoformat()}T00:00:00",
        "attributeIds": sorted({token for event in events for token in event["attributeIds"]}),
    }


def _event(show: Show) -> dict[str, Any]:
    order = f"{LINKS}/api/order/{show.id}"
    return {
        "id": show.id,
        "filmId": show.version.id,
        "cinemaId": show.hall.cinema_id,
        "businessDay": show.business_day.isoformat(),
        "eventDateTime": show.start.isoformat(),
        "attributeIds": _tokens(show.version, show.hall),
        "languages": show.version.languages(),
        "bookingLink": f"{order}?lang=ro",
        "compositeBookingLink": {
            "type": "PG",
            "bookingUrl": {"url": order, "params": {"lang": "ro-RO"}},
            "obsoleteBookingUrl": f"{order}?lang=ro",
            "blockOnlineSales": False,
            "blockOnlineSalesUntil": None,
            "serviceUrl": f"{LINKS}/booking",
        },
        "bookingRouterLaunchLink": f"{LINKS}/ro/booking-router/launch/{show.id}?lang=ro",
        "presentationCode": show.id,
        "soldOut": False,
        "availabilityRatio": 1.0,
        "auditorium": show.hall.name,
        "auditoriumTinyName": show.hall.tiny_name,
    }


def _tokens(version: Version, hall: Hall) -> list[str]:
    token = _HALL_TOKENS.get(hall.kind)
    return sorted([*version.tokens(), *([token] if token else [])])
