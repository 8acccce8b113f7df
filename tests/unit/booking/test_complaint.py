"""A complaint: in time or late, until when it is answered, and that it is answered once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.booking.domain.complaint import (
    Complaint,
    ComplaintDecision,
    ComplaintKind,
    ComplaintScope,
    ComplaintState,
    calendar_years,
    purchased_at,
    terms_for,
)
from services.booking.domain.complaint_errors import ComplaintAlreadyAnsweredError
from services.booking.domain.order import Order, OrderState, TimelineEntry
from tests.kit.booking_order_builders import an_order

NO_HOLIDAYS: frozenset[date] = frozenset()
SECOND = timedelta(seconds=1)


def bought(confirmed_at: datetime, placed_at: datetime | None = None) -> Order:
    order = an_order(OrderState.CONFIRMED)
    order.created_at = placed_at or confirmed_at - timedelta(minutes=5)
    order.timeline = [
        TimelineEntry(order.created_at, "ORDER_PLACED"),
        TimelineEntry(confirmed_at, "ORDER_CONFIRMED"),
    ]
    return order


def a_complaint(received_at: datetime, order: Order | None = None) -> Complaint:
    return Complaint(
        id=UUID(int=1),
        number="C-K7QF-3M4D",
        kind=ComplaintKind.COMPLAINT if order else ComplaintKind.COMMENT,
        scope=ComplaintScope.TICKETS,
        text="The hall was cold.",
        order=None,
        owner="guest:somebody",
        account_id=None,
        reply_email="",
        language="",
        received_at=received_at,
        read_at=received_at,
        terms=terms_for(order, received_at, NO_HOLIDAYS) if order else None,
    )


# Midnight at the end of the seventh day, as UTC: Bucharest is at +3 in summer and at +2 in winter.
@pytest.mark.rule("OTC-49")
@pytest.mark.parametrize(
    ("confirmed_at", "midnight"),
    [
        (datetime(2026, 11, 2, 10, 0, tzinfo=UTC), datetime(2026, 11, 9, 22, 0, tzinfo=UTC)),
        # Bought in the last minute of 22 October there, in summer; day 7 ends in winter.
        (datetime(2026, 10, 22, 20, 59, tzinfo=UTC), datetime(2026, 10, 29, 22, 0, tzinfo=UTC)),
        # A minute later it is 23 October there.
        (datetime(2026, 10, 22, 21, 0, tzinfo=UTC), datetime(2026, 10, 30, 22, 0, tzinfo=UTC)),
        # Bought in winter; day 7 ends in summer.
        (datetime(2026, 3, 27, 12, 0, tzinfo=UTC), datetime(2026, 4, 3, 21, 0, tzinfo=UTC)),
        # Day 7 is the day of the change itself.
        (datetime(2026, 3, 22, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 21, 0, tzinfo=UTC)),
        (datetime(2026, 10, 18, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
    ],
)
def test_it_is_in_time_to_the_last_second_of_day_seven_and_late_from_day_eight(
    confirmed_at: datetime, midnight: datetime
) -> None:
    order = bought(confirmed_at)

    in_time = terms_for(order, midnight - SECOND, NO_HOLIDAYS)
    late = terms_for(order, midnight, NO_HOLIDAYS)

    assert (in_time.is_late, late.is_late) == (False, True)


@pytest.mark.rule("OTC-49")
def test_the_clock_starts_at_the_confirmation_and_without_one_at_the_placing() -> None:
    placed_at = datetime(2026, 11, 2, 21, 55, tzinfo=UTC)
    confirmed = bought(placed_at + timedelta(minutes=10), placed_at)
    expired = an_order(OrderState.EXPIRED)
    expired.created_at = placed_at
    expired.timeline = [TimelineEntry(placed_at, "ORDER_PLACED")]

    received_at = datetime(2026, 11, 9, 22, 30, tzinfo=UTC)

    assert purchased_at(confirmed) == placed_at + timedelta(minutes=10)
    assert purchased_at(expired) == placed_at
    assert not terms_for(confirmed, received_at, NO_HOLIDAYS).is_late
    assert terms_for(expired, received_at, NO_HOLIDAYS).is_late


@pytest.mark.rule("OTC-51")
def test_it_is_overdue_from_the_midnight_after_the_twentieth_business_day() -> None:
    order = bought(datetime(2026, 10, 5, 10, 0, tzinfo=UTC))
    # 23:30 of 11 October in Bucharest; the clocks change on the 25th.
    complaint = a_complaint(datetime(2026, 10, 11, 20, 30, tzinfo=UTC), order)
    midnight = datetime(2026, 11, 6, 22, 0, tzinfo=UTC)

    assert complaint.terms is not None
    assert complaint.terms.due_date == date(2026, 11, 6)
    assert not replace(complaint, read_at=midnight - SECOND).is_overdue
    assert replace(complaint, read_at=midnight).is_overdue


@pytest.mark.rule("OTC-51")
def test_it_is_answered_once_and_never_overdue_afterwards() -> None:
    now = datetime(2026, 10, 11, 20, 30, tzinfo=UTC)
    complaint = a_complaint(now, bought(now))

    complaint.decide(ComplaintDecision.ACCEPTED, "We are sorry.")
    with pytest.raises(ComplaintAlreadyAnsweredError):
        complaint.decide(ComplaintDecision.REJECTED, "We are not.")

    assert complaint.state is ComplaintState.ANSWERED
    assert complaint.answer is not None
    assert complaint.answer.decision is ComplaintDecision.ACCEPTED
    assert not replace(complaint, read_at=now + timedelta(days=365)).is_overdue


@pytest.mark.rule("OTC-45")
def test_a_comment_is_neither_late_nor_ever_overdue() -> None:
    comment = a_complaint(datetime(2026, 10, 11, tzinfo=UTC))

    assert not comment.is_late
    assert not replace(comment, read_at=datetime(2036, 1, 1, tzinfo=UTC)).is_overdue
    assert comment.cinema_id == ""


def test_the_holidays_of_two_years_are_asked_for_by_the_date_there() -> None:
    new_years_eve = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)

    assert calendar_years(new_years_eve, "Europe/Bucharest") == (2027, 2028)
