"""An RPC process: the gRPC services, and the provider's notifications over HTTP."""

from contextlib import AsyncExitStack
from functools import partial

from cinema.payment.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from cinema.payment.v1.payment_service_pb2_grpc import add_PaymentServiceServicer_to_server
from cinema.payment.v1.subject_service_pb2_grpc import add_SubjectServiceServicer_to_server
from cinema.type.v1.dead_event_service_pb2_grpc import add_DeadEventServiceServicer_to_server
from cinema.type.v1.event_feed_service_pb2_grpc import add_EventFeedServiceServicer_to_server
from cinema.type.v1.story_service_pb2_grpc import add_StoryServiceServicer_to_server

from services.common.bus.connection import open_bus
from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.feed import Feed
from services.common.bus.feed_servicer import FeedServicer
from services.common.config import SettingsError
from services.common.db.database import Database
from services.common.rpc.paging import PageTokens
from services.common.rpc.registrar import Registration
from services.common.rpc.server import RpcApplication
from services.common.rpc.stories import StoryServicer
from services.common.stories import StoryReader
from services.payment.adapters.payu.notifications import NotificationReader
from services.payment.adapters.payu.signatures import check_algorithms
from services.payment.adapters.refusals import SqlRefusals
from services.payment.adapters.story import STORY
from services.payment.adapters.subjects import SqlSubjectReader
from services.payment.adapters.transactions import SqlTransactions
from services.payment.composition import (
    UseCases,
    open_background,
    open_owners,
    open_provider,
    open_store,
    points_of_sale,
    sharing_availability,
    use_cases,
)
from services.payment.config import PaymentSettings
from services.payment.handlers.audit_servicer import AuditServicer
from services.payment.handlers.notification_endpoint import (
    NotificationEndpoint,
    NotificationLimits,
    listening,
)
from services.payment.handlers.notification_metrics import NotificationMeter
from services.payment.handlers.payment_servicer import PaymentServicer
from services.payment.handlers.refused_notifications import RefusedNotifications
from services.payment.handlers.subject_servicer import SubjectServicer
from services.payment.use_cases.erase_subject import EraseSubject
from services.payment.use_cases.export_subject import ExportSubject
from services.payment.use_cases.watch_payment import WatchPayment


async def build_rpc(settings: PaymentSettings, stack: AsyncExitStack) -> RpcApplication:
    """Open everything that an RPC process needs; closed in reverse order."""
    bus = open_bus(settings, stack, role="rpc")
    database = open_store(settings, stack, bus, role="rpc")
    provider = await open_provider(settings, stack)
    owners = open_owners(settings, stack)
    background = open_background(settings, stack)
    await stack.enter_async_context(sharing_availability(settings, database, provider))
    cases = use_cases(settings, database, provider, owners, background)
    meter = NotificationMeter()
    if settings.notification_listen:
        endpoint = notification_endpoint(settings, cases, meter, SqlRefusals(database))
        await stack.enter_async_context(listening(endpoint, settings.notification_listen))
    return RpcApplication(
        registrations=registrations(settings, database, cases),
        readiness={"database": database.ping},
        collectors=(meter,),
    )


def registrations(
    settings: PaymentSettings, database: Database, cases: UseCases
) -> list[Registration]:
    """Make the servicers."""
    if settings.service_key_file is None:
        raise SettingsError("PARTERRE_PAYMENT_SERVICE_KEY_FILE is not set")
    page_tokens = PageTokens.from_key_file(settings.service_key_file)
    payment = PaymentServicer(
        create_payment=cases.create_payment,
        get_payment=cases.get_payment,
        capture_payment=cases.capture_payment,
        cancel_payment=cases.cancel_payment,
        spend_budget=cases.spend_budget,
        refund_payment=cases.refund_payment,
        get_refund=cases.get_refund,
        list_payments=cases.list_payments,
        watch_payment=WatchPayment(cases.get_payment, settings.watch_interval_ms),
        page_tokens=page_tokens,
    )
    audit = AuditServicer(
        get_settlement=cases.audit.get_settlement,
        list_exceptions=cases.audit.list_exceptions,
        resolve_exception=cases.audit.resolve_exception,
        list_journal=cases.audit.list_journal,
        page_tokens=page_tokens,
    )
    subjects = SubjectServicer(
        ExportSubject(SqlSubjectReader(database)),
        EraseSubject(SqlTransactions(database)),
        page_tokens,
    )
    dead_events = DeadEventsServicer(DeadEvents(database, ()), page_tokens)
    feed = FeedServicer(Feed("payment", database))
    return [
        partial(add_PaymentServiceServicer_to_server, payment),
        partial(add_AuditServiceServicer_to_server, audit),
        partial(add_SubjectServiceServicer_to_server, subjects),
        partial(add_EventFeedServiceServicer_to_server, feed),
        partial(add_StoryServiceServicer_to_server, StoryServicer(StoryReader(database, STORY))),
        partial(add_DeadEventServiceServicer_to_server, dead_events),
    ]


def notification_endpoint(
    settings: PaymentSettings, cases: UseCases, meter: NotificationMeter, refusals: SqlRefusals
) -> NotificationEndpoint:
    """Make the endpoint of the provider's notifications."""
    try:
        allowed = check_algorithms(settings.signature_algorithms.split(","))
    except ValueError as error:
        raise SettingsError(f"PARTERRE_PAYMENT_SIGNATURE_ALGORITHMS: {error}") from None
    reader = NotificationReader(points_of_sale(settings), allowed)
    return NotificationEndpoint(
        reader.read,
        cases.receive_notification,
        meter,
        NotificationLimits(
            max_body_bytes=settings.max_notification_bytes,
            max_in_flight_notifications=settings.max_in_flight_notifications,
        ),
        RefusedNotifications(refusals),
    )
