"""Keeps who knocked in vain: counted by the minute, so that a flood leaves few rows."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from services.common.errors import DomainError
from services.common.logging import get_logger

_log = get_logger(__name__)
MAX_PEERS_AT_ONCE = 200
OTHER_PEERS = "others"


class RefusalStore(Protocol):
    async def add(self, peer: str, outcome: str, count: int) -> None:
        """Count refusals of this minute."""
        ...


@dataclass(slots=True)
class RefusedNotifications:
    """Notes refusals and stores them every `interval_ms`; bounded however many come."""

    store: RefusalStore
    interval_ms: int = 1_000
    _noted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, peer: str, outcome: str) -> None:
        """Count one refusal."""
        key = (peer, outcome)
        if key not in self._noted and len(self._noted) >= MAX_PEERS_AT_ONCE:
            key = (OTHER_PEERS, outcome)
        self._noted[key] += 1

    async def flush(self) -> None:
        """Store what was noted; what could not be stored is noted still."""
        for (peer, outcome), count in list(self._noted.items()):
            await self.store.add(peer, outcome, count)
            self._noted.subtract({(peer, outcome): count})
        self._noted = +self._noted

    @asynccontextmanager
    async def flushing(self) -> AsyncIterator[None]:
        """Store while the context lasts, and once more at its end."""
        ending = asyncio.Event()
        task = asyncio.create_task(self._run(ending), name="refused-notifications")
        try:
            yield
        finally:
            # Not cancelled: that could hit it in the middle of a statement.
            ending.set()
            await task

    async def _run(self, ending: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), self.interval_ms / 1_000)
            try:
                await self.flush()
            except DomainError as error:
                _log.warning("refusals_not_stored", problem=type(error).__name__)
            if ending.is_set():
                return
