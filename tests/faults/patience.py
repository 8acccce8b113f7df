"""A client as it should be: repeats a call with the same request id until it is answered.

It comes back when it is told to, and soon when it is told nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc

from services.common.rpc.client import refusal_of

Answer = TypeVar("Answer")
MAX_PATIENCE_S = 60.0
PAUSE_S = 0.1
# An unknown outcome, or somebody else was at it in the same moment.
TRY_AGAIN = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
    }
)


async def persist(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Make the call until it is answered or refused; a refusal is raised."""
    async with asyncio.timeout(MAX_PATIENCE_S):
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                if error.code() not in TRY_AGAIN:
                    raise
                hint_ms = refusal_of(error).retry_after_ms
            await asyncio.sleep(PAUSE_S if hint_ms is None else hint_ms / 1_000)
