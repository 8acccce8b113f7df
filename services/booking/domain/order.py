"""An order: a customer's purchase of seats of one screening, and its life."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order_errors import OrderNotAbandonableError
from services.booking.domain.order_events import (
    OrderAbandoned,
    OrderConfirmed,
    OrderExpired,
    OrderRefused,
)
from services.booking.domain.order_leg import LegKind, LegState
from services.booking.domain.order_record import (
    NOT_DECIDED,
    AcceptedTerms,
    Contact,
    OrderMoveError,
    OrderState,
    TimelineEntry,
)
from services.booking.domain.order_returns import OrderReturns
from services.booking.domain.ticket import Ticket

__all__ = ["AcceptedTerms", "Contact", "Order", "OrderMoveError", "OrderState", "TimelineEntry"]


@dataclass(slots=True)
class Order(OrderReturns):
    """The owner of one purchase: decides its state; the diagram is in the service's README."""

    def places_reserved(self, name: str) -> None:
        """Note that a card's places, or a voucher's value, are set aside."""
        leg = self.leg(name)
        leg.open()
        self.note(f"{leg.kind}_RESERVED", name)

    def refuse(self, reason: str) -> None:
        """Give up placing it: everything is undone and the hold goes on."""
        match self.state:
            case OrderState.PLACED:
                self.state = OrderState.REFUSED
                self._undo_legs()
                self.events.append(OrderRefused())
                self.note("ORDER_REFUSED", reason)
            case OrderState.REFUSED:
                return
            case (
                OrderState.AWAITING_PAYMENT
                | OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.CANCELLED
            ):
                raise self._forbidden(OrderState.REFUSED)
            case _ as never:
                assert_never(never)

    def grant(self, attempt: int, *, rescued: bool = False) -> None:
        """Let the authorised payment be captured; the seats are the buyer's already."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                pass
            case OrderState.EXPIRED:
                if not rescued:
                    raise self._forbidden(OrderState.COMPLETING)
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                raise self._forbidden(OrderState.COMPLETING)
            case _ as never:
                assert_never(never)
        self._decide(Decision(attempt))
        self._complete("PAYMENT_RESCUED" if rescued else "PAYMENT_GRANTED", str(attempt))

    def complete_without_money(self) -> None:
        """Nothing is left to pay in money; the seats are the buyer's already."""
        match self.state:
            case OrderState.PLACED:
                if self.payment_leg is not None:
                    raise self._forbidden(OrderState.COMPLETING)
                self._complete("SEATS_SOLD", "")
            case OrderState.COMPLETING:
                return
            case (
                OrderState.AWAITING_PAYMENT
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                raise self._forbidden(OrderState.COMPLETING)
            case _ as never:
                assert_never(never)

    def places_captured(self, name: str) -> None:
        """Note that a card's places, or a voucher's value, are used for good."""
        leg = self.leg(name)
        leg.finish()
        self.note(f"{leg.kind}_CAPTURED", name)

    def confirm(self, tickets: Sequence[Ticket]) -> None:
        """All of it is paid: the tickets are valid."""
        match self.state:
            case OrderState.COMPLETING:
                if any(leg.state is not LegState.DONE for leg in self.legs):
                    raise self._forbidden(OrderState.CONFIRMED)
                self._must_be_granted()
                self.state = OrderState.CONFIRMED
                self.redirect_url = ""
                confirmed = OrderConfirmed(self.account_id, self.money_due, len(tickets))
                self.events.append(confirmed)
                self.note("ORDER_CONFIRMED")
            case OrderState.CONFIRMED | OrderState.CANCELLED:
                return
            case (
                OrderState.PLACED
                | OrderState.AWAITING_PAYMENT
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                raise self._forbidden(OrderState.CONFIRMED)
            case _ as never:
                assert_never(never)

    def expire(self) -> bool:
        """End an order whose deadline is over without a grant. Tells whether it ended now."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                if not self.deadline_over:
                    return False
                keep_open = self.policy.rescue_seconds > 0 and self.rescuable
                self._end(
                    OrderState.EXPIRED, None if keep_open else Refusal.HOLD_EXPIRED, "ORDER_EXPIRED"
                )
                self.events.append(OrderExpired())
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

    def abandon(self) -> bool:
        """Give it up for the buyer. Tells whether it ended now."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                self._end(OrderState.ABANDONED, Refusal.ABANDONED, "ORDER_ABANDONED")
                self.events.append(OrderAbandoned())
                return True
            case OrderState.ABANDONED | OrderState.EXPIRED:
                return False
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.REFUSED
                | OrderState.CANCELLED
            ):
                raise OrderNotAbandonableError(self.id, self.state)
            case _ as never:
                assert_never(never)

    def _end(self, state: OrderState, refusal: Refusal | None, what: str) -> None:
        leg = self.payment_leg
        if leg is not None and refusal is not None and leg.attempt not in self.decisions:
            self._decide(Decision(leg.attempt, refusal))
        self.state = state
        self.redirect_url = ""
        self._undo_legs()
        self.note(what)

    def _complete(self, what: str, detail: str) -> None:
        for leg in self.legs:
            leg.commit()
            if leg.kind is LegKind.TILL:
                leg.finish()  # The till has the money: its receipt is recorded.
        self.state = OrderState.COMPLETING
        self.note(what, detail)

    def _must_be_granted(self) -> None:
        leg = self.payment_leg
        if leg is not None and not self.decisions.get(leg.attempt, NOT_DECIDED).granted:
            raise self._forbidden(OrderState.CONFIRMED)
