"""Which remedy is due, and until when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.booking.domain.channels import Channel
from services.booking.domain.offered_remedy import OfferCause
from services.booking.domain.order import Order, OrderMoveError, OrderState
from services.booking.domain.order_errors import NoRemedyDueError, RemedyWindowClosedError
from services.booking.domain.order_leg import LegState
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState, window_end
from services.booking.domain.remedy_errors import (
    RemedyAlreadyGivenError,
    RemedyAtBoxOfficeError,
    RemedyKindNotOfferedError,
)
from services.booking.domain.remedy_offer import RemedyOffer
from services.booking.domain.remedy_rules import (
    RemedyReason,
    RemedyWish,
    must_ask_online,
    remedy_due,
)
from services.booking.domain.screening import RemedyMode
from tests.kit.booking_order_builders import a_policy, an_order, ron
from tests.kit.booking_orders import ACCOUNT_ID

# The screening is on 22 November in Bucharest (UTC+2): the last moment is on the 24th.
LAST_MOMENT = datetime(2026, 11, 24, 21, 59, 59, 999_999, tzinfo=UTC)
TOO_LATE = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
ANYTHING = RemedyWish()


def an_offer(**changes: Any) -> RemedyOffer:
    """What is due for a screening that was called off in time for money."""
    offer = RemedyOffer(
        cause=OfferCause.CANCELLED, version=2, changed_at=LAST_MOMENT - timedelta(days=3),
        told_in_time=True, starts_at=None, closes_at=TOO_LATE,
    )  # fmt: skip
    return replace(offer, **changes)


def bought(
    read_at: datetime = LAST_MOMENT,
    *,
    money: LegState | None = LegState.DONE,
    places: LegState | None = None,
    **policy: Any,
) -> Order:
    return an_order(
        OrderState.CONFIRMED,
        granted=True,
        read_at=read_at,
        money=money,
        places=places,
        policy=replace(a_policy(), **policy),
    )


def due(order: Order, offer: RemedyOffer | None = None, wish: RemedyWish = ANYTHING) -> Remedy:
    return remedy_due(order, offer or an_offer(), wish, uuid4())


@pytest.mark.rule("OTC-34b")
def test_the_second_day_counts_to_its_last_moment_in_the_cinemas_zone() -> None:
    remedy = due(bought(LAST_MOMENT))

    assert remedy.kind is RemedyKind.REFUND
    with pytest.raises(RemedyWindowClosedError):
        due(bought(TOO_LATE))


@pytest.mark.rule("OTC-34b")
def test_days_are_calendar_days_when_the_clocks_change() -> None:
    autumn = window_end("2026-10-23", 2, "Europe/Bucharest")  # The clocks go back on the 25th.

    assert autumn == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


@pytest.mark.rule("OTC-33a")
@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-34a")
@pytest.mark.rule("OTC-11")
@pytest.mark.parametrize("in_time", [True, False])
def test_it_is_worth_the_tickets_without_the_fees(*, in_time: bool) -> None:
    remedy = due(bought(), an_offer(told_in_time=in_time))

    kind = RemedyKind.REFUND if in_time else RemedyKind.VOUCHER
    assert (remedy.kind, remedy.amount) == (kind, ron(6_000))


@pytest.mark.rule("OTC-33b")
def test_of_a_mixed_order_the_money_part_alone_is_given() -> None:
    remedy = due(bought(places=LegState.DONE, money=LegState.DONE))

    assert remedy.amount == ron(3_000)


@pytest.mark.rule("OTC-6")
def test_places_never_become_money() -> None:
    order = bought(places=LegState.DONE, money=None)

    remedy = due(order)

    assert (remedy.kind, remedy.amount) == (RemedyKind.PLACES_ONLY, ron(0))
    with pytest.raises(RemedyKindNotOfferedError):
        due(order, wish=RemedyWish(kind=RemedyKind.REFUND))


def test_nothing_is_due_when_the_cinema_has_done_nothing() -> None:
    with pytest.raises(NoRemedyDueError):
        remedy_due(bought(), None, ANYTHING, uuid4())


@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-42")
@pytest.mark.rule("OTC-14.5c")
@pytest.mark.rule("OTC-27")
@pytest.mark.parametrize(
    "reason", [reason for reason in RemedyReason if reason is not RemedyReason.SCREENING]
)
def test_no_other_reason_than_the_screening_gives_anything(reason: RemedyReason) -> None:
    with pytest.raises(NoRemedyDueError):
        due(bought(), wish=RemedyWish(reason))


@pytest.mark.parametrize("state", [s for s in OrderState if s is not OrderState.CONFIRMED])
def test_without_tickets_nothing_is_due(state: OrderState) -> None:
    order = replace(bought(), state=state)

    with pytest.raises(NoRemedyDueError):
        due(order)


@pytest.mark.rule("OTC-34b")
@pytest.mark.parametrize("state", list(RemedyState))
def test_once_asked_for_nothing_is_given_again(state: RemedyState) -> None:
    order = bought()
    order.remedy = replace(due(order), state=state)

    with pytest.raises(RemedyAlreadyGivenError):
        due(order)


@pytest.mark.rule("OTC-33c")
def test_only_where_the_policy_says_so_the_buyer_chooses() -> None:
    wish = RemedyWish(kind=RemedyKind.VOUCHER)
    choosing = bought(remedy_mode=RemedyMode.CUSTOMER_CHOICE)

    assert due(choosing, wish=wish).kind is RemedyKind.VOUCHER
    assert due(choosing).kind is RemedyKind.REFUND
    with pytest.raises(RemedyKindNotOfferedError) as refused:
        due(bought(), wish=wish)
    assert refused.value.metadata["due_kind"] == "REFUND"


@pytest.mark.rule("OTC-35")
def test_what_is_not_the_cinemas_doing_waits_for_approval_unless_the_policy_needs_none() -> None:
    storm = an_offer(attributable=False)

    waits = due(bought(), storm)
    needs_none = due(bought(unattributable_remedy_needs_approval=False), storm)

    assert waits.state is RemedyState.AWAITING_APPROVAL
    assert needs_none.state is RemedyState.REQUESTED


@pytest.mark.rule("OTC-34b")
def test_guests_ask_online_where_the_policy_lets_all_and_accounts_and_the_app_always() -> None:
    strict = bought(remedy_online_for_all=False)

    with pytest.raises(RemedyAtBoxOfficeError):
        must_ask_online(strict)
    must_ask_online(bought())
    must_ask_online(replace(strict, account_id=ACCOUNT_ID))
    must_ask_online(replace(strict, channel=Channel.APP))


@pytest.mark.rule("OTC-35")
def test_a_proposed_remedy_is_decided_once() -> None:
    order, declined = bought(), bought()
    order.propose_remedy(due(order, an_offer(attributable=False)))
    declined.propose_remedy(due(declined, an_offer(attributable=False)))

    remedy = order.approve_remedy()
    declined.decline_remedy()

    assert (remedy.state, order.remedy) == (RemedyState.REQUESTED, None)
    assert declined.remedy is not None
    assert declined.remedy.state is RemedyState.DECLINED
    for decide in (declined.approve_remedy, declined.decline_remedy):
        with pytest.raises(OrderMoveError):
            decide()


def test_the_voucher_is_good_for_its_days_from_the_local_date() -> None:
    assert due(bought(LAST_MOMENT)).last_screening_date == date(2027, 11, 24)
