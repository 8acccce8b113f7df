from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.common.money import Money
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.report import OrderReport
from services.payment.domain.states import AttemptState, Decision, OrderStatus

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
REFERENCE = UUID("018f0000-0000-7000-8000-0000000000aa")
PRICE = Money("RON", 6400)
OPENING = Opening("Two tickets", "https://x.example", "a@x.example", "A", "B", "ro", "203.0.113.7")


def an_attempt(state: AttemptState = AttemptState.OPENING, **changes: Any) -> PaymentAttempt:
    """An attempt that came to the state; granted when the state needs it."""
    granted = state in {AttemptState.CAPTURE_SENT, AttemptState.CAPTURED}
    fields: dict[str, Any] = {
        "number": 1,
        "reference_id": REFERENCE,
        "pos_id": "300746",
        "auto_receive": False,
        "expire_time": NOW + timedelta(minutes=9),
        "opening": OPENING if state is AttemptState.OPENING else None,
        "state": state,
        "provider_order_id": None if state is AttemptState.OPENING else "ORDER-1",
        "decision": Decision.GRANT if granted else None,
    }
    return PaymentAttempt(**(fields | changes))


def a_payment(*attempts: PaymentAttempt, **changes: Any) -> Payment:
    fields: dict[str, Any] = {
        "id": UUID("018f0000-0000-7000-8000-0000000000bb"),
        "owner": "booking",
        "reference_id": REFERENCE,
        "amount": PRICE,
        "create_time": NOW,
        "attempts": {attempt.number: attempt for attempt in attempts},
    }
    payment = Payment(**(fields | changes))
    payment.restate()
    return payment


def a_report(status: OrderStatus, **changes: Any) -> OrderReport:
    fields: dict[str, Any] = {
        "pos_id": "300746",
        "provider_order_id": "ORDER-1",
        "ext_order_id": f"{REFERENCE}-1",
        "status": status,
        "amount": PRICE,
        "proved": False,
    }
    return OrderReport(**(fields | changes))
