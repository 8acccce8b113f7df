"""The connection to NATS: made in the background, kept for ever, never waited for by a caller."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext

from services.common.config import ServiceSettings
from services.common.logging import get_logger

CONNECT_TIMEOUT_S = 2
RECONNECT_WAIT_S = 0.25
PING_INTERVAL_S = 5
MAX_OUTSTANDING_PINGS = 2
MAX_PENDING_BYTES = 8 * 1024 * 1024
PUBLISH_TIMEOUT_S = 2.0

_log = get_logger(__name__)


class BusUnavailableError(Exception):
    """NATS does not answer. Nothing is lost: events wait in the outbox, consumers pull."""


@dataclass(slots=True)
class BusConnection:
    """One connection of one process. `open` returns at once; `run` keeps connecting."""

    url: str
    name: str
    client: Client | None = None
    _connected: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_up(self) -> bool:
        return self.client is not None and self.client.is_connected

    async def run(self) -> None:
        """Connect as soon as NATS answers; afterwards the client reconnects by itself."""
        while True:
            closed = asyncio.Event()

            async def tell(closed: asyncio.Event = closed) -> None:
                closed.set()

            try:
                self.client = await nats.connect(
                    self.url,
                    name=self.name,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    reconnect_time_wait=RECONNECT_WAIT_S,
                    max_reconnect_attempts=-1,
                    ping_interval=PING_INTERVAL_S,
                    max_outstanding_pings=MAX_OUTSTANDING_PINGS,
                    pending_size=MAX_PENDING_BYTES,
                    error_cb=_note,
                    closed_cb=tell,
                )
            except (OSError, nats.errors.Error) as error:
                _log.warning("bus_unreachable", problem=type(error).__name__)
                await asyncio.sleep(RECONNECT_WAIT_S)
            else:
                self._connected.set()
                _log.info("bus_connected")
                await closed.wait()
                self._connected.clear()

    async def connected(self) -> Client:
        """Wait until there is a client; it may be reconnecting."""
        await self._connected.wait()
        if self.client is None:
            raise BusUnavailableError("There is no connection.")
        return self.client

    async def jetstream(self) -> JetStreamContext:
        """Give the client's JetStream context; raise BusUnavailableError while it is down."""
        client = self.client
        if client is None or not client.is_connected:
            raise BusUnavailableError("The connection is down.")
        return client.jetstream(timeout=PUBLISH_TIMEOUT_S)

    async def close(self) -> None:
        """Close without waiting for anything."""
        if self.client is not None:
            with contextlib.suppress(Exception):
                await self.client.close()


async def _note(error: Exception) -> None:
    _log.info("bus_connection_problem", problem=type(error).__name__)


def open_bus(
    settings: ServiceSettings, stack: contextlib.AsyncExitStack, *, role: str
) -> BusConnection:
    """Open the connection of a process; the stack closes it. Nothing is waited for."""
    bus = BusConnection(settings.nats_url.get_secret_value(), f"{settings.service_name}-{role}")
    stack.push_async_callback(bus.close)
    connecting = asyncio.create_task(bus.run(), name="bus")
    stack.push_async_callback(_end, connecting)
    return bus


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
