"""Puts booking's RPC process together."""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from cinema.booking.v1.admission_service_pb2_grpc import add_AdmissionServiceServicer_to_server
from cinema.booking.v1.booking_service_pb2_grpc import add_BookingServiceServicer_to_server
from cinema.booking.v1.box_office_service_pb2_grpc import (
    add_BoxOfficeServiceServicer_to_server,
)
from cinema.booking.v1.leg_decision_service_pb2_grpc import (
    add_LegDecisionServiceServicer_to_server,
)
from cinema.booking.v1.privacy_service_pb2_grpc import add_PrivacyServiceServicer_to_server
from cinema.booking.v1.screening_impact_service_pb2_grpc import (
    add_ScreeningImpactServiceServicer_to_server,
)
from cinema.payment.v1.payment_decision_service_pb2_grpc import (
    add_PaymentDecisionServiceServicer_to_server,
)
from cinema.type.v1.dead_event_service_pb2_grpc import add_DeadEventServiceServicer_to_server
from cinema.type.v1.event_feed_service_pb2_grpc import add_EventFeedServiceServicer_to_server
from cinema.type.v1.mail_queue_service_pb2_grpc import add_MailQueueServiceServicer_to_server

from services.booking.adapters.catalog_client import CatalogClient
from services.booking.adapters.facts_marks import StopTransactions
from services.booking.adapters.facts_messages import plan_of
from services.booking.adapters.hall_moves import SeatedRows
from services.booking.adapters.order_counts import OrderCountRows
from services.booking.adapters.price_tables import PriceTableStore
from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.adapters.seat_blocks import SeatBlockReader
from services.booking.adapters.session_limit import SessionLimit
from services.booking.adapters.session_tokens import SignedSessions
from services.booking.adapters.wallet_client import WalletCards
from services.booking.admission_composition import open_doors
from services.booking.composition import Parts, open_parts, subscriptions
from services.booking.config import BookingSettings
from services.booking.counter_composition import open_counter
from services.booking.desk_composition import Desk, open_desk
from services.booking.feed_composition import open_feeds
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.handlers.box_office_servicer import BoxOfficeServicer
from services.booking.handlers.leg_decision_servicer import LegDecisionServicer
from services.booking.handlers.payment_decision_servicer import PaymentDecisionServicer
from services.booking.handlers.screening_impact_servicer import ScreeningImpactServicer
from services.booking.handlers.watch_servicer import Feeds
from services.booking.order_composition import OrderUseCases
from services.booking.order_parts import open_orders, order_tokens
from services.booking.privacy_composition import privacy_servicer
from services.booking.use_cases.block_seats import BlockSeats
from services.booking.use_cases.change_hold import ChangeHold
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.get_move_impact import GetMoveImpact
from services.booking.use_cases.get_order_counts import GetOrderCounts
from services.booking.use_cases.get_seat_map import GetSeatMap
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.list_seat_blocks import ListSeatBlocks
from services.booking.use_cases.list_tenders import ListTenders
from services.booking.use_cases.release_hold import ReleaseHold
from services.booking.use_cases.start_session import StartSession
from services.booking.use_cases.stop_sales import StopSales
from services.booking.use_cases.unblock_seats import UnblockSeats
from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.feed import Feed
from services.common.bus.feed_servicer import FeedServicer
from services.common.config import SettingsError
from services.common.limits import AttemptLimit, AttemptLimiter
from services.common.mail.mail_queue_servicer import MailQueueServicer
from services.common.mail.waiting import TroubledMails
from services.common.rpc.paging import PageTokens
from services.common.rpc.server import RpcApplication
from services.common.rpc.shedding import Delay
from services.common.rpc.tokens import TokenSigner, load_private_key
from services.common.single_flight import KeyedLocks


async def build_rpc(settings: BookingSettings, stack: AsyncExitStack) -> RpcApplication:
    """Open what the process needs and give what it serves."""
    parts = await open_parts(settings, stack, role="rpc")
    limiter = AttemptLimiter.from_url(settings.redis_url.get_secret_value())
    stack.push_async_callback(limiter.close)
    orders = open_orders(parts, stack)
    page_tokens = PageTokens.from_key_file(_required(settings.service_key_file))
    feeds = await open_feeds(parts, orders, stack)
    desk = open_desk(parts, limiter, orders)
    booking = booking_servicer(parts, limiter, orders, feeds, page_tokens, desk)
    doors = open_doors(parts, limiter, page_tokens)
    dead_events = DeadEventsServicer(DeadEvents(parts.database, subscriptions(parts)), page_tokens)
    mails = MailQueueServicer(TroubledMails(parts.database), page_tokens)
    feed = FeedServicer(Feed("booking", parts.database))
    return RpcApplication(
        registrations=[
            partial(add_BookingServiceServicer_to_server, booking),
            partial(add_AdmissionServiceServicer_to_server, doors),
            partial(
                add_BoxOfficeServiceServicer_to_server,
                box_office(parts, orders, page_tokens, desk),
            ),
            partial(add_PrivacyServiceServicer_to_server, privacy_servicer(parts, page_tokens)),
            partial(
                add_PaymentDecisionServiceServicer_to_server,
                PaymentDecisionServicer(orders.decide_authorization),
            ),
            partial(
                add_LegDecisionServiceServicer_to_server,
                LegDecisionServicer(orders.get_leg_decision),
            ),
            partial(
                add_ScreeningImpactServiceServicer_to_server,
                ScreeningImpactServicer(
                    GetOrderCounts(OrderCountRows(parts.database)),
                    StopSales(StopTransactions(parts.database)),
                    GetMoveImpact(ScreeningCopies(parts.database), SeatedRows(parts.database)),
                    plan_of,
                ),
            ),
            partial(add_EventFeedServiceServicer_to_server, feed),
            partial(add_DeadEventServiceServicer_to_server, dead_events),
            partial(add_MailQueueServiceServicer_to_server, mails),
        ],
        readiness={"database": parts.database.ping},
        collectors=doors.meter.collectors,
        delays=[
            Delay("orders", settings.shed_order_age_ms / 1000, orders.background.under_way.age_s)
        ],
        ending=[feeds.finish],
    )


def box_office(
    parts: Parts, orders: OrderUseCases, page_tokens: PageTokens, desk: Desk
) -> BoxOfficeServicer:
    """Make the servicer of the box office."""
    return BoxOfficeServicer(
        block_seats=BlockSeats(parts.screenings, parts.transactions),
        unblock_seats=UnblockSeats(parts.screenings, parts.transactions),
        list_seat_blocks=ListSeatBlocks(parts.screenings, SeatBlockReader(parts.database)),
        complaints=desk.complaint_office,
        remedies=orders.remedies.office,
        counter=open_counter(parts, orders),
        page_tokens=page_tokens,
    )


def booking_servicer(
    parts: Parts,
    limiter: AttemptLimiter,
    orders: OrderUseCases,
    feeds: Feeds,
    page_tokens: PageTokens,
    desk: Desk,
) -> BookingServicer:
    """Make the servicer with its use cases."""
    settings = parts.settings
    limits = settings.caller_limits()
    holds = parts.holds
    get_hold = GetHold(holds)
    promotions, price_tables = CatalogClient(parts.catalog), PriceTableStore(parts.database)
    return BookingServicer(
        start_session=_start_session(settings, limiter),
        get_seat_map=GetSeatMap(parts.screenings, settings.max_seat_map_age_ms),
        feeds=feeds,
        hold_seats=HoldSeats(
            parts.screenings,
            promotions,
            price_tables,
            holds,
            KeyedLocks(),
            limits,
        ),
        get_hold=get_hold,
        change_hold=ChangeHold(
            get_hold, parts.screenings, promotions, price_tables, parts.transactions, limits
        ),
        release_hold=ReleaseHold(get_hold, parts.transactions),
        list_tenders=ListTenders(
            get_hold,
            price_tables,
            parts.screenings,
            WalletCards(parts.wallet, settings.tender_call_timeout_ms),
        ),
        place_order=orders.place_order,
        retry_payment=orders.retry_payment,
        abandon_order=orders.abandon_order,
        cancel_order=orders.cancel_order,
        get_order=orders.get_order,
        list_orders=orders.list_orders,
        list_tickets=orders.list_tickets,
        complaints=desk.complaints,
        resend_confirmation=orders.resend_confirmation,
        desk=desk.calls,
        request_remedy=orders.remedies.request_remedy,
        order_tokens=order_tokens(settings),
        page_tokens=page_tokens,
    )


def _start_session(settings: BookingSettings, limiter: AttemptLimiter) -> StartSession:
    key = load_private_key(_required(settings.session_key_file))
    limit = AttemptLimit(
        "session", settings.max_sessions_per_address, settings.session_limit_period_s * 1_000
    )
    # The key's ID in the published key set is the issuer's name.
    signer = TokenSigner(key, settings.session_issuer, settings.session_issuer)
    return StartSession(
        SignedSessions(signer, settings.token_audience, settings.session_lifetime_s),
        SessionLimit(limiter, limit),
    )


def _required(path: Path | None) -> Path:
    if path is None:
        raise SettingsError("PARTERRE_BOOKING_SESSION_KEY_FILE and _SERVICE_KEY_FILE are needed")
    return path
