"""Puts booking's image process together: it draws tickets' codes, so that no RPC process has to."""

from contextlib import AsyncExitStack

from prometheus_client import REGISTRY

from services.booking.adapters.qr_images import qr_png
from services.booking.adapters.ticket_payloads import TicketPayloads
from services.booking.config import BookingSettings
from services.booking.handlers.image_endpoint import ImageEndpoint, serving_images
from services.booking.order_parts import ticket_links
from services.booking.use_cases.get_ticket_image import GetTicketImage
from services.common.config import SettingsError
from services.common.db.setup import open_database
from services.common.logging import configure_logging, get_logger
from services.common.rpc.process import run, stop_on_signals
from services.common.rpc.side_port import side_port

_log = get_logger(__name__)


def run_image_process(settings: BookingSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    if not settings.image_listen:
        raise SettingsError("PARTERRE_BOOKING_IMAGE_LISTEN is needed")
    configure_logging(settings.service_name, settings.log_level)
    run(settings, _serve(settings))


async def _serve(settings: BookingSettings) -> None:
    stopping = stop_on_signals()
    async with AsyncExitStack() as stack:
        port = await open_images(settings, stack)
        if settings.metrics_listen:
            await stack.enter_async_context(
                side_port(
                    settings.metrics_listen,
                    registry=REGISTRY,
                    ready=lambda: not stopping.is_set(),
                    service=settings.service_name,
                )
            )
        _log.info("image_server_started", port=port)
        await stopping.wait()
    _log.info("image_server_stopped")


async def open_images(settings: BookingSettings, stack: AsyncExitStack) -> int:
    """Open what the process needs and listen; gives the port. The stack closes it."""
    database = open_database(settings, role="images")
    stack.push_async_callback(database.close)
    get_image = GetTicketImage(ticket_links(settings), TicketPayloads(database), qr_png)
    endpoint = ImageEndpoint(get_image)
    return await stack.enter_async_context(serving_images(endpoint, settings.image_listen))
