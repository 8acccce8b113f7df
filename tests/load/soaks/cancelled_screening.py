"""A sold-out screening is called off: everybody is told once and asks, some of them twice at once.

Some send the same request twice, some ask for money and for a voucher in the same moment; meanwhile
JetStream loses its store. At the end each order has exactly one remedy, nothing was given twice, and
refunds and vouchers together are within what was captured.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, until
from tests.faults.patience import persist
from tests.faults.suite import OPTIONS, Suite, open_suite
from tests.load.programme import Size
from tests.load.soak.context import SoakContext, SoakFailedError

# Wheelchair places and their companions' seats are sold to nobody here.
COUNTS: Mapping[str, int] = MappingProxyType(
    {"seats": 440, "orders": 400, "at_once": 8, "seconds": 60, "store_losses": 1}
)
__all__ = ["COUNTS", "OPTIONS", "run"]
MAX_TELLING_S = 120.0
MAX_GIVING_S = 300.0
# Of a hundred buyers so many send the same request twice, and ask for both kinds at once.
TWICE, BOTH_KINDS = 15, 15
TAKEN_MEANWHILE = frozenset({"SEAT_UNAVAILABLE", "SINGLE_SEAT_LEFT"})
REFUSED_SECOND = "REMEDY_ALREADY_GIVEN"
KINDS = (order_pb2.Remedy.KIND_REFUND, order_pb2.Remedy.KIND_VOUCHER)

_NOTICES = "SELECT count(*), count(DISTINCT facts ->> 'order_id') FROM mail WHERE kind = $1"
_GIVEN = "SELECT count(*) FROM remedy WHERE state = 'GIVEN'"
_KINDS = "SELECT kind, count(*) AS given, sum(amount)::bigint AS amount FROM remedy GROUP BY kind"
_MONEY = """
SELECT coalesce(sum(captured), 0)::bigint AS captured, coalesce(sum(refunded), 0)::bigint AS refunded,
       coalesce(sum(converted), 0)::bigint AS converted FROM payment"""


@dataclass
class Crowd:
    """Those who bought, one seat each, and what they were answered."""

    suite: Suite
    screening_id: str
    counts: Mapping[str, int]
    random: Random
    buyers: list[tuple[Buyer, str]] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    async def buy(self) -> None:
        """Sell a seat to each."""
        left = iter(range(self.counts["orders"]))

        async def one_after_the_other(random: Random) -> None:
            for _ in left:
                buyer = await Buyer.guest(self.suite.stage, "Soak")
                self.buyers.append((buyer, await self._buy(buyer, random)))

        streams = range(self.counts["at_once"])
        seeds = [Random(self.random.random()) for _ in streams]  # noqa: S311 - replayable.
        await asyncio.gather(*(one_after_the_other(random) for random in seeds))

    async def ask(self) -> None:
        """Ask for all remedies, spread over the time, each as its buyer means to."""
        async with asyncio.TaskGroup() as asking:
            for buyer, order_id in self.buyers:
                wait_s = self.random.uniform(0, self.counts["seconds"])
                asking.create_task(self._ask(buyer, order_id, wait_s, self.random.randrange(100)))

    async def _buy(self, buyer: Buyer, random: Random) -> str:
        while True:
            states = await self._states()
            parties = self.suite.programme.legal_seats.blocks(states, 1)
            if not parties:
                raise SoakFailedError("there are not seats enough")
            seats, request_id = random.choice(parties), str(uuid4())
            try:
                hold = await persist(lambda: buyer.hold(self.screening_id, seats, None, request_id))  # noqa: B023
            except grpc.aio.AioRpcError as error:
                if reason_of(error) not in TAKEN_MEANWHILE:
                    raise
                continue
            order = await persist(lambda: buyer.place(hold, None, request_id))  # noqa: B023
            await buyer.on_page(order, "pay")
            await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)
            return order.id

    async def _states(self) -> bytes:
        request = pb.GetSeatMapRequest(screening_id=self.screening_id)
        booking = self.suite.stage.bookings[0]
        answer = await persist(lambda: booking.GetSeatMap(request, timeout=CALL_TIMEOUT_S))
        return bytes(answer.states)

    async def _ask(self, buyer: Buyer, order_id: str, wait_s: float, chance: int) -> None:
        await asyncio.sleep(wait_s)
        same = str(uuid4())
        if chance < TWICE:
            asked = [self._answered(buyer, order_id, 0, same) for _ in range(2)]
        elif chance < TWICE + BOTH_KINDS:
            asked = [self._answered(buyer, order_id, kind, str(uuid4())) for kind in KINDS]
        else:
            asked = [self._answered(buyer, order_id, 0, same)]
        remedies = {each for each in await asyncio.gather(*asked) if each is not None}
        if len(remedies) != 1:
            raise SoakFailedError(f"order {order_id} was answered with {len(remedies)} remedies")

    async def _answered(
        self, buyer: Buyer, order_id: str, kind: Any, request_id: str
    ) -> str | None:
        """Give the remedy's ID; None when another one was given."""

        async def ask() -> order_pb2.Remedy:
            began = time.perf_counter()
            try:
                return await buyer.request_remedy(order_id, kind=kind, request_id=request_id)
            finally:
                self.latencies_ms.append((time.perf_counter() - began) * 1_000)

        try:
            remedy = await persist(ask)
        except grpc.aio.AioRpcError as error:
            self.answers[reason_of(error)] += 1
            if reason_of(error) != REFUSED_SECOND:
                raise
            return None
        self.answers["given"] += 1
        return remedy.id


async def run(context: SoakContext) -> dict[str, object]:
    """Sell it out, call it off, let all ask, and judge; SoakFailedError."""
    if context.stack is None:
        raise SoakFailedError("A store is lost: this needs a suite of its own.")
    size = Size(1, 1, context.counts["seats"], remedy_mode="REMEDY_MODE_CUSTOMER_CHOICE")
    suite = await open_suite(context.stack, context.stage, size)
    crowd = Crowd(suite, suite.programme.screening_ids[-1], context.counts, context.random)
    await crowd.buy()
    context.say(f"{len(crowd.buyers)} orders are paid")
    booking = await asyncpg.connect(suite.database("booking"))
    try:
        told_s = await _call_off(suite, crowd, booking)
        context.say(f"all are told after {told_s:.1f} s")
        async with asyncio.TaskGroup() as together:
            together.create_task(crowd.ask())
            together.create_task(_lose_stores(suite, context.counts))
        given_s = await _all_given(booking, len(crowd.buyers))
        return await _judge(context, suite, crowd, booking) | {
            "told after": f"{told_s:.1f} s",
            "given after the last request": f"{given_s:.1f} s",
        }
    finally:
        await booking.close()


async def _call_off(suite: Suite, crowd: Crowd, booking: Any) -> float:
    began = time.monotonic()
    await House(suite.stage).cancel(crowd.screening_id)

    async def all_told() -> bool:
        return bool(
            (await booking.fetchrow(_NOTICES, "screening-cancelled"))[1] == len(crowd.buyers)
        )

    await until(all_told, what="a notice for each order", timeout_s=MAX_TELLING_S)
    return time.monotonic() - began


async def _lose_stores(suite: Suite, counts: Mapping[str, int]) -> None:
    """Kill NATS and delete JetStream's folder, so many times while remedies are asked for."""
    for _ in range(counts["store_losses"]):
        await asyncio.sleep(counts["seconds"] / (counts["store_losses"] + 1))
        await suite.stack.kill("nats")
        shutil.rmtree(Path(suite.stack.record.state) / "nats" / "store")
        await suite.stack.start_part("nats")
        await suite.stack.wait_ready("nats")


async def _all_given(booking: Any, orders: int) -> float:
    began = time.monotonic()

    async def all_given() -> bool:
        return bool(await booking.fetchval(_GIVEN) == orders)

    await until(all_given, what="all remedies to be given", timeout_s=MAX_GIVING_S)
    return time.monotonic() - began


async def _judge(
    context: SoakContext, suite: Suite, crowd: Crowd, booking: Any
) -> dict[str, object]:
    orders = len(crowd.buyers)
    payment: Any = await asyncpg.connect(suite.database("payment"))
    try:
        money = await payment.fetchrow(_MONEY)
    finally:
        await payment.close()
    mails, told = await booking.fetchrow(_NOTICES, "screening-cancelled")
    kinds = {row["kind"]: row for row in await booking.fetch(_KINDS)}
    given = sum(row["given"] for row in kinds.values())
    amount = sum(row["amount"] for row in kinds.values())
    context.must(mails == told == orders, f"{mails} notices for {told} of {orders} orders")
    context.must(given == orders, f"{given} remedies for {orders} orders")
    back = money["refunded"] + money["converted"]
    context.must(back == amount, f"{back} went back, remedies are {amount}")
    context.must(back <= money["captured"], f"{back} of {money['captured']} went back")
    broken = [line.text() for line in await suite.verify() if not line.holds]
    context.must(not broken, "\n".join(["checks fail:", *broken]))
    return {
        "orders, notices, remedies": f"{orders}, {mails}, {given}",
        "by kind": {kind: row["given"] for kind, row in sorted(kinds.items())},
        "answers": dict(crowd.answers),
        "back of captured, minor units": f"{back} of {money['captured']}",
        "RequestRemedy": _percentiles(crowd.latencies_ms),
        "make verify": "green",
    }


def _percentiles(latencies_ms: Sequence[float]) -> str:
    ordered = sorted(latencies_ms)
    p50, p99 = (ordered[int((len(ordered) - 1) * share)] for share in (0.5, 0.99))
    return f"{len(ordered)} calls, p50 {p50:.0f} ms, p99 {p99:.0f} ms"
