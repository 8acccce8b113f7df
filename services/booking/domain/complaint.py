"""A complaint about an order, or a plain comment: when it is in time, and until when it is answered."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.booking.domain.business_days import business_day_after, end_of_day, local_date
from services.booking.domain.complaint_errors import ComplaintAlreadyAnsweredError
from services.booking.domain.order import Order


class ComplaintKind(StrEnum):
    """A complaint is about an order and is answered in time; a comment is just read."""

    COMPLAINT = "COMPLAINT"
    COMMENT = "COMMENT"


class ComplaintScope(StrEnum):
    """What it is about."""

    CHARGED_WITHOUT_TICKET = "CHARGED_WITHOUT_TICKET"
    AMOUNT = "AMOUNT"
    TICKETS = "TICKETS"
    GIVING_BACK = "GIVING_BACK"
    SCREENING = "SCREENING"
    CINEMA = "CINEMA"
    SITE_OR_APP = "SITE_OR_APP"
    PERSONAL_DATA = "PERSONAL_DATA"
    OTHER = "OTHER"


class ComplaintState(StrEnum):
    """Where it is in its life."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"


class ComplaintDecision(StrEnum):
    """What the cinema decided."""

    ACCEPTED = "ACCEPTED"
    PARTLY_ACCEPTED = "PARTLY_ACCEPTED"
    REJECTED = "REJECTED"
    NOTED = "NOTED"


@dataclass(frozen=True, slots=True)
class OrderInQuestion:
    """The order that it is about."""

    screening_id: UUID
    order_id: UUID
    number: str
    cinema_id: str


@dataclass(frozen=True, slots=True)
class ComplaintTerms:
    """What the terms make of a complaint: late or not, and until when it is to be answered.

    `purchased_at`: when the order was confirmed, or placed if it never was. `overdue_at` is the
    first moment after `due_date` at the cinema.
    """

    purchased_at: datetime
    is_late: bool
    due_date: date
    overdue_at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintAnswer:
    """What was decided, in words for the customer."""

    decision: ComplaintDecision
    text: str
    answered_at: datetime


@dataclass(slots=True)
class Complaint:
    """What a customer wrote. `text`, `reply_email` and the answer's text are personal data.

    `reply_email` may be "": then whoever the order belongs to is answered. `owner` is the principal
    who wrote it, "" when staff wrote it down. `read_at` is the database's clock when it was read.
    """

    id: UUID
    number: str
    kind: ComplaintKind
    scope: ComplaintScope
    text: str
    order: OrderInQuestion | None
    owner: str
    account_id: UUID | None
    reply_email: str
    language: str
    received_at: datetime
    read_at: datetime
    terms: ComplaintTerms | None = None
    answer: ComplaintAnswer | None = None

    @property
    def state(self) -> ComplaintState:
        return ComplaintState.OPEN if self.answer is None else ComplaintState.ANSWERED

    @property
    def is_late(self) -> bool:
        return self.terms is not None and self.terms.is_late

    @property
    def cinema_id(self) -> str:
        """The cinema whose staff answer it; "" is the chain."""
        return "" if self.order is None else self.order.cinema_id

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for its answer longer than the terms allow."""
        if self.answer is not None or self.terms is None:
            return False
        return self.read_at >= self.terms.overdue_at

    def decide(self, decision: ComplaintDecision, text: str) -> None:
        """Answer it, once. COMPLAINT_ALREADY_ANSWERED."""
        if self.answer is not None:
            raise ComplaintAlreadyAnsweredError(self.id)
        self.answer = ComplaintAnswer(decision, text, self.read_at)


def purchased_at(order: Order) -> datetime:
    """When an order was bought: its confirmation; of one that never was confirmed, its placing.

    The order must have been read with its timeline.
    """
    confirmed = (entry.time for entry in order.timeline if entry.what == "ORDER_CONFIRMED")
    return next(confirmed, order.created_at)


def terms_for(order: Order, received_at: datetime, holidays: AbstractSet[date]) -> ComplaintTerms:
    """Judge a complaint about an order by the terms that it was made under, on the cinema's clocks.

    In time to the last second of the last day; the days of purchase and of receipt do not count.
    """
    zone, policy = order.screening.time_zone, order.policy
    bought_at, received_on = purchased_at(order), local_date(received_at, zone)
    last_day = local_date(bought_at, zone) + timedelta(days=policy.complaint_days)
    due_date = business_day_after(received_on, policy.complaint_answer_business_days, holidays)
    return ComplaintTerms(
        purchased_at=bought_at,
        is_late=received_on > last_day,
        due_date=due_date,
        overdue_at=end_of_day(due_date, zone),
    )


def calendar_years(received_at: datetime, time_zone: str) -> tuple[int, int]:
    """Name the years whose holidays may lie between receipt and answer."""
    year = local_date(received_at, time_zone).year
    return year, year + 1
