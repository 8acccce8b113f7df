"""Whole purchases, from the hold to the tickets; an automatic payer pays at the provider."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from tests.load.generator.channels import Call, Channels, Metadata, Refused
from tests.load.generator.journey import NothingLeftError
from tests.load.generator.sample import OK
from tests.load.journeys.holds import Offer, hold_request
from tests.load.journeys.orders import order_request
from tests.load.journeys.sessions import Sessions

SERVICE = "/cinema.booking.v1.BookingService/"
STEPS = ("HoldSeats", "PlaceOrder", "GetOrder")
# A front end looks for the tickets when the customer comes back, or as much later as it took the
# others lately, then again, ever more patiently.
FIRST_LOOK_AFTER_S = 0.25
SHARE_OF_THE_USUAL = 0.8
WEIGHT_OF_THE_LAST = 0.2
MORE_PATIENT = 1.5
MAX_LOOK_PAUSE_S = 1.0
MAX_LOOKS = 25
# Who has seats and is told to come back does so; who is refused at the door goes away.
MAX_TRIES_INSIDE = 6
_OVER = {order_pb2.Order.STATE_EXPIRED, order_pb2.Order.STATE_REFUSED}


class _StoppedError(Exception):
    """The purchase ends here; the text is its outcome."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A finished purchase: seconds from its start to the answers of its steps."""

    order_id: str
    held_s: float
    placed_s: float
    tickets_s: float


@dataclass(frozen=True, slots=True)
class Purchases:
    """Each arrival is a new guest who buys the seats of the next offer."""

    addresses: Sequence[str]
    offers: Sequence[Offer]
    sessions: Sessions
    # How often somebody without seats tries who is told to come back.
    tries_at_the_door: int = 1

    def share(self, worker: int, workers: int) -> Purchases:
        return replace(self, offers=self.offers[worker::workers])

    def prepare(self, channels: Channels) -> Buy:
        calls = {step: channels.calls(self.addresses, SERVICE + step) for step in STEPS}
        ready = [
            (hold_request(offer, with_tenders=True), self.sessions.new_guest())
            for offer in self.offers
        ]
        return Buy(calls, ready, self.tries_at_the_door)


class Buy:
    """Buys; `kept` has the finished purchases, and the refusals of calls that were tried again."""

    def __init__(
        self,
        calls: dict[str, list[Call]],
        ready: Sequence[tuple[bytes, Metadata]],
        tries_at_the_door: int,
    ) -> None:
        self._calls = calls
        self._ready = ready
        self._tries_at_the_door = tries_at_the_door
        self._usual_s = 0.0
        self.kept: list[Any] = []

    async def __call__(self, number: int) -> str:
        if number >= len(self._ready):
            raise NothingLeftError
        hold_bytes, guest = self._ready[number]
        try:
            self.kept.append(await self._buy(hold_bytes, guest, number))
        except _StoppedError as stopped:
            return str(stopped)
        return OK

    async def _buy(self, hold_bytes: bytes, guest: Metadata, number: int) -> Bought:
        began = time.monotonic()
        turn = number % len(self._calls["HoldSeats"])
        answer = await self._call("HoldSeats", turn, hold_bytes, guest, self._tries_at_the_door)
        hold = pb.HoldSeatsResponse.FromString(answer).hold
        held_s = time.monotonic() - began
        answer = await self._call("PlaceOrder", turn, order_request(hold), guest)
        order = pb.PlaceOrderResponse.FromString(answer).order
        placed_s = time.monotonic() - began
        if await self._tickets(order.id, turn, guest) != len(hold.seats):
            raise _StoppedError("WRONG NUMBER OF TICKETS")
        return Bought(order.id, held_s, placed_s, time.monotonic() - began)

    async def _tickets(self, order_id: str, turn: int, guest: Metadata) -> int:
        """Wait for the tickets, and count them."""
        request = pb.GetOrderRequest(order_id=order_id, with_tickets=True).SerializeToString()
        began = time.monotonic()
        pause_s = FIRST_LOOK_AFTER_S
        await asyncio.sleep(max(0.0, SHARE_OF_THE_USUAL * self._usual_s - pause_s))
        for _ in range(MAX_LOOKS):
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * MORE_PATIENT, MAX_LOOK_PAUSE_S)
            answer = await self._call("GetOrder", turn, request, guest)
            seen = pb.GetOrderResponse.FromString(answer)
            state = seen.order.state
            if state == order_pb2.Order.STATE_CONFIRMED:
                took_s = time.monotonic() - began
                self._usual_s += WEIGHT_OF_THE_LAST * (took_s - self._usual_s)
                return len(seen.tickets)
            if state in _OVER:
                raise _StoppedError(f"ORDER {order_pb2.Order.State.Name(state)}")
        raise _StoppedError("NO TICKETS IN TIME")

    async def _call(
        self,
        step: str,
        turn: int,
        request: bytes,
        guest: Metadata,
        max_tries: int = MAX_TRIES_INSIDE,
    ) -> bytes:
        tries = 0
        while True:
            try:
                return await self._calls[step][turn](request, guest)
            except grpc.aio.AioRpcError as error:
                refused = Refused.by(error)
                tries += 1
                if refused.retry_after_s is None or tries >= max_tries:
                    raise _StoppedError(f"{step}: {refused.outcome}") from None
                self.kept.append(f"{step}: {refused.outcome}")
                await asyncio.sleep(refused.retry_after_s)
