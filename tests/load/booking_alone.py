"""A booking process whose port to payment answers by itself: PlaceOrder's own share of the work.

PARTERRE_BOOKING_...=... python -m tests.load.booking_alone
"""

from __future__ import annotations

from datetime import timedelta

from services.booking.adapters.payment_client import PaymentClient
from services.booking.config import BookingSettings
from services.booking.domain.order import Order
from services.booking.rpc_application import build_rpc
from services.booking.use_cases.payment_ports import PaymentAnswer, PaymentState
from services.common.money import Money
from services.common.rpc.process import run_rpc_process

REDIRECT_URL = "http://localhost/pay/?orderId={}&token=load"


async def answer_at_once(_client: PaymentClient, order: Order, _left: timedelta) -> PaymentAnswer:
    """Open a payment that nobody will ever pay."""
    url = REDIRECT_URL.format(order.id)
    return PaymentAnswer(PaymentState.OPEN, url, Money.zero(order.currency))


if __name__ == "__main__":
    PaymentClient.create = answer_at_once  # type: ignore[method-assign,assignment]
    run_rpc_process(BookingSettings.load(), build_rpc)
