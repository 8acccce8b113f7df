"""How long calls wait before the process takes them up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, TypeAlias

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.rpc.client import open_channel

# Each knock is a call more; so there is one for so many, and not all the time.
CALLS_PER_KNOCK = 16
MIN_INTERVAL_S = 0.1
# What was seen longer ago says nothing of now.
KNOWN_FOR_S = 1.0
MAX_KNOCK_S = 10.0

Knock: TypeAlias = Callable[[], Awaitable[object]]


class Door:
    """Knocks at our own door while calls come, and tells how long it took to be answered.

    What comes in waits inside of gRPC until the event loop has gone round some times, and no handler
    knows how long. `knock` is a call that waits in the same queue and has next to nothing to do. Only
    what two knocks in a row have found counts: a crowd that came at once is soon through.
    """

    def __init__(
        self, knock: Knock | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.knock = knock
        self._clock = clock
        self._calls = 0
        self._last_s = self._before_s = 0.0
        self._began_at = self._ended_at = -KNOWN_FOR_S
        self._knocking: asyncio.Task[None] | None = None

    def wait_s(self) -> float:
        """Give the wait in seconds, as it was last seen; to be asked by each call that has come in."""
        now = self._clock()
        self._calls += 1
        if self._knocking is None:
            if now - self._ended_at >= KNOWN_FOR_S:
                self._last_s = self._before_s = 0.0
            self._knock_if_due(now)
            return min(self._before_s, self._last_s)
        return min(self._last_s, max(self._before_s, now - self._began_at))

    def _knock_if_due(self, now: float) -> None:
        soon = now - self._began_at < MIN_INTERVAL_S
        if self._calls < CALLS_PER_KNOCK or soon or self.knock is None:
            return
        self._calls = 0
        self._began_at = now
        self._knocking = asyncio.get_running_loop().create_task(self._wait(self.knock))

    async def stop(self) -> None:
        """Wait for no answer any more."""
        if self._knocking is not None:
            self._knocking.cancel()
            await asyncio.gather(self._knocking, return_exceptions=True)

    async def _wait(self, knock: Knock) -> None:
        try:
            await knock()
        finally:
            self._ended_at = self._clock()
            self._before_s, self._last_s = self._last_s, self._ended_at - self._began_at
            self._knocking = None


@asynccontextmanager
async def own_door(server: grpc.aio.Server) -> AsyncIterator[Knock]:
    """Open a port for ourselves alone: the others may be shared with other processes.

    For a server that has not started. A health check is the knock.
    """
    port = server.add_insecure_port("127.0.0.1:0")
    stub_type: Any = health_pb2_grpc.HealthStub
    async with open_channel(f"127.0.0.1:{port}", max_attempts=1) as channel:
        health = stub_type(channel)

        async def knock() -> None:
            with suppress(grpc.aio.AioRpcError):
                await health.Check(health_pb2.HealthCheckRequest(), timeout=MAX_KNOCK_S)

        yield knock
