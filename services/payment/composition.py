"""What both kinds of process are made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from cinema.payment.v1 import payment_decision_service_pb2

from services.common.bus.connection import BusConnection
from services.common.bus.wake import RelayWaker
from services.common.config import SettingsError
from services.common.db.database import Database
from services.common.db.setup import open_database
from services.common.ids import new_id
from services.common.rpc.client import Peer, open_peer
from services.payment.adapters.audit import SqlAudit
from services.payment.adapters.availability import SqlAvailability
from services.payment.adapters.background import TaskBackground
from services.payment.adapters.changes import SqlChanges
from services.payment.adapters.due_work import SqlDueWork
from services.payment.adapters.owners import GrpcOwners
from services.payment.adapters.payment_list import SqlPaymentList
from services.payment.adapters.payments import SqlPaymentReader
from services.payment.adapters.payu.client import PayuLimits, open_session
from services.payment.adapters.payu.points_of_sale import PointsOfSale, as_port
from services.payment.adapters.payu.provider import PayuProvider
from services.payment.adapters.provider_days import HttpProviderList, SqlDays
from services.payment.adapters.refunds import SqlRefundReader
from services.payment.adapters.transactions import SqlTransactions
from services.payment.config import PaymentSettings
from services.payment.handlers.audit_loop import AuditLoop
from services.payment.handlers.availability_loop import AvailabilityLoop
from services.payment.use_cases.cancel_payment import CancelPayment
from services.payment.use_cases.capture_payment import CapturePayment
from services.payment.use_cases.compare_days import CompareDays
from services.payment.use_cases.create_payment import CreatePayment
from services.payment.use_cases.decide_authorization import DecideAuthorization
from services.payment.use_cases.get_payment import GetPayment
from services.payment.use_cases.get_refund import GetRefund
from services.payment.use_cases.get_settlement import GetSettlement
from services.payment.use_cases.list_exceptions import ListExceptions
from services.payment.use_cases.list_journal import ListJournal
from services.payment.use_cases.list_payments import ListPayments
from services.payment.use_cases.open_attempt import OpenAttempt
from services.payment.use_cases.ports import Owners, PaymentProvider
from services.payment.use_cases.receive_notification import ReceiveNotification
from services.payment.use_cases.refund_payment import RefundPayment
from services.payment.use_cases.resolve_attempt import ResolveAttempt
from services.payment.use_cases.resolve_exception import ResolveException
from services.payment.use_cases.resolve_refund import ResolveRefund
from services.payment.use_cases.spend_budget import SpendBudget
from services.payment.use_cases.void_strays import VoidStray

MAX_ENDING_S = 3.0
DECISION_SERVICE = payment_decision_service_pb2.DESCRIPTOR.services_by_name[
    "PaymentDecisionService"
].full_name


@dataclass(frozen=True, slots=True)
class AuditCases:
    """What finance asks."""

    get_settlement: GetSettlement
    list_exceptions: ListExceptions
    resolve_exception: ResolveException
    list_journal: ListJournal


@dataclass(frozen=True, slots=True)
class UseCases:
    """All of them, on one database and one provider."""

    create_payment: CreatePayment
    get_payment: GetPayment
    capture_payment: CapturePayment
    cancel_payment: CancelPayment
    spend_budget: SpendBudget
    receive_notification: ReceiveNotification
    resolve_attempt: ResolveAttempt
    void_stray: VoidStray
    refund_payment: RefundPayment
    get_refund: GetRefund
    resolve_refund: ResolveRefund
    list_payments: ListPayments
    audit: AuditCases
    due_work: SqlDueWork


def use_cases(
    settings: PaymentSettings,
    database: Database,
    provider: PaymentProvider,
    owners: Owners,
    background: TaskBackground,
) -> UseCases:
    """Put the use cases together."""
    transactions = SqlTransactions(database)
    changes = SqlChanges(database, settings.min_save_interval_ms)
    reader = SqlPaymentReader(database)
    due_work = SqlDueWork(database)
    open_attempt = OpenAttempt(transactions, changes, provider)
    decide = DecideAuthorization(changes, owners)
    resolve = ResolveAttempt(
        transactions,
        reader,
        provider,
        open_attempt,
        decide,
        capture_again_s=settings.capture_again_ms / 1_000,
    )
    refunds = SqlRefundReader(database)
    resolve_refund = ResolveRefund(transactions, refunds, provider)
    create = CreatePayment(
        changes,
        reader,
        provider,
        open_attempt,
        background,
        new_id,
        page_margin_s=settings.page_margin_ms / 1_000,
        max_wait_s=settings.create_wait_ms / 1_000,
    )
    return UseCases(
        create_payment=create,
        get_payment=GetPayment(reader, refunds),
        list_payments=ListPayments(SqlPaymentList(database)),
        audit=audit_cases(database),
        capture_payment=CapturePayment(
            changes, provider, background, settings.capture_wait_ms / 1_000
        ),
        cancel_payment=CancelPayment(transactions, reader, resolve, background),
        spend_budget=SpendBudget(transactions),
        receive_notification=ReceiveNotification(
            transactions, changes, resolve, background, changes.inbox, resolve_refund
        ),
        refund_payment=RefundPayment(transactions, resolve_refund, background),
        get_refund=GetRefund(refunds),
        resolve_refund=resolve_refund,
        resolve_attempt=resolve,
        void_stray=VoidStray(transactions, provider, due_work),
        due_work=due_work,
    )


def audit_cases(database: Database) -> AuditCases:
    """Put together what finance asks."""
    audit = SqlAudit(database)
    return AuditCases(
        get_settlement=GetSettlement(audit, SqlPaymentReader(database)),
        list_exceptions=ListExceptions(audit),
        resolve_exception=ResolveException(SqlTransactions(database), audit),
        list_journal=ListJournal(audit),
    )


def open_store(
    settings: PaymentSettings, stack: AsyncExitStack, bus: BusConnection, *, role: str
) -> Database:
    """Open the database; commits wake the relay."""
    database = open_database(settings, role=role, wake_relay=RelayWaker(bus, "payment"))
    stack.push_async_callback(database.close)
    return database


async def open_provider(settings: PaymentSettings, stack: AsyncExitStack) -> PayuProvider:
    """Open PayU with the points of sale of the settings."""
    limits = PayuLimits(
        connect_timeout_ms=settings.provider_connect_timeout_ms,
        call_timeout_ms=settings.provider_call_timeout_ms,
        pool_wait_timeout_ms=settings.provider_pool_wait_timeout_ms,
        max_connections=settings.max_provider_connections,
        max_failures_in_a_row=settings.max_provider_failures_in_a_row,
        breaker_open_ms=settings.provider_breaker_open_ms,
    )
    session = await stack.enter_async_context(open_session(limits))
    return PayuProvider(
        session, settings.payu_base_url, settings.notify_url, points_of_sale(settings), limits
    )


def availability_loop(
    settings: PaymentSettings, database: Database, provider: PayuProvider
) -> AvailabilityLoop:
    """Make what keeps this process and the others of one mind about the provider."""
    first_wait_s = settings.provider_breaker_open_ms / 1_000
    shared = SqlAvailability(database, first_wait_s, settings.provider_call_timeout_ms / 1_000 + 2)
    return AvailabilityLoop(provider, shared, settings.availability_interval_ms)


def audit_loop(settings: PaymentSettings, database: Database, provider: PayuProvider) -> AuditLoop:
    """Make what compares finished days and keeps the metrics of the books."""
    compare_days = None
    if settings.provider_list_url:
        compare_days = CompareDays(
            SqlTransactions(database),
            provider,
            HttpProviderList(provider.session, settings.provider_list_url),
            SqlDays(database),
        )
    shops = [as_port(each) for each in provider.points_of_sale.all]
    return AuditLoop(SqlAudit(database), compare_days, shops, settings.audit_interval_ms)


@asynccontextmanager
async def sharing_availability(
    settings: PaymentSettings, database: Database, provider: PayuProvider
) -> AsyncIterator[None]:
    """Share it while the context lasts, beside the calls."""
    loop = availability_loop(settings, database, provider)
    task = asyncio.create_task(loop.run(), name="availability")
    try:
        yield
    finally:
        # Not cancelled at once: that could hit it in the middle of a statement.
        loop.ending.set()
        provider.news.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, MAX_ENDING_S)


def points_of_sale(settings: PaymentSettings) -> PointsOfSale:
    if settings.points_of_sale_file is None:
        raise SettingsError("PARTERRE_PAYMENT_POINTS_OF_SALE_FILE is not set")
    return PointsOfSale.from_file(settings.points_of_sale_file)


def open_owners(settings: PaymentSettings, stack: AsyncExitStack) -> GrpcOwners:
    """Open channels to the services that own purchases."""
    addresses = {"booking": settings.booking_address, "wallet": settings.wallet_address}
    peers: dict[str, Peer] = {}
    for name, address in addresses.items():
        if address:
            peers[name] = open_peer(settings, name, address, [DECISION_SERVICE])
            stack.push_async_callback(peers[name].close)
    return GrpcOwners(peers, settings.decision_timeout_ms)


def open_background(settings: PaymentSettings, stack: AsyncExitStack) -> TaskBackground:
    background = TaskBackground(settings.max_background_tasks)
    stack.push_async_callback(background.close)
    return background
