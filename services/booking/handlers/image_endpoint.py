"""`GET /tickets/<token>.png`: images of tickets' codes over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from services.booking.use_cases.get_ticket_image import IMAGE_PATH, IMAGE_SUFFIX, GetTicketImage
from services.common.errors import DomainError
from services.common.logging import get_logger
from services.common.rpc.side_port import host_and_port

MAX_REQUEST_BYTES = 1_024
MAX_IN_FLIGHT_IMAGES = 32
MAX_WAIT_MS = 5_000
MAX_PENDING_CONNECTIONS = 256
RETRY_AFTER_S = 2
STOP_GRACE_S = 5.0
# The link is a secret: caches on the way keep nothing, and no other site is told of it.
_HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImageEndpoint:
    """200 with the image, 404 for whatever is no link of a ticket, 503 when it cannot be read."""

    get_image: GetTicketImage
    _places: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_IN_FLIGHT_IMAGES)
    )

    def application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_REQUEST_BYTES)
        application.router.add_get(f"{IMAGE_PATH}/{{token}}{IMAGE_SUFFIX}", self.show)
        return application

    async def show(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(MAX_WAIT_MS / 1_000), self._places:
                image = await self.get_image(request.match_info["token"])
        except (TimeoutError, DomainError) as problem:
            _log.warning("ticket_image_not_read", problem=type(problem).__name__)
            return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        if image is None:
            return web.Response(status=404)
        return web.Response(body=image, content_type="image/png", headers=_HEADERS)


@asynccontextmanager
async def serving_images(endpoint: ImageEndpoint, address: str) -> AsyncIterator[int]:
    """Listen while the context lasts; gives the port. Processes share it by SO_REUSEPORT."""
    runner = web.AppRunner(endpoint.application(), access_log=None, shutdown_timeout=STOP_GRACE_S)
    await runner.setup()
    try:
        host, port = host_and_port(address)
        site = web.TCPSite(runner, host, port, backlog=MAX_PENDING_CONNECTIONS, reuse_port=True)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
