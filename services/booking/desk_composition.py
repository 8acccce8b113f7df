"""Puts together what customer service works with, for the RPC process and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.booking.adapters.catalog_client import CatalogClient
from services.booking.adapters.comment_limit import CommentLimit
from services.booking.adapters.complaints import ComplaintReader
from services.booking.adapters.desk_transactions import DeskTransactionScopes
from services.booking.adapters.holiday_copies import HolidayCopies, HolidaySource
from services.booking.adapters.numbered_orders import NumberedOrders
from services.booking.adapters.order_finder import FoundOrders
from services.booking.adapters.order_numbers import new_order_number
from services.booking.adapters.own_story import OwnStory
from services.booking.adapters.staff_audit import StaffReadRows
from services.booking.adapters.story_client import PeerStory
from services.booking.domain.whole_story import Teller
from services.booking.handlers.complaint_servicer import ComplaintCalls, ComplaintOfficeCalls
from services.booking.handlers.desk_servicer import DeskCalls
from services.booking.order_composition import OrderUseCases, RetryConflicts
from services.booking.use_cases.answer_complaint import AnswerComplaint
from services.booking.use_cases.complaint_ports import CommentLimiter
from services.booking.use_cases.correct_contact import CorrectContact
from services.booking.use_cases.find_orders import FindOrders
from services.booking.use_cases.get_complaint import GetComplaint
from services.booking.use_cases.get_order_story import GetOrderStory, StorySource
from services.booking.use_cases.list_complaints import ListComplaints
from services.booking.use_cases.submit_complaint import SubmitComplaint
from services.common.db.database import Database
from services.common.ids import new_id
from services.common.limits import AttemptLimit, AttemptLimiter

if TYPE_CHECKING:
    from services.booking.composition import Parts
    from services.booking.config import BookingSettings

# Each service's time to tell its part; the story goes on without it.
STORY_CALL_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """What customer service needs from elsewhere."""

    database: Database
    orders: OrderUseCases
    holidays: HolidaySource
    comment_limiter: CommentLimiter
    max_complaints_per_order: int
    stories: Sequence[StorySource]


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases, by the servicers that call them."""

    calls: DeskCalls
    complaints: ComplaintCalls
    complaint_office: ComplaintOfficeCalls


def desk_of(ports: DeskPorts) -> Desk:
    """Make the use cases."""
    database, access = ports.database, ports.orders.access
    transactions = DeskTransactionScopes(database)
    complaints, staff_reads = ComplaintReader(database), StaffReadRows(database)
    submit = SubmitComplaint(
        NumberedOrders(database),
        access,
        HolidayCopies(database, ports.holidays),
        ports.comment_limiter,
        transactions,
        new_id,
        new_order_number,
        ports.max_complaints_per_order,
    )
    resend_limit = ports.orders.resend_confirmation.limit
    correct = CorrectContact(access, transactions, resend_limit, RetryConflicts(database))
    story = GetOrderStory(access, [OwnStory(database), *ports.stories])
    return Desk(
        DeskCalls(FindOrders(FoundOrders(database), staff_reads), correct, story),
        ComplaintCalls(submit, GetComplaint(complaints, ports.orders.store, access, staff_reads)),
        ComplaintOfficeCalls(
            ListComplaints(complaints, staff_reads), AnswerComplaint(transactions)
        ),
    )


def open_desk(parts: "Parts", limiter: AttemptLimiter, orders: OrderUseCases) -> Desk:
    """Make the use cases of a process."""
    return desk_of(
        DeskPorts(
            parts.database,
            orders,
            CatalogClient(parts.catalog),
            _comment_limit(parts.settings, limiter),
            parts.settings.max_complaints_per_order,
            [
                PeerStory(Teller.PAYMENT, parts.payment, STORY_CALL_TIMEOUT_MS),
                PeerStory(Teller.WALLET, parts.wallet, STORY_CALL_TIMEOUT_MS),
            ],
        )
    )


def _comment_limit(settings: "BookingSettings", limiter: AttemptLimiter) -> CommentLimit:
    window_ms = settings.comment_limit_period_s * 1_000
    return CommentLimit(
        limiter,
        AttemptLimit("comment-caller", settings.max_comments_per_caller, window_ms),
        AttemptLimit("comment-address", settings.max_comments_per_address, window_ms),
    )
