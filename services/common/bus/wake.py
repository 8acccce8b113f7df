"""Wakes the relay after a commit: at once, coalesced, best effort, never waited for."""

import asyncio
from dataclasses import dataclass

from services.common.bus.connection import BusConnection
from services.common.bus.events import wake_subject

# Wake-ups closer together than this become one; the relay polls anyway.
MIN_WAKE_INTERVAL_MS = 2


@dataclass(slots=True)
class RelayWaker:
    """Call it after commits. Does nothing while the bus is down."""

    bus: BusConnection
    service: str
    _running: asyncio.Task[None] | None = None
    _again: bool = False

    def __call__(self) -> None:
        if not self.bus.is_up:
            return
        if self._running is not None and not self._running.done():
            self._again = True
            return
        self._running = asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            client = self.bus.client
            if client is None or not client.is_connected:
                return
            try:
                await client.publish(wake_subject(self.service), b"")
            except Exception:  # noqa: BLE001 - best effort by design.
                return
            await asyncio.sleep(MIN_WAKE_INTERVAL_MS / 1_000)
