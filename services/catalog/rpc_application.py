"""Puts catalog's RPC process together."""

from contextlib import AsyncExitStack
from functools import partial

from cinema.catalog.v1.catalog_admin_service_pb2_grpc import (
    add_CatalogAdminServiceServicer_to_server,
)
from cinema.catalog.v1.programme_service_pb2_grpc import add_ProgrammeServiceServicer_to_server
from cinema.catalog.v1.sales_facts_service_pb2_grpc import add_SalesFactsServiceServicer_to_server
from cinema.type.v1.dead_event_service_pb2_grpc import add_DeadEventServiceServicer_to_server
from cinema.type.v1.event_feed_service_pb2_grpc import add_EventFeedServiceServicer_to_server

from services.catalog.admin_composition import catalog_admin_servicer
from services.catalog.composition import Parts, open_parts
from services.catalog.config import CatalogSettings
from services.catalog.programme_composition import programme_servicer, sales_facts_servicer
from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.feed import Feed
from services.common.bus.feed_servicer import FeedServicer
from services.common.config import SettingsError
from services.common.rpc.paging import PageTokens
from services.common.rpc.registrar import Registration
from services.common.rpc.server import RpcApplication

# Two texts of terms, 200,000 characters each, which need not be ASCII; and a seat plan that is far
# too long, so that what refuses it can name the field.
MAX_REQUEST_BYTES = 4 * 1024 * 1024


async def build_rpc(settings: CatalogSettings, stack: AsyncExitStack) -> RpcApplication:
    """Open what the process needs and give what it serves."""
    parts = await open_parts(settings, stack, role="rpc")
    return RpcApplication(
        registrations=registrations(parts),
        readiness={"database": parts.database.ping},
        max_request_bytes=MAX_REQUEST_BYTES,
    )


def registrations(parts: Parts) -> list[Registration]:
    """Say what the process serves."""
    if parts.settings.service_key_file is None:
        raise SettingsError("PARTERRE_CATALOG_SERVICE_KEY_FILE is needed")
    page_tokens = PageTokens.from_key_file(parts.settings.service_key_file)
    programme = programme_servicer(parts, page_tokens)
    feed = FeedServicer(Feed("catalog", parts.database))
    # Catalog listens to nobody; the list of dead events is there and empty.
    dead_events = DeadEventsServicer(DeadEvents(parts.database, []), page_tokens)
    return [
        partial(add_ProgrammeServiceServicer_to_server, programme),
        partial(add_SalesFactsServiceServicer_to_server, sales_facts_servicer(parts)),
        partial(
            add_CatalogAdminServiceServicer_to_server, catalog_admin_servicer(parts, page_tokens)
        ),
        partial(add_EventFeedServiceServicer_to_server, feed),
        partial(add_DeadEventServiceServicer_to_server, dead_events),
    ]
