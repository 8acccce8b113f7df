"""Keeps the leases of one process: all are renewed together, and work whose lease is lost stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.common.db.leases import Leases
from services.common.logging import get_logger

_log = get_logger(__name__)


class LeaseLostError(Exception):
    """Another process may own the work by now."""


@dataclass(slots=True)
class _Held:
    """A lease that we have: `lose` is called once when we have it no longer."""

    fence: int
    renewed_at: float
    lose: Callable[[], None]


@dataclass(slots=True)
class LeaseKeeper:
    """One for each process."""

    leases: Leases
    _held: dict[str, _Held] = field(default_factory=dict)
    _renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[int]:
        """Wait for the lease and keep it while the context is open; cancel the work when lost."""
        while (fence := await self.leases.take(name)) is None:  # noqa: ASYNC110 - another process.
            await asyncio.sleep(self._pause_s)
        _log.info("lease_taken", lease=name, fence=fence)
        try:
            async with self._cancelled_when_lost(name, fence):
                yield fence
        finally:
            with contextlib.suppress(Exception):
                await self.leases.release(name)

    @property
    def _pause_s(self) -> float:
        return self.leases.term_s / 3

    @asynccontextmanager
    async def _cancelled_when_lost(self, name: str, fence: int) -> AsyncIterator[None]:
        work = asyncio.current_task()
        lost = False

        def lose() -> None:
            nonlocal lost
            lost = True
            if work is not None:
                work.cancel()

        self._keep(name, _Held(fence, asyncio.get_running_loop().time(), lose))
        try:
            yield
        except asyncio.CancelledError:
            if lost and work is not None and work.uncancel() == 0:
                raise LeaseLostError(name) from None
            raise
        finally:
            self._drop(name)

    def _keep(self, name: str, held: _Held) -> None:
        self._held[name] = held
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_forever(), name="renew-leases")

    def _drop(self, name: str) -> None:
        self._held.pop(name, None)
        if not self._held and self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None

    async def _renew_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._pause_s)
            asked, asked_at = dict(self._held), loop.time()
            fences: dict[str, int] | None = None
            with contextlib.suppress(Exception):
                fences = await self.leases.renew(list(asked))
            for name, held in asked.items():
                if fences is not None and fences.get(name) == held.fence:
                    held.renewed_at = asked_at
                elif fences is not None or loop.time() - held.renewed_at >= self.leases.term_s:
                    self._lose(name, held)

    def _lose(self, name: str, held: _Held) -> None:
        if self._held.get(name) is held:
            del self._held[name]
            held.lose()
