"""Channels of one generator process, and calls that carry bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

from services.common.rpc.client import refusal_of
from tests.load.generator.sample import OK

CALL_TIMEOUT_S = 10.0
Metadata = tuple[tuple[str, str], ...]
# Takes a serialised request and metadata, gives a serialised response.
Call = Callable[[bytes, Metadata], Awaitable[bytes]]


@dataclass(slots=True)
class Channels:
    """One channel to each address, shared by everything that a generator process sends there.

    Requests and responses are bytes: what a Python client spends on messages is not the server's.
    """

    _open: dict[str, grpc.aio.Channel] = field(default_factory=dict)

    def call(self, address: str, path: str) -> Call:
        """Give a way to call a method, such as `/cinema.booking.v1.BookingService/HoldSeats`."""
        if address not in self._open:
            # Retries are the journeys' business: they must show in the figures.
            options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
            self._open[address] = grpc.aio.insecure_channel(address, options=options)
        method: Any = self._open[address].unary_unary(path)

        def call(request: bytes, metadata: Metadata = ()) -> Awaitable[bytes]:
            answer: Awaitable[bytes] = method(request, metadata=metadata, timeout=CALL_TIMEOUT_S)
            return answer

        return call

    def calls(self, addresses: Sequence[str], path: str) -> list[Call]:
        """Give a way to call a method at each address."""
        return [self.call(address, path) for address in addresses]

    async def close(self) -> None:
        for channel in self._open.values():
            await channel.close()


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that failed. `outcome` is its code and reason, and says when a hint was missing."""

    outcome: str
    retry_after_s: float | None

    @classmethod
    def by(cls, error: grpc.aio.AioRpcError) -> Refused:
        """Read a status."""
        refusal = refusal_of(error)
        outcome = f"{refusal.code.name} {refusal.reason}".strip()
        hint_s = None if refusal.retry_after_ms is None else refusal.retry_after_ms / 1_000
        if refusal.code is grpc.StatusCode.UNAVAILABLE and hint_s is None:
            outcome += " (no retry hint)"
        return cls(outcome, hint_s)


async def outcome_of(answer: Awaitable[bytes]) -> str:
    """Await a call and give `OK`, or what was refused."""
    try:
        await answer
    except grpc.aio.AioRpcError as error:
        return Refused.by(error).outcome
    return OK
