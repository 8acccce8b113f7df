"""The wallet under load by itself: `python -m tests.load.wallet_alone [--seconds N] [--record]`.

One wallet process on a PostgreSQL of its own; the generator is this process, as it is for the bare
echo beside it, so that the ratio says what a reservation costs. Then 200 buyers race for the last
places of 20 cards, and a wallet of 500 cards, one of them with 100,000 entries, is listed and judged.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import uvloop
from cinema.wallet.v1 import (
    card_pb2,
    tender_service_pb2,
    tender_service_pb2_grpc,
    wallet_admin_service_pb2,
    wallet_admin_service_pb2_grpc,
    wallet_service_pb2,
    wallet_service_pb2_grpc,
)

from deploy.local.stack import LocalStack, StackOptions
from tests.kit.answers import Metadata
from tests.kit.callers import Callers
from tests.load import results
from tests.load.echo_server import ECHO_PATH

OPTIONS = StackOptions(auto_restart=False, preferred_ports={}, with_emulator=False)
IN_FLIGHT, BUYERS, CARDS, PLACES_OF_RACE = 64, 200, 20, 100
# A buyer who did not get the place tries another card: so much later, thumbs being slow.
THINK_S = 0.5
CARDS_OF_ACCOUNT, ENTRIES, LISTINGS = 500, 100_000, 200
LAST_DATE = "2030-01-01"
ECHO_ADDRESS = "127.0.0.1:7499"
GOAL_SHARE, GOAL_P99_MS, GOAL_LISTING_MS = 0.20, 100.0, 20.0

Call = Callable[[], Awaitable[Any]]

_REGISTER = """
UPDATE card SET state = 'REGISTERED', account_id = $1, register_time = app_clock()
WHERE batch_id = $2"""
_LONG_STORY = """
INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta)
SELECT l.card_id, l.id, 'EXTEND', CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END, 0, 0
FROM place_lot l, generate_series(1, $2) n WHERE l.card_id = $1"""


@dataclass
class Times:
    """How long each call took."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    shed: int = 0
    took: float = 0.0

    @property
    def per_s(self) -> float:
        return len(self.seconds) / self.took

    def ms(self, share: float) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1_000

    def text(self) -> str:
        return (
            f"{self.per_s:.0f}/s, p50 {self.ms(0.5):.1f} ms, p99 {self.ms(0.99):.1f} ms,"
            f" {len(self.seconds)} calls, {self.refused} refused,"
            f" {self.shed} told to come back"
        )


async def closed_loop(call: Call, seconds: float, in_flight: int, think_s: float = 0.0) -> Times:
    """Keep so many callers busy; each thinks before the next call, the first one included."""
    times, began, random = Times(), time.monotonic(), Random(in_flight)  # noqa: S311

    async def one_after_the_other() -> None:
        await asyncio.sleep(random.uniform(0, think_s))
        while (at := time.monotonic()) < began + seconds:
            try:
                await call()
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE:
                    times.shed += 1  # Told to come back.
                    await asyncio.sleep(think_s)
                    continue
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise
                times.refused += 1
            times.seconds.append(time.monotonic() - at)
            if think_s:
                await asyncio.sleep(random.uniform(0.5, 1.5) * think_s)

    await asyncio.gather(*(one_after_the_other() for _ in range(in_flight)))
    times.took = time.monotonic() - began
    return times


@dataclass
class Bench:
    """A wallet that runs, who calls it, and its database."""

    callers: Callers
    channel: grpc.aio.Channel
    database: asyncpg.Connection
    random: Random = field(default_factory=lambda: Random(20_261_125))  # noqa: S311

    def __post_init__(self) -> None:
        self.tenders = tender_service_pb2_grpc.TenderServiceStub(self.channel)
        self.cards = wallet_service_pb2_grpc.WalletServiceStub(self.channel)
        self.admin = wallet_admin_service_pb2_grpc.WalletAdminServiceStub(self.channel)
        self.booking: Metadata = self.callers.peer("booking", server="wallet")

    async def wallet_of(self, places: int, count: int) -> tuple[UUID, list[str]]:
        """Give an account so many cards of so many places each."""
        operator, code = self.callers.person("operator"), f"bench-{places}"
        product = wallet_admin_service_pb2.CardProduct(
            code=code,
            name="Bench",
            places=places,
            areas=["STANDARD"],
            event_kinds=["FILM"],
            valid_on_holidays=True,
            conditions="None.",
            conditions_version="1",
        )
        await self.admin.DefineProduct(
            wallet_admin_service_pb2.DefineProductRequest(product=product, request_id=str(uuid4())),
            metadata=operator,
        )
        answer = await self.admin.IssueCards(
            wallet_admin_service_pb2.IssueCardsRequest(
                product_code=code,
                count=count,
                last_screening_date=LAST_DATE,
                reason="bench",
                request_id=str(uuid4()),
            ),
            metadata=operator,
            timeout=30,
        )
        account_id = uuid4()
        await self.database.execute(_REGISTER, account_id, UUID(answer.batch_id))
        return account_id, [card.card_id for card in answer.cards]

    async def reserve(self, account_id: UUID, card_id: str) -> None:
        request = tender_service_pb2.ReservePlacesRequest(
            key=tender_service_pb2.LegKey(order_id=str(uuid4()), leg="places-1", attempt=1),
            account_id=str(account_id),
            card_id=card_id,
            screening=a_screening(),
            seats=[card_pb2.SeatFacts(seat_id="F7", area="STANDARD")],
            request_id=str(uuid4()),
        )
        await self.tenders.ReservePlaces(request, metadata=self.booking, timeout=30)

    async def reserving(self, seconds: float) -> Times:
        account_id, cards = await self.wallet_of(100, 300)
        return await closed_loop(
            lambda: self.reserve(account_id, self.random.choice(cards)), seconds, IN_FLIGHT
        )

    async def race(self, seconds: float) -> tuple[Times, int]:
        """Let everybody want the last places of a few cards; gives how many places are reserved."""
        account_id, cards = await self.wallet_of(PLACES_OF_RACE, CARDS)
        times = await closed_loop(
            lambda: self.reserve(account_id, self.random.choice(cards)), seconds, BUYERS, THINK_S
        )
        reserved = await self.database.fetchval(
            "SELECT sum(places_reserved) FROM place_lot WHERE card_id = ANY($1::uuid[])", cards
        )
        return times, int(reserved)

    async def listing(self) -> tuple[Times, Times]:
        """List and judge a large wallet, one call after the other."""
        account_id, cards = await self.wallet_of(3, CARDS_OF_ACCOUNT)
        await self.database.execute(_LONG_STORY, UUID(cards[0]), ENTRIES)
        await self.database.execute("ANALYZE")
        account = self.callers.account(str(account_id))
        listing = wallet_service_pb2.ListCardsRequest(page_size=100)
        judging = tender_service_pb2.ListEligiblePlacesRequest(
            account_id=str(account_id),
            screening=a_screening(),
            seats=[card_pb2.SeatFacts(seat_id=f"F{n}", area="STANDARD") for n in (7, 8)],
        )
        listed, judged = Times(took=1.0), Times(took=1.0)
        for _ in range(LISTINGS):
            listed.seconds.append(await _timed(self.cards.ListCards(listing, metadata=account)))
            judged.seconds.append(
                await _timed(self.tenders.ListEligiblePlaces(judging, metadata=self.booking))
            )
        return listed, judged


def a_screening() -> card_pb2.ScreeningFacts:
    return card_pb2.ScreeningFacts(
        screening_id=str(uuid4()),
        cinema_id="1818",
        local_date="2029-12-31",
        format="2D",
        event_kind="FILM",
        cards_accepted=True,
    )


async def _timed(call: Awaitable[Any]) -> float:
    at = time.monotonic()
    await call
    return time.monotonic() - at


@asynccontextmanager
async def echo() -> AsyncIterator[Call]:
    """Serve the bare echo in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.echo_server", ECHO_ADDRESS
    )
    async with grpc.aio.insecure_channel(ECHO_ADDRESS) as channel:
        await channel.channel_ready()
        ask: Any = channel.unary_unary(ECHO_PATH)
        body = bytes(300)

        async def call() -> None:
            await ask(body)

        yield call
    process.terminate()
    await process.wait()


async def measure(seconds: float, say: Callable[[str], None]) -> bool:
    """Say every figure beside its goal; tells whether all goals are met."""
    with tempfile.TemporaryDirectory(prefix="parterre-wallet-load-") as folder:
        async with (
            LocalStack(Path(folder) / "state", OPTIONS) as stack,
            grpc.aio.insecure_channel(stack.record.addresses["wallet"]) as channel,
            echo() as ask,
        ):
            database = await asyncpg.connect(stack.record.databases["wallet"]["owner"])
            bench = Bench(Callers(stack.record), channel, database)
            await bench.reserving(1.0)
            shares = []
            for _ in range(3):
                bare = await closed_loop(ask, seconds / 6, IN_FLIGHT)
                reserving = await bench.reserving(seconds / 6)
                shares.append(reserving.per_s / bare.per_s)
                say(f"echo: {bare.text()}")
                say(f"ReservePlaces: {reserving.text()}: {shares[-1]:.0%} of the echo")
            times, reserved = await bench.race(seconds)
            say(f"race of {BUYERS} for {CARDS} cards: {times.text()}")
            won = len(times.seconds) - times.refused
            there = CARDS * PLACES_OF_RACE
            say(f"  {won} won, {reserved} places reserved of {there}")
            listed, judged = await bench.listing()
            say(f"ListCards, 100 of 500: p50 {listed.ms(0.5):.1f}, p95 {listed.ms(0.95):.1f} ms")
            say(f"eligibility, 500 cards: p50 {judged.ms(0.5):.1f}, p95 {judged.ms(0.95):.1f} ms")
            await database.close()
    return (
        sorted(shares)[1] >= GOAL_SHARE
        and times.ms(0.99) < GOAL_P99_MS
        and won == reserved == there
        and max(listed.ms(0.5), judged.ms(0.5)) < GOAL_LISTING_MS
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    options = parser.parse_args()
    lines: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(f"- {line.strip()}")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        met = runner.run(measure(options.seconds, say))
    say("all goals met" if met else "some goals are not met")
    if options.record:
        results.append("wallet alone", lines)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
