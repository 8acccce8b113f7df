"""Guests who hold seats."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from tests.load.generator.channels import Call, Channels, Metadata, Refused
from tests.load.generator.journey import NothingLeftError
from tests.load.generator.sample import OK
from tests.load.journeys.sessions import Sessions

PATH = "/cinema.booking.v1.BookingService/HoldSeats"


@dataclass(frozen=True, slots=True)
class Offer:
    """Seats that somebody will ask for."""

    screening_id: str
    seat_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldSeats:
    """A hold and the guest who has it; the response is kept as it came."""

    guest: Metadata
    address_number: int
    response: bytes

    @property
    def hold(self) -> hold_pb2.Hold:
        return pb.HoldSeatsResponse.FromString(self.response).hold


@dataclass(frozen=True, slots=True)
class Holds:
    """Each arrival asks for the seats of the next offer.

    A guest comes so many times (`holds_per_guest`) before a new one does. `max_tries` is how often
    a guest who is told to come back later (UNAVAILABLE with a hint) tries in all.
    """

    addresses: Sequence[str]
    offers: Sequence[Offer]
    sessions: Sessions
    holds_per_guest: int = 1
    max_tries: int = 1

    def share(self, worker: int, workers: int) -> Holds:
        mine = self.offers[worker::workers]
        return Holds(self.addresses, mine, self.sessions, self.holds_per_guest, self.max_tries)

    def prepare(self, channels: Channels) -> HoldSeats:
        requests = [hold_request(offer) for offer in self.offers]
        guests = [
            self.sessions.new_guest() for _ in range(0, len(self.offers), self.holds_per_guest)
        ]
        return HoldSeats(self, channels.calls(self.addresses, PATH), requests, guests)


class HoldSeats:
    """Sends prepared requests; keeps what was held."""

    def __init__(
        self,
        journey: Holds,
        calls: Sequence[Call],
        requests: Sequence[bytes],
        guests: Sequence[Metadata],
    ) -> None:
        self._journey = journey
        self._calls = calls
        self._requests = requests
        self._guests = guests
        self.kept: list[Any] = []

    async def __call__(self, number: int) -> str:
        if number >= len(self._requests):
            raise NothingLeftError
        # A guest stays with one process, which knows the token from the second call on.
        guest_number = number // self._journey.holds_per_guest
        address_number = guest_number % len(self._calls)
        guest = self._guests[guest_number]
        for tries_left in reversed(range(self._journey.max_tries)):
            try:
                response = await self._calls[address_number](self._requests[number], guest)
            except grpc.aio.AioRpcError as error:
                refused = Refused.by(error)
                if refused.retry_after_s is None or not tries_left:
                    return refused.outcome
                await asyncio.sleep(refused.retry_after_s)
                continue
            self.kept.append(HeldSeats(guest, address_number, response))
            return OK
        raise AssertionError("max_tries is at least 1")


def hold_request(offer: Offer, *, with_tenders: bool = False) -> bytes:
    """Make the request of somebody who wants all seats of an offer, as an adult's each."""
    return pb.HoldSeatsRequest(
        screening_id=offer.screening_id,
        seat_ids=offer.seat_ids,
        tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=len(offer.seat_ids))],
        request_id=str(uuid4()),
        with_tenders=with_tenders,
    ).SerializeToString()
