"""A programme of a few cinemas and days, loaded through the public calls in a second or two."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from google.protobuf.json_format import ParseDict

from deploy.demo.stage import CALL_TIMEOUT_S, Stage
from deploy.programme.chain import COUNTRY, EFFECTIVE_TIME, POLICY, RATINGS
from deploy.programme.chain_facts import CINEMAS, CURRENCY, TIME_ZONE, Cinema
from deploy.programme.feed import film_events
from deploy.programme.films import FILMS, Language, Version
from deploy.programme.hall_layout import Layout, build_plan
from deploy.programme.halls import Hall, HallKind
from deploy.programme.policies import terms
from deploy.programme.prices import price_list
from deploy.programme.schedule import ADVERTISING_MINUTES, MIN_TURNAROUND_MINUTES, Show

SMALL_CINEMAS = CINEMAS[:2]
SEATS_OF_HALLS = (96, 60)
DAYS = 3
CHUNK_BYTES = 200_000
_STARTS = tuple(time(hour) for hour in (9, 12, 15, 18, 21))
# A film that leaves time for five shows a day and may be sold online.
VERSION = Version(FILMS[1], Language.ORIGINAL, is_3d=False)
_PRICE_SEED = 1


async def load_small_programme(stage: Stage) -> None:
    """Put two cinemas with two halls each and a few days of five shows on sale."""
    await send(stage, "PublishTerms", terms_document())
    await asyncio.gather(*(_load_cinema(stage, cinema) for cinema in SMALL_CINEMAS))


async def _load_cinema(stage: Stage, cinema: Cinema) -> None:
    halls = [make_hall(cinema, number, seats) for number, seats in enumerate(SEATS_OF_HALLS, 1)]
    await create_cinema(stage, cinema, halls)
    await import_shows(stage, cinema.cinema_id, _shows(cinema, halls))


async def create_cinema(stage: Stage, cinema: Cinema, halls: Iterable[Hall]) -> None:
    """Create a cinema with its prices and the plans of its halls, as an operator."""
    await send(stage, "CreateCinema", cinema_document(cinema))
    prices = price_list(cinema, _PRICE_SEED, EFFECTIVE_TIME)
    await send(stage, "SetPrices", {"price_list": prices})
    for hall in halls:
        await send(stage, "PublishSeatPlan", plan_document(hall))


async def import_shows(stage: Stage, cinema_id: str, shows: Iterable[Show]) -> pb.ImportSummary:
    """Import shows as a feed; raises RuntimeError when a row is refused."""
    feed = json.dumps(film_events(list(shows))).encode()

    async def parts() -> AsyncIterator[pb.ImportProgrammeRequest]:
        header = pb.ImportHeader(cinema_id=cinema_id, request_id=str(uuid4()))
        yield pb.ImportProgrammeRequest(header=header)
        for at in range(0, len(feed), CHUNK_BYTES):
            yield pb.ImportProgrammeRequest(chunk=feed[at : at + CHUNK_BYTES])

    answers = stage.catalog_admin.ImportProgramme(
        parts(), metadata=stage.staff("operator"), timeout=CALL_TIMEOUT_S
    )
    reports = [answer async for answer in answers]
    problems = [report.problem for report in reports if report.HasField("problem")]
    if problems:
        raise RuntimeError(f"The programme was not taken as it is: {problems[0]}")
    return reports[-1].summary


async def send(stage: Stage, name: str, document: dict[str, Any]) -> Any:
    """Call a method of CatalogAdminService as an operator, its request given as JSON."""
    request = getattr(pb, f"{name}Request")()
    ParseDict({**document, "request_id": str(uuid4())}, request)
    call = getattr(stage.catalog_admin, name)
    return await call(request, metadata=stage.staff("operator"), timeout=CALL_TIMEOUT_S)


def make_hall(cinema: Cinema, number: int, seats: int) -> Hall:
    """Make an ordinary hall with a seat plan of that many seats."""
    plan = build_plan(Layout(seats, is_vip=False, has_sofas=False))
    name = f"Sala {number}"
    return Hall(cinema.cinema_id, f"S{number:02}", name, HallKind.STANDARD, plan)


def terms_document() -> dict[str, Any]:
    """Give the PublishTerms request of the chain's policy."""
    return {"terms": next(each for each in terms(EFFECTIVE_TIME) if each["policy_code"] == POLICY)}


def cinema_document(cinema: Cinema) -> dict[str, Any]:
    """Give the CreateCinema request of a cinema."""
    ratings = [{"token": token, "rating": rating} for token, rating in RATINGS.items()]
    return {
        "cinema": {
            "id": cinema.cinema_id,
            "name": cinema.name,
            "city": cinema.city,
            "phone": cinema.phone,
            "time_zone": TIME_ZONE,
            "currency_code": CURRENCY,
            "formats": ["2D"],
            "cards_accepted": True,
            "sold_online": True,
            "country_code": COUNTRY,
            "policy_code": POLICY,
        },
        "import_profile": {
            "cinema_id": cinema.cinema_id,
            "advertising_minutes": ADVERTISING_MINUTES,
            "cleaning_minutes": MIN_TURNAROUND_MINUTES,
            "ratings": ratings,
        },
    }


def plan_document(hall: Hall) -> dict[str, Any]:
    """Give the PublishSeatPlan request of a hall."""
    return {
        "cinema_id": hall.cinema_id,
        "hall_name": hall.tiny_name,
        "seat_plan": hall.plan.to_contract(),
    }


def local_today() -> date:
    """Give today's date where the cinemas are."""
    return datetime.now(UTC).astimezone(ZoneInfo(TIME_ZONE)).date()


def _shows(cinema: Cinema, halls: list[Hall]) -> Iterator[Show]:
    number = 0
    for offset in range(DAYS):
        day = local_today() + timedelta(days=offset)
        for hall in halls:
            for start in _STARTS:
                number += 1
                show_id = f"{cinema.cinema_id}{number:03}"
                yield Show(show_id, hall, VERSION, day, datetime.combine(day, start))
