"""Whether an authorised payment may be captured, as far as the order itself can tell."""

from datetime import timedelta
from typing import assert_never

from services.booking.domain.decision import Refusal, Way
from services.booking.domain.order import Order, OrderState
from services.common.money import Money


def judge(order: Order, *, attempt: int, amount: Money, on_sale: bool) -> Way | Refusal:  # noqa: PLR0911
    """Judge an authorisation by the order's `read_at`, read under the board's lock.

    What the board says about the seats, and what the facts say about the screening, comes after.
    """
    leg = order.payment_leg
    if leg is None or leg.attempt != attempt:
        return Refusal.UNKNOWN_REFERENCE
    if amount != order.money_due:
        return Refusal.WRONG_AMOUNT
    match order.state:
        case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
            if not order.places_open:
                return Refusal.UNKNOWN_REFERENCE  # Nobody can pay before its places are reserved.
            return _in_time_or_late(order, on_sale=on_sale)
        case OrderState.EXPIRED:
            return _rescue(order, on_sale=on_sale)
        case OrderState.COMPLETING | OrderState.CONFIRMED | OrderState.CANCELLED:
            return Refusal.ALREADY_PAID
        case OrderState.ABANDONED:
            return Refusal.ABANDONED
        case OrderState.REFUSED:
            return Refusal.HOLD_EXPIRED
        case _ as never:
            assert_never(never)


def _in_time_or_late(order: Order, *, on_sale: bool) -> Way | Refusal:
    if not on_sale:
        return Refusal.SCREENING_CHANGED
    if not order.deadline_over:
        return Way.SELL
    return _rescue(order, on_sale=on_sale)


def _rescue(order: Order, *, on_sale: bool) -> Way | Refusal:
    if not on_sale:
        return Refusal.SCREENING_CHANGED
    window = timedelta(seconds=order.policy.rescue_seconds)
    if not order.rescuable or order.read_at >= order.expires_at + window:
        return Refusal.HOLD_EXPIRED
    return Way.RETAKE
