"""The payment of an order: attempts one after the other, of which at most one is granted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order_errors import (
    OrderNotPayableError,
    PaymentStillOpenError,
    ProviderUnavailableError,
    TooLittleTimeError,
)
from services.booking.domain.order_events import OrderExpired
from services.booking.domain.order_leg import MAX_PAYMENT_ATTEMPTS, LegState
from services.booking.domain.order_record import (
    NOT_DECIDED,
    OrderMoveError,
    OrderRecord,
    OrderState,
)
from services.common.money import Money

OUTAGE = ProviderUnavailableError.reason


@dataclass(slots=True)
class OrderPayments(OrderRecord):
    """The moves of an order's payment."""

    def payment_opened(self, redirect_url: str) -> None:
        """Await the payment: the provider's page can be visited."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                self._payment().open()
                self.state = OrderState.AWAITING_PAYMENT
                self.redirect_url = redirect_url
                self.note("PAYMENT_OPENED", str(self._payment().attempt))
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                return  # It was decided meanwhile; the address is of no use any more.
            case _ as never:
                assert_never(never)

    def payment_failed(self, attempt: int, reason: str) -> bool:
        """End an attempt without money; another one may be made. Tells whether it counts."""
        leg = self.payment_leg
        if leg is None or leg.attempt != attempt:
            return False
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                if leg.state is LegState.FAILED:
                    return False
                leg.fail(reason)
                self.state = OrderState.AWAITING_PAYMENT
                self.redirect_url = ""
                self.note("PAYMENT_DECLINED", str(attempt))
                return True
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                return False
            case _ as never:
                assert_never(never)

    def payment_lost(self, attempt: int) -> bool:
        """End an order whose granted payment is gone at the provider: nothing was taken of it.

        Only once places and vouchers are captured, which are given back then. Tells whether it
        ended now.
        """
        match self.state:
            case OrderState.COMPLETING:
                if not self.decisions.get(attempt, NOT_DECIDED).granted:
                    raise OrderMoveError(f"attempt {attempt} of order {self.id} is not granted")
                self._payment().lose()
                self._undo_legs()
                self.state = OrderState.EXPIRED
                self.redirect_url = ""
                self.events.append(OrderExpired())
                self.note("PAYMENT_LOST", str(attempt))
                return True
            case (
                OrderState.PLACED
                | OrderState.AWAITING_PAYMENT
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                return False
            case _ as never:
                assert_never(never)

    def payment_set_aside(self, attempt: int, cause: str) -> None:
        """Note that money came which makes no ticket and goes back whole; end its attempt."""
        leg = self.payment_leg
        self.note("PAYMENT_SET_ASIDE", f"{attempt} {cause}")
        is_unpaid = self.state in {OrderState.PLACED, OrderState.AWAITING_PAYMENT}
        if leg is not None and leg.attempt == attempt and is_unpaid:
            leg.fail(cause)
            self.state = OrderState.AWAITING_PAYMENT
            self.redirect_url = ""

    def retry_payment(self) -> None:
        """Begin the next attempt; the former one must be over."""
        if self.state is not OrderState.AWAITING_PAYMENT or self.deadline_over:
            raise OrderNotPayableError(self.id, self.state)
        leg = self._payment()
        if leg.state is not LegState.FAILED:
            raise PaymentStillOpenError(self.id)
        if leg.attempt >= MAX_PAYMENT_ATTEMPTS:
            raise OrderNotPayableError(self.id, self.state)
        self.must_have_time()
        leg.try_again()
        self.note("PAYMENT_RETRIED", str(leg.attempt))

    def extend(self, by: timedelta, *, outage_since: datetime) -> bool:
        """Lengthen the deadline of an order that is being paid while the provider is away.

        Once for ever, and not for one that was placed when that was known. Tells whether it did.
        """
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                is_paying = self.payment_leg is not None and self.created_at <= outage_since
                if self.extended_by or self.deadline_over or not is_paying:
                    return False
                self.extended_by = by
                self.expires_at += by
                self.note("DEADLINE_EXTENDED", f"{by // timedelta(seconds=1)} s {OUTAGE}")
                return True
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                return False
            case _ as never:
                assert_never(never)

    def must_have_time(self) -> None:
        """Raise TOO_LITTLE_TIME when money is due and a payment could not be finished."""
        if self.money_due and self.time_left < timedelta(seconds=self.policy.min_payment_seconds):
            raise TooLittleTimeError(self.policy.min_payment_seconds)

    def refuse_authorization(self, attempt: int, refusal: Refusal) -> None:
        """Say that an authorised payment may not be captured."""
        self._decide(Decision(attempt, refusal))
        self.note("PAYMENT_REFUSED", f"{attempt} {refusal}")

    def payment_captured(self, attempt: int, amount: Money) -> None:
        """Note that the money is taken: only our own grant and the exact amount count."""
        if not self.decisions.get(attempt, NOT_DECIDED).granted or amount != self.money_due:
            raise OrderMoveError(f"attempt {attempt} of order {self.id} is not the one granted")
        leg = self._payment()
        if leg.state is not LegState.DONE:
            leg.finish()
            self.note("PAYMENT_CAPTURED", str(attempt))

    def close_payment(self) -> None:
        """Refuse what may still be authorised: from here on the payment is only cancelled."""
        attempt = self._payment().attempt
        if attempt not in self.decisions:
            self.refuse_authorization(attempt, Refusal.HOLD_EXPIRED)
