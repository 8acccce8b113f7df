"""What the orders' use cases need of the service that takes money."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.booking.domain.order import Order
from services.common.money import Money


class PaymentState(StrEnum):
    """Where payment says that the attempt in question stands."""

    OPENING = "OPENING"
    OPEN = "OPEN"
    AUTHORIZED = "AUTHORIZED"
    CAPTURING = "CAPTURING"
    CAPTURED = "CAPTURED"
    OVER = "OVER"  # Declined, cancelled or put aside: it takes no money.


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What payment says of one attempt. `captured` is what was taken so far, of the whole."""

    state: PaymentState
    redirect_url: str
    captured: Money


class RefundState(StrEnum):
    """Where payment says that a refund stands."""

    SENT = "SENT"  # Payment has it and goes on until the provider has carried it out.
    FAILED = "FAILED"  # The provider turned it down; payment sends it anew.
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """What payment says of one refund; `failure_code` is the provider's word."""

    state: RefundState
    failure_code: str = ""


class Cancelling(StrEnum):
    """What became of giving a payment up."""

    DONE = "DONE"
    MONEY_IS_TAKEN = "MONEY_IS_TAKEN"  # Or on its way.
    AWAITS_DECISION = "AWAITS_DECISION"  # Somebody has paid: we are asked whether it is granted.


class Payments(Protocol):
    """The service that takes money. DEPENDENCY_UNAVAILABLE: the outcome is unknown, ask again."""

    async def create(self, order: Order, time_left: timedelta) -> PaymentAnswer:
        """Open the order's present attempt; the same one however often.

        PROVIDER_UNAVAILABLE leaves nothing that could be paid; CURRENCY_NOT_SUPPORTED;
        PAYMENT_STILL_OPEN while an earlier attempt could win.
        """
        ...

    async def get(self, order: Order) -> PaymentAnswer:
        """Ask how the order's present attempt stands."""
        ...

    async def capture(self, order: Order) -> PaymentAnswer:
        """Take the money of the granted attempt.

        `AUTHORIZED` is given back when payment has not stored our grant yet: ask again.
        """
        ...

    async def cancel(self, order: Order, *, unless_authorized: bool) -> Cancelling:
        """Give the payment up for ever.

        With `unless_authorized` the provider is asked first, and what somebody has authorised is
        left alone. PROVIDER_UNAVAILABLE: nobody knows, and nothing is given up.
        """
        ...

    async def spend(self, order_id: UUID, remedy_id: UUID, amount: Money) -> None:
        """Set money of the payment aside for a voucher, once for each remedy."""
        ...

    async def lapse(self, order_id: UUID, offer_id: UUID, amount: Money) -> None:
        """Book money of the payment as a remedy that nobody asked for, once for each offer."""
        ...

    async def refund(self, order: Order, leg: str) -> RefundAnswer:
        """Give a refund leg's money back to where it came from, once for each leg."""
        ...

    async def get_refund(self, order: Order, leg: str) -> RefundAnswer:
        """Ask how a refund that was begun stands."""
        ...
