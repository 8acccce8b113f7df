"""Sending a confirmation again: the same numbers and codes, as often as makes sense."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.common.errors import DomainError, ErrorKind

SENT_AGAIN = "CONFIRMATION_SENT_AGAIN"


class OrderNotConfirmedError(DomainError):
    """The order has no tickets that a confirmation could bring."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ORDER_NOT_CONFIRMED"

    def __init__(self, order_id: UUID, state: str) -> None:
        super().__init__(
            f"The order is {state}: it has no tickets to be sent.", order_id=order_id, state=state
        )


class ContactErasedError(DomainError):
    """The buyer's address was erased: nobody is left to write to."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CONTACT_ERASED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("The buyer's contact data were erased.", order_id=order_id)


class ConfirmationSentTooOftenError(DomainError):
    """The confirmation was sent again too often lately."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "CONFIRMATION_SENT_TOO_OFTEN"

    def __init__(self, limit: "ResendLimit", *, retry_after_ms: int) -> None:
        super().__init__(
            f"A confirmation is sent again {limit.max_times} times in a while; try again later.",
            retry_after_ms=retry_after_ms,
            max_times=limit.max_times,
            period_seconds=int(limit.period.total_seconds()),
        )


@dataclass(frozen=True, slots=True)
class ResendLimit:
    """How often within which time. What the order's timeline says counts, whoever asked."""

    max_times: int
    period: timedelta


USUAL_LIMIT = ResendLimit(10, timedelta(days=1))


def send_again(order: Order, limit: ResendLimit) -> None:
    """Note that the confirmation goes out again; the order is read with its timeline.

    ORDER_NOT_CONFIRMED, CONTACT_ERASED, CONFIRMATION_SENT_TOO_OFTEN.
    """
    if order.state is not OrderState.CONFIRMED:
        raise OrderNotConfirmedError(order.id, order.state)
    if not order.contact.email:
        raise ContactErasedError(order.id)
    begin = order.read_at - limit.period
    times = [entry.time for entry in order.timeline if entry.what == SENT_AGAIN]
    recent = sorted(time for time in times if time > begin)
    if len(recent) >= limit.max_times:
        wait = recent[-limit.max_times] - begin
        raise ConfirmationSentTooOftenError(
            limit, retry_after_ms=max(1, int(wait.total_seconds() * 1_000))
        )
    order.note(SENT_AGAIN)
