"""Ending what takes too long."""

from __future__ import annotations

import asyncio
from types import TracebackType

from services.common.errors import DeadlineTooShortError


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
