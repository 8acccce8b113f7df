"""The programme that load runs and soaks sell: one cinema of equal halls, full days, many seats."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
from cinema.booking.v1 import booking_service_pb2 as booking_pb
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import seat_plan_pb2
from google.protobuf.json_format import ParseDict

from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage
from deploy.programme.chain import COUNTRY, EFFECTIVE_TIME, POLICY, RATINGS
from deploy.programme.chain_facts import CURRENCY, TIME_ZONE, Cinema
from deploy.programme.feed import film_events
from deploy.programme.films import FILMS, Language, Version
from deploy.programme.hall_layout import Layout, build_plan
from deploy.programme.halls import Hall, HallKind
from deploy.programme.policies import terms
from deploy.programme.prices import price_list
from deploy.programme.schedule import ADVERTISING_MINUTES, MIN_TURNAROUND_MINUTES, Show
from deploy.programme.seat_plan import SeatPlan
from tests.kit.legal_seats import LegalSeats

CINEMA = Cinema("load", "Load", "București", "+40314130000", 0)
# A film that leaves time for five shows a day; none of the ratings that are not sold online.
_VERSION = Version(FILMS[1], Language.ORIGINAL, is_3d=False)
_STARTS = tuple(time(hour) for hour in (9, 12, 15, 18, 21))
_PRICE_SEED = 1
NO_PLAN = UUID(int=0)
CHUNK_BYTES = 200_000
MAX_WAIT_FOR_BOOKING_S = 60.0
MAX_READS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Size:
    """How large: seats of each hall, and what of the policy is not as the terms have it."""

    halls: int
    days: int
    seats: int = 400
    hold_seconds: int = 600
    min_payment_seconds: int = 60
    remedy_mode: str = "REMEDY_MODE_ON_REQUEST"

    @property
    def screenings(self) -> int:
        return self.halls * self.days * len(_STARTS)


@dataclass(frozen=True, slots=True)
class LoadedProgramme:
    """What is on sale: the screenings by start, and the plan that all their halls have."""

    screening_ids: list[str]
    plan: SeatPlan

    @property
    def seat_ids(self) -> list[str]:
        return [seat.id for seat in self.plan.seats()]

    @property
    def legal_seats(self) -> LegalSeats:
        contract = {"id": str(NO_PLAN), **self.plan.to_contract()}
        return LegalSeats.of(ParseDict(contract, seat_plan_pb2.SeatPlan()))


async def load_programme(stage: Stage, size: Size, first_day: datetime) -> LoadedProgramme:
    """Load it through the public calls, and wait until booking sells all of it."""
    plan = build_plan(Layout(size.seats, is_vip=False, has_sofas=False))
    halls = [
        Hall(CINEMA.cinema_id, f"S{number:02}", f"Sala {number}", HallKind.STANDARD, plan)
        for number in range(1, size.halls + 1)
    ]
    staff = stage.staff("operator")
    admin = stage.catalog_admin
    for request, method in _set_up(halls, size):
        await method(admin)(request, metadata=staff, timeout=CALL_TIMEOUT_S)
    shows = list(_shows(halls, size, first_day))
    await _import(stage, json.dumps(film_events(shows)).encode())
    screening_ids = await _listed(stage, sorted({show.business_day.isoformat() for show in shows}))
    if len(screening_ids) != size.screenings:
        raise RuntimeError(f"{len(screening_ids)} screenings are listed, not {size.screenings}.")
    await read_all_maps(stage, screening_ids)
    return LoadedProgramme(screening_ids, plan)


async def read_all_maps(stage: Stage, screening_ids: list[str]) -> None:
    """Read every seat map at every booking process, so that no later call is the first one."""
    at_once = asyncio.Semaphore(MAX_READS_AT_ONCE)

    async def read(booking: Any, screening_id: str) -> None:
        request = booking_pb.GetSeatMapRequest(screening_id=screening_id)
        async with at_once, asyncio.timeout(MAX_WAIT_FOR_BOOKING_S):
            while True:
                try:
                    await booking.GetSeatMap(request, timeout=CALL_TIMEOUT_S)
                except grpc.aio.AioRpcError as error:
                    if error.code() not in {
                        grpc.StatusCode.UNAVAILABLE,
                        grpc.StatusCode.NOT_FOUND,
                        grpc.StatusCode.RESOURCE_EXHAUSTED,
                    }:
                        raise
                    await asyncio.sleep(0.1)
                else:
                    return

    await asyncio.gather(*(read(each, one) for one in screening_ids for each in stage.bookings))


def _set_up(halls: list[Hall], size: Size) -> Iterator[tuple[Any, Any]]:
    document = next(each for each in terms(EFFECTIVE_TIME) if each["policy_code"] == POLICY)
    document["policy"]["hold_seconds"] = size.hold_seconds
    document["policy"]["min_payment_seconds"] = size.min_payment_seconds
    document["policy"]["remedy_mode"] = size.remedy_mode
    yield (
        ParseDict({"terms": document, "request_id": str(uuid4())}, pb.PublishTermsRequest()),
        lambda admin: admin.PublishTerms,
    )
    cinema = {
        "id": CINEMA.cinema_id,
        "name": CINEMA.name,
        "city": CINEMA.city,
        "phone": CINEMA.phone,
        "time_zone": TIME_ZONE,
        "currency_code": CURRENCY,
        "formats": ["2D"],
        "cards_accepted": True,
        "sold_online": True,
        "country_code": COUNTRY,
        "policy_code": POLICY,
    }
    profile = {
        "cinema_id": CINEMA.cinema_id,
        "advertising_minutes": ADVERTISING_MINUTES,
        "cleaning_minutes": MIN_TURNAROUND_MINUTES,
        "ratings": [{"token": token, "rating": rating} for token, rating in RATINGS.items()],
    }
    create = {"cinema": cinema, "import_profile": profile, "request_id": str(uuid4())}
    yield ParseDict(create, pb.CreateCinemaRequest()), lambda admin: admin.CreateCinema
    prices = price_list(CINEMA, _PRICE_SEED, EFFECTIVE_TIME)
    set_prices = {"price_list": prices, "request_id": str(uuid4())}
    yield ParseDict(set_prices, pb.SetPricesRequest()), lambda admin: admin.SetPrices
    for hall in halls:
        publish = {
            "cinema_id": hall.cinema_id,
            "hall_name": hall.tiny_name,
            "seat_plan": hall.plan.to_contract(),
            "request_id": str(uuid4()),
        }
        yield ParseDict(publish, pb.PublishSeatPlanRequest()), lambda admin: admin.PublishSeatPlan


def _shows(halls: list[Hall], size: Size, first_day: datetime) -> Iterator[Show]:
    number = 0
    for offset in range(size.days):
        day = first_day.astimezone(UTC).date() + timedelta(days=offset)
        for hall in halls:
            for start in _STARTS:
                number += 1
                yield Show(f"load-{number}", hall, _VERSION, day, datetime.combine(day, start))


async def _import(stage: Stage, feed: bytes) -> None:
    async def parts() -> AsyncIterator[pb.ImportProgrammeRequest]:
        header = pb.ImportHeader(cinema_id=CINEMA.cinema_id, request_id=str(uuid4()))
        yield pb.ImportProgrammeRequest(header=header)
        for at in range(0, len(feed), CHUNK_BYTES):
            yield pb.ImportProgrammeRequest(chunk=feed[at : at + CHUNK_BYTES])

    answers = stage.catalog_admin.ImportProgramme(
        parts(), metadata=stage.staff("operator"), timeout=2 * CALL_TIMEOUT_S
    )
    problems = [answer.problem async for answer in answers if answer.HasField("problem")]
    if problems:
        raise RuntimeError(f"The programme was not taken as it is: {problems[0]}")


async def _listed(stage: Stage, dates: list[str]) -> list[str]:
    house = House(stage)
    days = [await house.screenings(CINEMA.cinema_id, date) for date in dates]
    return [screening.id for day in days for screening in day]
