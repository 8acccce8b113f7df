"""Orders at the provider that belong to no attempt any more."""

from dataclasses import dataclass
from datetime import datetime

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.report import OrderReport


@dataclass(frozen=True, slots=True)
class StrayOrder:
    """An order that nobody may pay any more; it is cancelled until that is certain."""

    ext_order_id: str
    pos_id: str
    provider_order_id: str | None
    # None: nothing is known of it; it matters only while the provider's name is unknown.
    expire_time: datetime | None


def stray_of(attempt: PaymentAttempt) -> StrayOrder:
    """Leave the attempt's present order behind."""
    return StrayOrder(
        ext_order_id=attempt.ext_order_id,
        pos_id=attempt.pos_id,
        provider_order_id=attempt.provider_order_id,
        expire_time=attempt.expire_time,
    )


def unknown_stray(report: OrderReport) -> StrayOrder:
    """Take an order for one that nobody may pay: it is of our shop and not in our record."""
    return StrayOrder(
        ext_order_id=report.ext_order_id or report.provider_order_id,
        pos_id=report.pos_id,
        provider_order_id=report.provider_order_id,
        expire_time=None,
    )
