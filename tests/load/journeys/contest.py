"""Guests who all want seats of the same few screenings, and seldom keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from tests.faults.patience import persist
from tests.load.generator.channels import Call, Channels, Metadata, Refused
from tests.load.generator.journey import NothingLeftError
from tests.load.journeys.sessions import Sessions

HOLD = "/cinema.booking.v1.BookingService/HoldSeats"
RELEASE = "/cinema.booking.v1.BookingService/ReleaseHold"
HELD, RELEASED = "held", "held and released"
# Two parties of five are the ten tickets of a type that a guest may hold for a screening.
ATTEMPTS_PER_GUEST = 2
# How many of a hundred parties have so many members.
PARTY_SIZES = {1: 20, 2: 45, 3: 15, 4: 12, 5: 8}
SCATTERED_SHARE = 0.1
RELEASED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Contest:
    """Attempts `first` to before `end` of a seed, each with choices of its own.

    The first screenings are the ones that most people want.
    """

    addresses: Sequence[str]
    screening_ids: Sequence[str]
    segments: Sequence[Sequence[str]]
    sessions: Sessions
    seed: int
    first: int
    end: int
    step: int = 1

    def share(self, worker: int, workers: int) -> Contest:
        return replace(self, first=self.first + worker, step=workers)

    def prepare(self, channels: Channels) -> Contender:
        return Contender(
            self, channels.calls(self.addresses, HOLD), channels.calls(self.addresses, RELEASE)
        )


class Contender:
    """Tries to hold seats, and gives half of them back; keeps the IDs of what was held."""

    def __init__(self, contest: Contest, hold: Sequence[Call], release: Sequence[Call]) -> None:
        self._contest = contest
        self._hold = hold
        self._release = release
        self._numbers = range(contest.first, contest.end, contest.step)
        self._guests: dict[int, Metadata] = {}
        self.kept: list[Any] = []

    async def __call__(self, number: int) -> str:
        if number >= len(self._numbers):
            raise NothingLeftError
        random = Random(f"{self._contest.seed} {self._numbers[number]}")  # noqa: S311
        guest_number = number // ATTEMPTS_PER_GUEST
        guest = self._guest(guest_number)
        at = guest_number % len(self._hold)
        request = self._wish(random)
        releases = random.random() < RELEASED_SHARE
        release_id = str(UUID(int=random.getrandbits(128), version=4))
        try:
            answer = await persist(lambda: self._hold[at](request, guest))
        except grpc.aio.AioRpcError as error:
            return Refused.by(error).outcome
        hold = pb.HoldSeatsResponse.FromString(answer).hold
        self.kept.append(UUID(hold.id).bytes)
        if not releases:
            return HELD
        give_back = pb.ReleaseHoldRequest(
            screening_id=hold.screening_id, hold_id=hold.id, request_id=release_id
        ).SerializeToString()
        try:
            await persist(lambda: self._release[at](give_back, guest))
        except grpc.aio.AioRpcError as error:
            return f"release: {Refused.by(error).outcome}"
        return RELEASED

    def _guest(self, number: int) -> Metadata:
        if number not in self._guests:
            self._guests[number] = self._contest.sessions.new_guest()
            self._guests.pop(number - 1_000, None)
        return self._guests[number]

    def _wish(self, random: Random) -> bytes:
        # The product of two even choices leans towards the first ones.
        popularity = random.random() * random.random()
        screenings = self._contest.screening_ids
        seats = choose_party(random, self._contest.segments)
        return pb.HoldSeatsRequest(
            screening_id=screenings[int(popularity * len(screenings))],
            seat_ids=seats,
            tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=len(seats))],
            request_id=str(UUID(int=random.getrandbits(128), version=4)),
        ).SerializeToString()


def choose_party(random: Random, segments: Sequence[Sequence[str]]) -> list[str]:
    """Choose seats of one segment: a block as a rule, sometimes scattered, never judged before."""
    (size,) = random.choices(list(PARTY_SIZES), list(PARTY_SIZES.values()))
    segment = random.choice(segments)
    size = min(size, len(segment))
    if random.random() < SCATTERED_SHARE:
        return random.sample(list(segment), size)
    at = random.randrange(len(segment) - size + 1)
    return list(segment[at : at + size])
