"""Ending what takes too long."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from services.common.errors import DeadlineTooShortError, ReaderTooSlowError


class CallTimer:
    """Ends what runs inside after the seconds, with DEADLINE_TOO_SHORT."""

    def __init__(self, seconds: float) -> None:
        self.timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self.timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise DeadlineTooShortError("The time for this call has run out.") from None


class StreamTimer(CallTimer):
    """The same, known to the server so that it can end all streams when it stops."""

    def __init__(self, seconds: float, open_streams: set[asyncio.Timeout]) -> None:
        super().__init__(seconds)
        self._open_streams = open_streams

    async def __aenter__(self) -> None:
        await super().__aenter__()
        self._open_streams.add(self.timeout)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open_streams.discard(self.timeout)
        await super().__aexit__(kind, error, trace)


class WriteTimer:
    """Ends a stream with READER_TOO_SLOW when one message waits too long for its reader.

    gRPC takes a message once the reader's window has room for it, so nothing piles up here.
    """

    def __init__(self, max_wait_s: float) -> None:
        self._max_wait_s = max_wait_s
        self._timeout = asyncio.timeout(None)
        self._now = asyncio.get_running_loop().time

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise ReaderTooSlowError from None

    def begin(self) -> None:
        """Note that a message begins to wait."""
        self._timeout.reschedule(self._now() + self._max_wait_s)

    def end(self) -> None:
        """Note that it was taken."""
        self._timeout.reschedule(None)
