"""`POST /payu/notifications`: the provider's signed messages over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from aiohttp import web

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.payment.domain.refund import RefundReport
from services.payment.domain.report import OrderReport
from services.payment.handlers.notification_metrics import NotificationMeter
from services.payment.handlers.refused_notifications import RefusedNotifications
from services.payment.use_cases.ports import ForgedNotificationError, NotificationFacts
from services.payment.use_cases.receive_notification import ReceiveNotification

_log = get_logger(__name__)

PATH = "/payu/notifications"
MAX_PENDING_CONNECTIONS = 256

Report = OrderReport | RefundReport | None
Read = Callable[[bytes, Mapping[str, str]], tuple[NotificationFacts, Report]]


@dataclass(frozen=True, slots=True)
class NotificationLimits:
    """What one process takes in."""

    max_body_bytes: int = 64 * 1024
    max_in_flight_notifications: int = 32
    max_wait_ms: int = 5_000


class NotificationEndpoint:
    """401 for a bad or missing signature; 200 for everything signed once it is stored.

    503 when it could not be stored: the provider comes again.
    """

    def __init__(
        self,
        read: Read,
        receive: ReceiveNotification,
        meter: NotificationMeter,
        limits: NotificationLimits,
        refused: RefusedNotifications,
    ) -> None:
        self._read = read
        self._receive = receive
        self._meter = meter
        self._limits = limits
        self.refused = refused
        self._places = asyncio.Semaphore(limits.max_in_flight_notifications)

    def application(self) -> web.Application:
        application = web.Application(client_max_size=self._limits.max_body_bytes)
        application.router.add_post(PATH, self.take_in)
        return application

    async def take_in(self, request: web.Request) -> web.Response:
        started = perf_counter()
        http_status, outcome = await self._judge(request)
        self._meter.record(outcome, perf_counter() - started)
        return web.Response(status=http_status)

    async def _judge(self, request: web.Request) -> tuple[int, str]:
        body = b""
        try:
            async with asyncio.timeout(self._limits.max_wait_ms / 1_000):
                body = await request.read()
                facts, report = self._read(body, request.headers)
                async with self._places:
                    effect = await self._receive(facts, report)
        except web.HTTPRequestEntityTooLarge:
            self.refused.note(request.remote or "", "TOO_LARGE")
            return web.HTTPRequestEntityTooLarge.status_code, "TOO_LARGE"
        except ForgedNotificationError:
            _log.warning("notification_forged", peer=request.remote, body_bytes=len(body))
            self.refused.note(request.remote or "", "FORGED")
            return web.HTTPUnauthorized.status_code, "FORGED"
        except (TimeoutError, DomainError) as error:
            _log.warning("notification_not_stored", problem=type(error).__name__)
            return web.HTTPServiceUnavailable.status_code, "NOT_STORED"
        return web.HTTPOk.status_code, effect


@asynccontextmanager
async def listening(
    endpoint: NotificationEndpoint, address: str, *, stop_grace_s: float = 5.0
) -> AsyncIterator[int]:
    """Listen while the context lasts; gives the port. Processes share it by SO_REUSEPORT."""
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(endpoint.application(), access_log=None, shutdown_timeout=stop_grace_s)
    await runner.setup()
    try:
        site = web.TCPSite(
            runner,
            host.strip("[]"),
            int(port),
            backlog=MAX_PENDING_CONNECTIONS,
            reuse_port=True,
        )
        await site.start()
        async with endpoint.refused.flushing():
            yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
