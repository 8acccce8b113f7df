"""Which remedy is due for an order, and until when it can be asked for."""

from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import NoRemedyDueError, RemedyWindowClosedError
from services.booking.domain.remedy import (
    Remedy,
    RemedyKind,
    RemedyState,
    last_voucher_date,
    window_end,
)
from services.booking.domain.screening import ScreeningFacts, ScreeningState


def remedy_due(order: Order, facts: ScreeningFacts, remedy_id: UUID) -> Remedy:
    """Make the remedy of a screening that was stopped while it ran: a voucher, places, or both.

    The money part of prices and supplements, never the fee. NO_REMEDY_DUE; REMEDY_WINDOW_CLOSED
    from the first moment after the last day, in the cinema's time zone, by the order's `read_at`.
    """
    if order.state is not OrderState.CONFIRMED or facts.state is not ScreeningState.TERMINATED:
        raise NoRemedyDueError(order.id)
    money = order.refundable_money
    if not money and not order.wallet_legs:
        raise NoRemedyDueError(order.id)
    screening, policy = order.screening, order.policy
    end = window_end(screening.local_date, policy.remedy_days, screening.time_zone)
    if order.read_at >= end:
        raise RemedyWindowClosedError(order.id)
    return Remedy(
        id=remedy_id,
        kind=RemedyKind.VOUCHER if money else RemedyKind.PLACES_ONLY,
        state=RemedyState.REQUESTED,
        amount=money,
        last_screening_date=last_voucher_date(
            order.read_at, policy.voucher_valid_days, screening.time_zone
        ),
        requested_at=order.read_at,
    )
