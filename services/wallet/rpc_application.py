"""Puts wallet's RPC process together."""

from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

from cinema.payment.v1.payment_decision_service_pb2_grpc import (
    add_PaymentDecisionServiceServicer_to_server,
)
from cinema.type.v1.dead_event_service_pb2_grpc import add_DeadEventServiceServicer_to_server
from cinema.type.v1.event_feed_service_pb2_grpc import add_EventFeedServiceServicer_to_server
from cinema.type.v1.mail_queue_service_pb2_grpc import add_MailQueueServiceServicer_to_server
from cinema.type.v1.story_service_pb2_grpc import add_StoryServiceServicer_to_server
from cinema.wallet.v1.card_sale_service_pb2_grpc import add_CardSaleServiceServicer_to_server
from cinema.wallet.v1.points_service_pb2_grpc import add_PointsServiceServicer_to_server
from cinema.wallet.v1.subject_service_pb2_grpc import add_SubjectServiceServicer_to_server
from cinema.wallet.v1.tender_service_pb2_grpc import add_TenderServiceServicer_to_server
from cinema.wallet.v1.voucher_service_pb2_grpc import add_VoucherServiceServicer_to_server
from cinema.wallet.v1.wallet_admin_service_pb2_grpc import add_WalletAdminServiceServicer_to_server
from cinema.wallet.v1.wallet_service_pb2_grpc import add_WalletServiceServicer_to_server

from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.feed import Feed
from services.common.bus.feed_servicer import FeedServicer
from services.common.config import SettingsError
from services.common.ids import new_id
from services.common.limits import AttemptLimit, AttemptLimiter
from services.common.mail.mail_queue_servicer import MailQueueServicer
from services.common.mail.waiting import TroubledMails
from services.common.rpc.paging import PageTokens
from services.common.rpc.registrar import Registration
from services.common.rpc.server import RpcApplication
from services.common.rpc.stories import StoryServicer
from services.common.stories import StoryReader
from services.wallet.adapters.attempts import LimitedAttempts
from services.wallet.adapters.card_reader import CardReader
from services.wallet.adapters.partner_reports import PartnerReports
from services.wallet.adapters.points import PointReader
from services.wallet.adapters.products import OfferReader
from services.wallet.adapters.profiles import ProfileReader
from services.wallet.adapters.purchases import PurchaseReader
from services.wallet.adapters.quick_reservations import QuickReservations
from services.wallet.adapters.story import STORY
from services.wallet.adapters.subjects import StoredSubjects
from services.wallet.adapters.vouchers import VoucherReader
from services.wallet.composition import Parts, open_parts, subscriptions
from services.wallet.config import WalletSettings
from services.wallet.handlers.batch_calls import BatchCalls
from services.wallet.handlers.card_sale_servicer import (
    CardSaleServicer,
    PaymentDecisionServicer,
)
from services.wallet.handlers.points_servicer import PointsServicer
from services.wallet.handlers.subject_servicer import SubjectServicer
from services.wallet.handlers.tender_servicer import TenderServicer
from services.wallet.handlers.voucher_servicer import VoucherServicer
from services.wallet.handlers.wallet_admin_servicer import WalletAdminServicer
from services.wallet.handlers.wallet_servicer import WalletServicer
from services.wallet.use_cases.buy_card import BuyCard
from services.wallet.use_cases.cancel_card_purchase import CancelCardPurchase, GetCardPurchase
from services.wallet.use_cases.change_cards import ActivateCards, ExtendValidity, VoidCard
from services.wallet.use_cases.correct_subject import RectifySubject, StopReminders
from services.wallet.use_cases.credit_points import CreditPoints
from services.wallet.use_cases.decide_card_payment import DecideCardPayment
from services.wallet.use_cases.define_product import DefineProduct
from services.wallet.use_cases.erase_subject import EraseSubject
from services.wallet.use_cases.export_subject import ExportSubject
from services.wallet.use_cases.find_voucher import FindVoucher
from services.wallet.use_cases.get_card import GetCard
from services.wallet.use_cases.get_order_points import GetOrderPoints
from services.wallet.use_cases.get_points import GetPoints, ListPointEntries
from services.wallet.use_cases.get_voucher import GetVoucher
from services.wallet.use_cases.get_voucher_code import GetVoucherCode
from services.wallet.use_cases.import_cards import ImportCards
from services.wallet.use_cases.issue_cards import IssueCards
from services.wallet.use_cases.list_card_entries import ListCardEntries
from services.wallet.use_cases.list_cards import ListCards
from services.wallet.use_cases.list_eligible_places import ListEligiblePlaces
from services.wallet.use_cases.list_offers import ListOffers
from services.wallet.use_cases.list_vouchers import ListVouchers
from services.wallet.use_cases.partner_report import GetPartnerReport
from services.wallet.use_cases.read_numbers import ReadNumbers
from services.wallet.use_cases.redeem_points import RedeemPoints
from services.wallet.use_cases.register_card import RegisterCard
from services.wallet.use_cases.reserve_places import ReservePlaces
from services.wallet.use_cases.reserve_voucher import ReserveVoucher
from services.wallet.use_cases.restore_places import RestorePlaces
from services.wallet.use_cases.restore_voucher import RestoreVoucher
from services.wallet.use_cases.set_profile import GetProfile, SetProfile

CODE_FIELDS = frozenset({"card_number", "voucher_code"})


async def build_rpc(settings: WalletSettings, stack: AsyncExitStack) -> RpcApplication:
    """Open what the process needs and give what it serves."""
    parts = await open_parts(settings, stack, role="rpc")
    limiter = AttemptLimiter.from_url(settings.redis_url.get_secret_value())
    stack.push_async_callback(limiter.close)
    return RpcApplication(
        registrations=registrations(parts, limiter),
        readiness={"database": parts.database.ping},
        card_number_fields=CODE_FIELDS,
    )


def registrations(parts: Parts, limiter: AttemptLimiter) -> list[Registration]:
    """Make the servicers."""
    if parts.settings.service_key_file is None:
        raise SettingsError("PARTERRE_WALLET_SERVICE_KEY_FILE is needed")
    page_tokens = PageTokens.from_key_file(parts.settings.service_key_file)
    dead_events = DeadEventsServicer(DeadEvents(parts.database, subscriptions(parts)), page_tokens)
    mails = MailQueueServicer(TroubledMails(parts.database), page_tokens)
    feed = FeedServicer(Feed("wallet", parts.database))
    wallet = wallet_servicer(parts, limiter, page_tokens)
    voucher = voucher_servicer(parts, limiter, page_tokens)
    return [
        partial(add_WalletServiceServicer_to_server, wallet),
        partial(add_TenderServiceServicer_to_server, tender_servicer(parts, limiter)),
        partial(add_VoucherServiceServicer_to_server, voucher),
        partial(add_CardSaleServiceServicer_to_server, card_sale_servicer(parts, page_tokens)),
        partial(
            add_PaymentDecisionServiceServicer_to_server,
            PaymentDecisionServicer(DecideCardPayment(parts.transactions)),
        ),
        partial(add_PointsServiceServicer_to_server, points_servicer(parts, page_tokens)),
        partial(add_WalletAdminServiceServicer_to_server, wallet_admin_servicer(parts)),
        partial(add_SubjectServiceServicer_to_server, subject_servicer(parts, page_tokens)),
        partial(add_EventFeedServiceServicer_to_server, feed),
        partial(
            add_StoryServiceServicer_to_server, StoryServicer(StoryReader(parts.database, STORY))
        ),
        partial(add_DeadEventServiceServicer_to_server, dead_events),
        partial(add_MailQueueServiceServicer_to_server, mails),
    ]


def wallet_servicer(
    parts: Parts, limiter: AttemptLimiter, page_tokens: PageTokens
) -> WalletServicer:
    cards = CardReader(parts.database, parts.transactions.known)
    guard = attempt_guard(parts.settings, limiter, "card")
    return WalletServicer(
        register_card=RegisterCard(parts.transactions, parts.codes, guard),
        list_cards=ListCards(cards),
        get_card=GetCard(cards, parts.codes),
        list_card_entries=ListCardEntries(cards),
        get_profile=GetProfile(ProfileReader(parts.database)),
        set_profile=SetProfile(parts.transactions),
        page_tokens=page_tokens,
    )


def card_sale_servicer(parts: Parts, page_tokens: PageTokens) -> CardSaleServicer:
    settings = parts.settings
    withdrawal_period = timedelta(days=settings.withdrawal_period_days)
    return CardSaleServicer(
        list_offers=ListOffers(OfferReader(parts.database)),
        buy_card=BuyCard(
            parts.transactions,
            parts.payments,
            new_id,
            timedelta(seconds=settings.purchase_open_s),
        ),
        get_card_purchase=GetCardPurchase(PurchaseReader(parts.database)),
        cancel_card_purchase=CancelCardPurchase(parts.transactions, withdrawal_period),
        withdrawal_period=withdrawal_period,
        page_tokens=page_tokens,
    )


def points_servicer(parts: Parts, page_tokens: PageTokens) -> PointsServicer:
    points = PointReader(parts.database, parts.settings.time_zone)
    return PointsServicer(
        get_points=GetPoints(points),
        list_point_entries=ListPointEntries(points),
        redeem_points=RedeemPoints(parts.transactions, parts.codes, new_id),
        page_tokens=page_tokens,
    )


def tender_servicer(parts: Parts, limiter: AttemptLimiter) -> TenderServicer:
    settings = parts.settings
    guard = attempt_guard(settings, limiter, "voucher")
    grace = timedelta(days=settings.grace_period_days)
    return TenderServicer(
        list_eligible_places=ListEligiblePlaces(
            CardReader(parts.database, parts.transactions.known), settings.max_listed_cards
        ),
        reserve_places=ReservePlaces(
            parts.transactions,
            parts.ask_after,
            QuickReservations(parts.database, parts.transactions.known),
        ),
        find_voucher=FindVoucher(VoucherReader(parts.database), parts.codes, guard),
        reserve_voucher=ReserveVoucher(parts.transactions, parts.ask_after),
        capture_leg=parts.capture_leg,
        release_leg=parts.release_leg,
        restore_places=RestorePlaces(parts.transactions, new_id, grace),
        restore_voucher=RestoreVoucher(parts.transactions, grace),
        get_voucher_code=GetVoucherCode(parts.transactions, parts.codes),
        get_order_points=GetOrderPoints(PointReader(parts.database, settings.time_zone)),
        by_business_day=settings.valid_by_business_day,
    )


def voucher_servicer(
    parts: Parts, limiter: AttemptLimiter, page_tokens: PageTokens
) -> VoucherServicer:
    guard = attempt_guard(parts.settings, limiter, "voucher")
    vouchers = VoucherReader(parts.database)
    return VoucherServicer(
        GetVoucher(vouchers, parts.codes, guard), ListVouchers(vouchers), page_tokens
    )


def subject_servicer(parts: Parts, page_tokens: PageTokens) -> SubjectServicer:
    return SubjectServicer(
        ExportSubject(StoredSubjects(parts.database)),
        EraseSubject(parts.transactions),
        RectifySubject(parts.transactions),
        StopReminders(parts.transactions),
        page_tokens,
    )


def wallet_admin_servicer(parts: Parts) -> WalletAdminServicer:
    return WalletAdminServicer(
        define_product=DefineProduct(parts.transactions),
        issue_cards=IssueCards(parts.transactions, parts.codes, new_id),
        read_numbers=ReadNumbers(CardReader(parts.database, parts.transactions.known), parts.codes),
        credit_points=CreditPoints(parts.transactions, parts.points_policy, new_id),
        grant_birthday_places=parts.grant_birthday_places,
        batches=BatchCalls(
            ImportCards(parts.transactions, parts.codes, new_id),
            ActivateCards(parts.transactions),
            GetPartnerReport(PartnerReports(parts.database)),
            VoidCard(parts.transactions),
            ExtendValidity(parts.transactions),
        ),
        invitation_product_code=parts.settings.invitation_product_code,
    )


def attempt_guard(settings: WalletSettings, limiter: AttemptLimiter, what: str) -> LimitedAttempts:
    """Make the limits on trying codes of one sort."""
    window_ms = settings.attempt_period_s * 1_000
    return LimitedAttempts(
        limiter,
        per_caller=AttemptLimit(f"{what}-caller", settings.max_attempts_per_caller, window_ms),
        per_address=AttemptLimit(f"{what}-address", settings.max_attempts_per_address, window_ms),
        per_code=AttemptLimit(f"{what}-code", settings.max_attempts_per_code, window_ms),
    )
