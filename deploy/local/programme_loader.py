"""Loads the sample chain into a running stack, through the public calls.

`python -m deploy.local.programme_loader --state .parterre`
"""

import argparse
import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, cast

import grpc
from cinema.catalog.v1 import (
    catalog_admin_service_pb2 as pb,
)
from cinema.catalog.v1 import (
    cinema_pb2,
    policy_pb2,
    price_pb2,
    programme_service_pb2,
    seat_plan_pb2,
)
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceStub
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from google.protobuf.json_format import ParseDict

from deploy.local.errors import StackError
from deploy.local.record import StackRecord, attach
from deploy.local.state_folder import StateFolder, write_secret
from deploy.local.tokens import mint_token, person
from deploy.programme import Programme, generate
from deploy.programme.feed import film_events

DAYS = 7
DEFAULT_SEED = 1
MARKER_FILE = "programme.json"
MAX_CINEMAS_AT_ONCE = 3
MAX_ATTEMPTS = 5
RETRY_WAIT_S = 0.5
CALL_TIMEOUT_S = 25.0
IMPORT_TIMEOUT_S = 120.0
CHUNK_BYTES = 131_072
_RETRIED = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED})

T = TypeVar("T")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in the catalog afterwards. `was_there` is True when nothing had to be done."""

    first_day: date
    cinemas: int
    screenings: int
    was_there: bool = False


async def load_programme(
    catalog_address: str,
    provider_key: Path,
    marker: Path,
    *,
    first_day: date | None = None,
    seed: int = DEFAULT_SEED,
    tell: Tell = print,
) -> Loaded:
    """Load seven days from `first_day` (today) on; quick when the marker says they are there.

    The days of one seed are the same whichever day the week begins with, so that each run adds
    what is missing and changes nothing else. Raises `grpc.aio.AioRpcError`.
    """
    first_day = first_day or datetime.now(UTC).date()
    async with grpc.aio.insecure_channel(catalog_address) as channel:
        known = _read_marker(marker, seed, first_day)
        if known is not None and await _is_there(channel, known):
            return known
        tell(f"Loading the sample programme from {first_day} on ...")
        programme = await asyncio.to_thread(generate, first_day, seed)
        loaded = await ProgrammeLoader(channel, provider_key, programme, tell).load()
    document = {"seed": seed, "first_day": first_day.isoformat(), "cinemas": loaded.cinemas}
    write_secret(marker, json.dumps(document | {"screenings": loaded.screenings}) + "\n")
    return loaded


async def load_into(
    record: StackRecord,
    *,
    first_day: date | None = None,
    seed: int = DEFAULT_SEED,
    tell: Tell = print,
) -> Loaded:
    """Load the sample programme into the suite that a record describes."""
    return await load_programme(
        record.addresses["catalog"],
        Path(record.files["provider_key"]),
        Path(record.state) / MARKER_FILE,
        first_day=first_day,
        seed=seed,
        tell=tell,
    )


async def some_screening_id(record: StackRecord) -> str:
    """Find a screening that is sold online tomorrow, for who wants to try things."""
    async with grpc.aio.insecure_channel(record.addresses["catalog"]) as channel:
        stub: Any = ProgrammeServiceStub(channel)
        cinemas = await stub.ListCinemas(
            programme_service_pb2.ListCinemasRequest(page_size=1), timeout=CALL_TIMEOUT_S
        )
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        request = programme_service_pb2.ListScreeningsRequest(
            cinema_id=cinemas.cinemas[0].id, date=tomorrow.isoformat(), page_size=1
        )
        page = await stub.ListScreenings(request, timeout=CALL_TIMEOUT_S)
    screening_id: str = page.screenings[0].id
    return screening_id


def _read_marker(marker: Path, seed: int, first_day: date) -> Loaded | None:
    if not marker.exists():
        return None
    document = json.loads(marker.read_text())
    if (document["seed"], document["first_day"]) != (seed, first_day.isoformat()):
        return None
    return Loaded(first_day, document["cinemas"], document["screenings"], was_there=True)


async def _is_there(channel: grpc.aio.Channel, known: Loaded) -> bool:
    """Ask for the last day of one cinema: a wiped database has nothing there."""
    stub: Any = ProgrammeServiceStub(channel)
    cinemas = await _patiently(
        lambda: stub.ListCinemas(
            programme_service_pb2.ListCinemasRequest(page_size=100), timeout=CALL_TIMEOUT_S
        )
    )
    if len(cinemas.cinemas) < known.cinemas:
        return False
    last_day = known.first_day + timedelta(days=DAYS - 1)
    request = programme_service_pb2.ListScreeningsRequest(
        cinema_id=cinemas.cinemas[-1].id, date=last_day.isoformat(), page_size=1
    )
    page = await _patiently(lambda: stub.ListScreenings(request, timeout=CALL_TIMEOUT_S))
    return bool(page.screenings)


@dataclass(slots=True)
class ProgrammeLoader:
    """Sends a generated chain with its shows, a few cinemas at a time."""

    channel: grpc.aio.Channel
    provider_key: Path
    programme: Programme
    tell: Tell
    stub: Any = field(init=False)
    metadata: tuple[tuple[str, str], ...] = field(init=False)
    places: asyncio.Semaphore = field(init=False)
    finished: int = 0
    screenings: int = 0

    def __post_init__(self) -> None:
        self.stub = CatalogAdminServiceStub(self.channel)
        token = mint_token(self.provider_key, person("operator", subject="programme-loader"))
        self.metadata = (("authorization", f"Bearer {token}"),)
        self.places = asyncio.Semaphore(MAX_CINEMAS_AT_ONCE)

    async def load(self) -> Loaded:
        chain = self.programme.chain()
        for terms in chain["terms"]:
            await self._call(
                self.stub.PublishTerms,
                pb.PublishTermsRequest(
                    terms=ParseDict(terms, policy_pb2.Terms()), request_id=_new_request_id()
                ),
            )
        prices = {entry["cinema_id"]: entry for entry in chain["price_lists"]}
        total = len(chain["cinemas"])
        async with asyncio.TaskGroup() as group:
            for entry in chain["cinemas"]:
                group.create_task(self._cinema(entry, prices[entry["cinema"]["id"]], total))
        return Loaded(self.programme.week_start, total, self.screenings)

    async def _cinema(self, entry: dict[str, Any], prices: dict[str, Any], total: int) -> None:
        cinema_id = entry["cinema"]["id"]
        async with self.places:
            await self._call(
                self.stub.CreateCinema,
                pb.CreateCinemaRequest(
                    cinema=ParseDict(entry["cinema"], cinema_pb2.Cinema()),
                    import_profile=ParseDict(entry["import_profile"], cinema_pb2.ImportProfile()),
                    request_id=_new_request_id(),
                ),
            )
            await self._call(
                self.stub.SetPrices,
                pb.SetPricesRequest(
                    price_list=ParseDict(prices, price_pb2.PriceList()),
                    request_id=_new_request_id(),
                ),
            )
            for hall in self.programme.halls:
                if hall.cinema_id == cinema_id:
                    await self._plan(cinema_id, hall.tiny_name, hall.plan.to_contract())
            await self._import(cinema_id)
        self.finished += 1
        if self.finished % 7 == 0 or self.finished == total:
            self.tell(f"  {self.finished} of {total} cinemas, {self.screenings} screenings")

    async def _plan(self, cinema_id: str, hall_name: str, plan: dict[str, Any]) -> None:
        await self._call(
            self.stub.PublishSeatPlan,
            pb.PublishSeatPlanRequest(
                cinema_id=cinema_id,
                hall_name=hall_name,
                seat_plan=ParseDict(plan, seat_plan_pb2.SeatPlan()),
                request_id=_new_request_id(),
            ),
        )

    async def _import(self, cinema_id: str) -> None:
        by_cinema = groupby(self.programme.shows, key=lambda show: show.hall.cinema_id)
        shows = next(list(shows) for key, shows in by_cinema if key == cinema_id)
        content = json.dumps(film_events(shows), ensure_ascii=False).encode()
        request_id = _new_request_id()

        async def send() -> pb.ImportSummary:
            answers = self.stub.ImportProgramme(
                feed_messages(cinema_id, content, request_id),
                metadata=self.metadata,
                timeout=IMPORT_TIMEOUT_S,
            )
            async for answer in answers:
                if answer.WhichOneof("report") == "problem":
                    self.tell(f"  not stored: {answer.problem}")
            return cast("pb.ImportSummary", answer.summary)

        summary = await _patiently(send)
        self.screenings += summary.screenings_read

    async def _call(self, method: Any, request: Any) -> None:
        await _patiently(lambda: method(request, metadata=self.metadata, timeout=CALL_TIMEOUT_S))


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call that the service could not take now; the request ID stays the same."""
    for attempt in range(1, MAX_ATTEMPTS):
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() not in _RETRIED:
                raise
            await asyncio.sleep(RETRY_WAIT_S * attempt)
    return await call()


def feed_messages(
    cinema_id: str, content: bytes, request_id: str
) -> Iterator[pb.ImportProgrammeRequest]:
    """Cut a feed into the messages of one ImportProgramme call."""
    yield pb.ImportProgrammeRequest(
        header=pb.ImportHeader(cinema_id=cinema_id, request_id=request_id)
    )
    for start in range(0, len(content), CHUNK_BYTES):
        yield pb.ImportProgrammeRequest(chunk=content[start : start + CHUNK_BYTES])


def _new_request_id() -> str:
    return str(uuid.uuid4())


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.local.programme_loader", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".parterre"))
    parser.add_argument("--first-day", type=date.fromisoformat, default=None, help="today")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    arguments = parser.parse_args()
    state = StateFolder(arguments.state.resolve())
    try:
        record = attach(state)
    except StackError as error:
        raise SystemExit(str(error)) from None
    loaded = asyncio.run(load_into(record, first_day=arguments.first_day, seed=arguments.seed))
    state_of_things = "is there already" if loaded.was_there else "is loaded"
    print(
        f"The sample programme {state_of_things}: {loaded.cinemas} cinemas,"
        f" {loaded.screenings} screenings, seven days from {loaded.first_day} on."
    )


if __name__ == "__main__":
    main()
