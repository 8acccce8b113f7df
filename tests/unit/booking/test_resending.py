"""How often a confirmation is sent again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.booking.domain.order import Order, OrderState, TimelineEntry
from services.booking.domain.order_leg import LegState
from services.booking.domain.resending import (
    SENT_AGAIN,
    ConfirmationSentTooOftenError,
    ContactErasedError,
    OrderNotConfirmedError,
    ResendLimit,
    send_again,
)
from tests.kit.booking_order_builders import NOW, an_order

LIMIT = ResendLimit(2, timedelta(hours=1))


def confirmed(*sent_before_s: float) -> Order:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.timeline = [
        TimelineEntry(NOW - timedelta(seconds=seconds), SENT_AGAIN) for seconds in sent_before_s
    ]
    return order


def test_each_time_is_in_the_timeline() -> None:
    order = confirmed(10)

    send_again(order, LIMIT)

    assert [entry.what for entry in order.entries] == [SENT_AGAIN]


def test_too_often_is_refused_with_the_moment_from_which_on_it_goes() -> None:
    with pytest.raises(ConfirmationSentTooOftenError) as refused:
        send_again(confirmed(3_000, 10), LIMIT)

    assert refused.value.retry_after_ms == 600_000
    assert refused.value.metadata == {"max_times": "2", "period_seconds": "3600"}


@pytest.mark.parametrize(("age_s", "goes"), [(3_599.999, False), (3_600, True)])
def test_a_sending_counts_for_exactly_the_period(age_s: float, goes: bool) -> None:  # noqa: FBT001
    order = confirmed(age_s, 10)

    if goes:
        send_again(order, LIMIT)
    else:
        with pytest.raises(ConfirmationSentTooOftenError):
            send_again(order, LIMIT)


@pytest.mark.parametrize("state", [state for state in OrderState if state != "CONFIRMED"])
def test_only_a_confirmed_order_has_something_to_be_sent(state: OrderState) -> None:
    order = confirmed()
    order.state = state

    with pytest.raises(OrderNotConfirmedError):
        send_again(order, LIMIT)


def test_nobody_is_written_to_whose_address_was_erased() -> None:
    order = confirmed()
    order.contact = replace(order.contact, email="")

    with pytest.raises(ContactErasedError):
        send_again(order, LIMIT)
