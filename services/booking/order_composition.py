"""Puts the orders' use cases together, for the RPC process, the worker and the tests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from services.booking.adapters.account_orders import AccountOrderReader
from services.booking.adapters.background import BackgroundDriver
from services.booking.adapters.order_numbers import new_order_number
from services.booking.adapters.order_store import ImageUrl, OrderDatabase, no_image
from services.booking.adapters.order_transactions import OrderTransactionScopes
from services.booking.adapters.orders import StoredOrders
from services.booking.adapters.provider_outages import OutageNoteStore
from services.booking.adapters.staff_audit import StaffReadRows
from services.booking.domain.resending import USUAL_LIMIT, ResendLimit
from services.booking.handlers.payment_consumer import PaymentConsumer
from services.booking.handlers.wallet_consumer import WalletConsumer
from services.booking.remedy_composition import RemedyUseCases, remedy_use_cases
from services.booking.use_cases.abandon_order import AbandonOrder
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.cancel_order import CancelOrder
from services.booking.use_cases.confirm_order import ConfirmOrder, ConfirmPayments, FailPayment
from services.booking.use_cases.decide_authorization import DecideAuthorization
from services.booking.use_cases.drive_order import DriveOrder
from services.booking.use_cases.end_order import ExpireOrder, LosePayment, RefuseOrder
from services.booking.use_cases.extend_orders import ExtendOrders
from services.booking.use_cases.get_leg_decision import GetLegDecision
from services.booking.use_cases.get_order import GetOrder
from services.booking.use_cases.list_orders import ListOrders
from services.booking.use_cases.list_tickets import ListTickets
from services.booking.use_cases.note_money import NoteRefund, NoteSetAside
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import OrderPoints, OrderTokens, PlaceLegs, TicketSigner
from services.booking.use_cases.outage_ports import Outages
from services.booking.use_cases.payment_ports import Payments
from services.booking.use_cases.perform_step import PerformStep
from services.booking.use_cases.place_order import PlaceOrder
from services.booking.use_cases.ports import Cards, Holds, Screenings
from services.booking.use_cases.request_remedy import TakeVoucher
from services.booking.use_cases.resend_confirmation import ResendConfirmation
from services.booking.use_cases.retry_payment import RetryPayment
from services.booking.use_cases.sell_seats import SellSeats
from services.booking.use_cases.settle_refund import SettleRefund
from services.booking.use_cases.voucher_ports import Vouchers
from services.common.bus.events import Subscription
from services.common.db.database import Database
from services.common.db.outbox import Trace
from services.common.db.transaction import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrderPorts:
    """What the orders need from elsewhere."""

    database: Database
    holds: Holds
    screenings: Screenings
    known_screenings: DoorScreenings
    cards: Cards
    vouchers: Vouchers
    places: PlaceLegs
    points: OrderPoints
    payments: Payments
    outages: Outages
    outage_extension: timedelta
    signer: TicketSigner
    tokens: OrderTokens
    max_background_orders: int
    ticket_image_url: ImageUrl = no_image
    resend_limit: ResendLimit = USUAL_LIMIT


@dataclass(frozen=True, slots=True)
class OrderUseCases:
    """All of them, one of each in a process."""

    store: OrderDatabase
    access: OrderAccess
    background: BackgroundDriver
    place_order: PlaceOrder
    retry_payment: RetryPayment
    abandon_order: AbandonOrder
    cancel_order: CancelOrder
    get_order: GetOrder
    list_orders: ListOrders
    list_tickets: ListTickets
    resend_confirmation: ResendConfirmation
    remedies: RemedyUseCases
    decide_authorization: DecideAuthorization
    get_leg_decision: GetLegDecision
    drive_order: DriveOrder
    expire_order: ExpireOrder
    extend_orders: ExtendOrders


@dataclass(frozen=True, slots=True)
class RetryConflicts:
    """The port `Retry`."""

    database: Database

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T:
        return await self.database.run_with_retry(work)


def order_use_cases(ports: OrderPorts) -> OrderUseCases:
    """Make the use cases; what one of them leaves to be done is driven on in the background."""
    store = OrderDatabase(ports.database, ports.ticket_image_url)
    transactions = OrderTransactionScopes(ports.database)
    retry = RetryConflicts(ports.database)
    kick = BackgroundDriver(ports.max_background_orders)
    access = OrderAccess(store, ports.tokens, StaffReadRows(ports.database))
    perform = PerformStep(ports.places, ports.payments)
    sell_seats = SellSeats(transactions, retry)
    refuse = RefuseOrder(transactions, kick, retry)
    confirm, lose = ConfirmOrder(ports.signer), LosePayment(transactions, kick, retry)
    drive = DriveOrder(store, perform, sell_seats, refuse, confirm, lose)
    kick.drive = drive
    return OrderUseCases(
        store=store,
        access=access,
        background=kick,
        place_order=PlaceOrder(
            holds=ports.holds,
            screenings=ports.screenings,
            cards=ports.cards,
            vouchers=ports.vouchers,
            outages=ports.outages,
            orders=store,
            transactions=transactions,
            perform=perform,
            sell_seats=sell_seats,
            refuse=refuse,
            new_number=new_order_number,
            kick=kick,
        ),
        retry_payment=RetryPayment(
            access, store, transactions, ports.payments, ports.outages, perform, retry
        ),
        abandon_order=AbandonOrder(access, transactions, kick, retry),
        cancel_order=CancelOrder(
            access, ports.known_screenings, transactions, ports.points, kick, retry
        ),
        get_order=GetOrder(access, store),
        list_orders=ListOrders(AccountOrderReader(ports.database)),
        list_tickets=ListTickets(access, store),
        remedies=remedy_use_cases(
            ports.database,
            store,
            access,
            ports.screenings,
            ports.known_screenings,
            ports.payments,
            kick,
            retry,
        ),
        resend_confirmation=ResendConfirmation(access, transactions, ports.resend_limit, retry),
        decide_authorization=DecideAuthorization(
            store, transactions, ports.screenings, kick, retry
        ),
        get_leg_decision=GetLegDecision(store),
        drive_order=drive,
        expire_order=ExpireOrder(transactions, kick, retry),
        extend_orders=ExtendOrders(store, transactions, ports.outage_extension, retry),
    )


def order_subscriptions(signer: TicketSigner) -> list[Subscription]:
    """List what orders want to hear from payment and from the wallet."""
    payments = PaymentConsumer(
        orders_of,
        ConfirmPayments(ConfirmOrder(signer)),
        FailPayment(),
        NoteSetAside(),
        NoteRefund(),
        SettleRefund(),
        OutageNoteStore,
    )
    return [payments.subscription(), WalletConsumer(orders_of, TakeVoucher()).subscription()]


def orders_of(tx: Transaction, traces: Mapping[UUID, Trace] | None = None) -> StoredOrders:
    """Give the orders inside a transaction of the chassis."""

    def told(events: int) -> None:
        tx.outbox.awaited += events

    return StoredOrders(tx.driver, tx.outbox.trace, told, tx.changed, traces or {})
