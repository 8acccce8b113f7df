"""What orders tell the other services, as messages."""

from datetime import timedelta
from uuid import UUID

from cinema.booking.v1 import events_pb2 as pb
from google.protobuf.message import Message

from services.booking.domain import order_events as events
from services.booking.domain.order import Order
from services.common.rpc.fields import Fields
from services.common.rpc.money import money_fields
from services.common.rpc.times import time_fields

# What another service acts on; nobody waits for the others.
ACTED_UPON = (events.RefundVoucherRequested,)


def event_message(order: Order, event: events.OrderEvent) -> Message:  # noqa: PLR0911
    """Make the message of an event; its type is the event's name."""
    order_id, screening_id = str(order.id), str(order.screening_id)
    match event:
        case events.OrderPlaced(total=total):
            return pb.OrderPlaced(
                order_id=order_id, screening_id=screening_id, total=money_fields(total)
            )
        case events.OrderConfirmed():
            return pb.OrderConfirmed(
                cancellable_until=_cancellable_until(order),
                order_id=order_id,
                screening_id=screening_id,
                account_id=_text(event.account_id),
                money_paid=money_fields(event.money_paid),
                tickets=event.tickets,
            )
        case events.OrderExpired():
            return pb.OrderExpired(order_id=order_id, screening_id=screening_id)
        case events.OrderAbandoned():
            return pb.OrderAbandoned(order_id=order_id, screening_id=screening_id)
        case events.OrderRefused():
            return pb.OrderRefused(order_id=order_id, screening_id=screening_id)
        case events.OrderCancelled():
            return pb.OrderCancelled(order_id=order_id, screening_id=screening_id)
        case events.RefundVoucherRequested():
            return pb.RefundVoucherRequested(
                order_id=order_id,
                remedy_id=str(event.remedy_id),
                value=money_fields(event.value),
                account_id=_text(event.account_id),
                last_screening_date=event.last_screening_date,
            )
        case events.RemedyGiven():
            return pb.RemedyGiven(
                order_id=order_id,
                remedy_id=str(event.remedy_id),
                voucher_id=_text(event.voucher_id),
            )


def _cancellable_until(order: Order) -> Fields:
    before_start = timedelta(seconds=order.policy.cancel_before_start_seconds)
    return time_fields(order.screening.start_time - before_start)


def _text(value: UUID | None) -> str:
    return "" if value is None else str(value)
