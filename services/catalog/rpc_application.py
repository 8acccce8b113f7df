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

from services.catalog.adapters.quickbook_stream import read_programme
from services.catalog.composition import Parts, open_parts
from services.catalog.config import CatalogSettings
from services.catalog.handlers.catalog_admin_servicer import CatalogAdminServicer
from services.catalog.handlers.programme_servicer import ProgrammeServicer
from services.catalog.handlers.sales_facts_servicer import SalesFactsServicer
from services.catalog.use_cases.create_cinema import CreateCinema
from services.catalog.use_cases.get_cinema import GetCinema
from services.catalog.use_cases.get_sales_facts import GetSalesFacts
from services.catalog.use_cases.get_screening import GetScreening
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.catalog.use_cases.get_terms import GetTerms
from services.catalog.use_cases.import_programme import ImportProgramme
from services.catalog.use_cases.list_cinemas import ListCinemas
from services.catalog.use_cases.list_screenings import ListScreenings
from services.catalog.use_cases.publish_seat_plan import PublishSeatPlan
from services.catalog.use_cases.publish_terms import PublishTerms
from services.catalog.use_cases.quote_prices import QuotePrices
from services.catalog.use_cases.set_prices import SetPrices
from services.catalog.use_cases.terminate_screening import TerminateScreening
from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.feed import Feed
from services.common.bus.feed_servicer import FeedServicer
from services.common.config import SettingsError
from services.common.ids import new_id
from services.common.rpc.paging import PageTokens
from services.common.rpc.registrar import Registration
from services.common.rpc.server import RpcApplication

# Two texts of terms, 200,000 characters each, which need not be ASCII.
MAX_REQUEST_BYTES = 2 * 1024 * 1024


async def build_rpc(settings: CatalogSettings, stack: AsyncExitStack) -> RpcApplication:
    """Open what the process needs and give what it serves."""
    parts = await open_parts(settings, stack, role="rpc")
    return RpcApplication(
        registrations=registrations(parts),
        readiness={"database": parts.database.ping},
        max_request_bytes=MAX_REQUEST_BYTES,
    )


def registrations(parts: Parts) -> list[Registration]:
    """Make the servicers."""
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
        partial(add_CatalogAdminServiceServicer_to_server, catalog_admin_servicer(parts)),
        partial(add_EventFeedServiceServicer_to_server, feed),
        partial(add_DeadEventServiceServicer_to_server, dead_events),
    ]


def programme_servicer(parts: Parts, page_tokens: PageTokens) -> ProgrammeServicer:
    programme = parts.programme
    return ProgrammeServicer(
        list_cinemas=ListCinemas(programme),
        get_cinema=GetCinema(programme),
        list_screenings=ListScreenings(programme),
        get_screening=GetScreening(programme),
        get_seat_plan=GetSeatPlan(programme),
        quote_prices=QuotePrices(programme),
        get_terms=GetTerms(programme),
        page_tokens=page_tokens,
        sales_end_after_start=parts.settings.sales_end_after_start(),
    )


def sales_facts_servicer(parts: Parts) -> SalesFactsServicer:
    return SalesFactsServicer(
        get_sales_facts=GetSalesFacts(parts.programme),
        get_seat_plan=GetSeatPlan(parts.programme),
        sales_end_after_start=parts.settings.sales_end_after_start(),
    )


def catalog_admin_servicer(parts: Parts) -> CatalogAdminServicer:
    transactions = parts.transactions
    return CatalogAdminServicer(
        create_cinema=CreateCinema(transactions),
        publish_seat_plan=PublishSeatPlan(transactions, new_id),
        set_prices=SetPrices(transactions, new_id),
        publish_terms=PublishTerms(transactions),
        import_programme=ImportProgramme(transactions, read_programme),
        terminate_screening=TerminateScreening(transactions),
        limits=parts.settings.admin_limits(),
    )
