"""Orders at the provider that belong to no attempt any more."""

from dataclasses import dataclass
from datetime import datetime

from services.payment.domain.attempt import PaymentAttempt


@dataclass(frozen=True, slots=True)
class StrayOrder:
    """An order that nobody may pay any more; it is cancelled until that is certain."""

    ext_order_id: str
    pos_id: str
    provider_order_id: str | None
    expire_time: datetime


def stray_of(attempt: PaymentAttempt) -> StrayOrder:
    """Leave the attempt's present order behind."""
    return StrayOrder(
        ext_order_id=attempt.ext_order_id,
        pos_id=attempt.pos_id,
        provider_order_id=attempt.provider_order_id,
        expire_time=attempt.expire_time,
    )
