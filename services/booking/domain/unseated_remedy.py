"""What goes back for an order that the cinema cancels because another hall has no seats for it."""

from datetime import datetime, timedelta
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState, last_voucher_date


def unseated_remedy(order: Order, changed_at: datetime, remedy_id: UUID) -> Remedy | None:
    """Make a voucher when the change came too late for a refund; None: all of it is refunded.

    The time of the change to the start that was sold decides, as for a screening that is called off.
    """
    notice = timedelta(seconds=order.policy.refund_before_start_seconds)
    money = order.refundable_money
    if not money or order.screening.start_time - changed_at >= notice:
        return None
    return Remedy(
        id=remedy_id,
        kind=RemedyKind.VOUCHER,
        state=RemedyState.REQUESTED,
        amount=money,
        last_screening_date=last_voucher_date(
            order.read_at, order.policy.voucher_valid_days, order.screening.time_zone
        ),
        requested_at=order.read_at,
    )
