"""Guests who have seats and place their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2

from tests.load.generator.channels import Call, Channels, Metadata, outcome_of
from tests.load.generator.journey import NothingLeftError
from tests.load.journeys.holds import HeldSeats

PATH = "/cinema.booking.v1.BookingService/PlaceOrder"
RETURN_URL = "http://localhost/thank-you"


@dataclass(frozen=True, slots=True)
class Orders:
    """Each arrival places the order of the next hold, where its seats are held."""

    addresses: Sequence[str]
    held: Sequence[HeldSeats]

    def share(self, worker: int, workers: int) -> Orders:
        return Orders(self.addresses, self.held[worker::workers])

    def prepare(self, channels: Channels) -> PlaceOrder:
        calls = channels.calls(self.addresses, PATH)
        ready = [
            (calls[each.address_number], order_request(each.hold), each.guest) for each in self.held
        ]
        return PlaceOrder(ready)


class PlaceOrder:
    """Sends prepared requests."""

    def __init__(self, ready: Sequence[tuple[Call, bytes, Metadata]]) -> None:
        self._ready = ready
        self.kept: list[Any] = []

    async def __call__(self, number: int) -> str:
        if number >= len(self._ready):
            raise NothingLeftError
        call, request, guest = self._ready[number]
        return await outcome_of(call(request, guest))


def order_request(hold: hold_pb2.Hold) -> bytes:
    """Make the request of somebody who pays all of a hold by card."""
    return pb.PlaceOrderRequest(
        screening_id=hold.screening_id,
        hold_id=hold.id,
        contact=order_pb2.Contact(
            first_name="Ana",
            last_name="Popescu",
            email=f"ana.{uuid4().hex[:12]}@example.com",
            language_code="en",
        ),
        terms_accepted=True,
        gtc_version=hold.gtc_version,
        otc_version=hold.otc_version,
        return_url=RETURN_URL,
        request_id=str(uuid4()),
    ).SerializeToString()
