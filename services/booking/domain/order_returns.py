"""Giving back what an order paid: once, as a cancellation, as a remedy, or as both in one."""

from dataclasses import dataclass
from typing import assert_never
from uuid import UUID, uuid5

from services.booking.domain.cancellation import Cancellation
from services.booking.domain.fee_override import FeeAlreadyRefundedError, NoFeeToRefundError
from services.booking.domain.order_errors import GIVEN_BACK, OrderNotCancellableError
from services.booking.domain.order_events import (
    OrderCancelled,
    RefundVoucherRequested,
    RemedyGiven,
)
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import fee_money_of
from services.booking.domain.order_mail import MailKind
from services.booking.domain.order_payments import OrderPayments
from services.booking.domain.order_record import OrderMoveError, OrderState
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.common.money import Money

REFUND_LEG = "refund"
FEE_REFUND_LEG = "fee-refund"


@dataclass(slots=True)
class OrderReturns(OrderPayments):
    """The moves of an order that gives back. Fees go back only when two of the staff say so."""

    def cancel(self, cancellation: Cancellation, remedy: Remedy | None = None) -> bool:
        """End a confirmed order: nobody gets in with it and everything goes back where it came from.

        With a remedy, that one says whether the money part goes back or becomes a voucher. Tells
        whether it ended now; ORDER_NOT_CANCELLABLE.
        """
        match self.state:
            case OrderState.CONFIRMED:
                if self.remedy is not None:
                    raise OrderNotCancellableError(self.id, GIVEN_BACK)
                self.state = OrderState.CANCELLED
                self.cancellation = cancellation
                self.events.append(OrderCancelled())
                self.mails.append(MailKind.ORDER_CANCELLED)
                self.note("ORDER_CANCELLED", cancellation.cause)
                self._begin_return(remedy)
                return True
            case OrderState.CANCELLED:
                return False
            case (
                OrderState.PLACED
                | OrderState.AWAITING_PAYMENT
                | OrderState.COMPLETING
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                raise OrderNotCancellableError(self.id, self.state)
            case _ as never:
                assert_never(never)

    def give_back(self, remedy: Remedy) -> None:
        """Begin to give places and money back: the screening was called off and the buyer asks.

        The order stays confirmed: who was inside was inside.
        """
        if self.state is not OrderState.CONFIRMED or self.remedy is not None:
            raise OrderMoveError(f"order {self.id} is {self.state} and gives nothing back")
        self._begin_return(remedy)

    def propose_remedy(self, remedy: Remedy) -> None:
        """Keep a remedy until staff have approved it; until then nothing of it happens."""
        if self.state is not OrderState.CONFIRMED or self.remedy is not None:
            raise OrderMoveError(f"order {self.id} is {self.state} and gives nothing back")
        self.remedy = remedy
        self.note("REMEDY_PROPOSED", remedy.kind)

    def approve_remedy(self) -> Remedy:
        """Take the proposed remedy off, to be given as any other one."""
        remedy = self._proposed()
        self.remedy = None
        remedy.state = RemedyState.REQUESTED
        self.note("REMEDY_APPROVED", remedy.kind)
        return remedy

    def decline_remedy(self) -> None:
        """Give nothing: staff have decided so."""
        self._proposed().state = RemedyState.DECLINED
        self.note("REMEDY_DECLINED")

    def must_have_fee(self) -> Money:
        """Tell what of the fee was paid in money; NO_FEE_TO_REFUND, FEE_ALREADY_REFUNDED."""
        if any(leg.name == FEE_REFUND_LEG for leg in self.refund_legs):
            raise FeeAlreadyRefundedError(self.id)
        fee = fee_money_of(self.lines, self.currency)
        if self.state not in {OrderState.CONFIRMED, OrderState.CANCELLED} or not fee:
            raise NoFeeToRefundError(self.id, self.state)
        return fee

    def refund_fee(self) -> None:
        """Begin to give the service fee back, as a refund of its own: two of the staff agree."""
        self._add_refund(FEE_REFUND_LEG, self.must_have_fee())
        self.note("FEE_REFUND_AGREED")

    def refund_sent(self, name: str) -> None:
        """Note that payment has taken the refund over, or that the provider has it again."""
        leg = self.leg(name)
        if leg.state not in {LegState.COMMITTED, LegState.DONE}:
            leg.commit()
            self.note("REFUND_SENT", name)

    def refund_completed(self, name: str) -> bool:
        """Note that the money is back where it came from. Tells whether that is news."""
        leg = self.leg(name)
        if leg.state is LegState.DONE:
            return False
        leg.commit()
        leg.finish()
        self.mails.append(MailKind.REFUND_DONE)
        self.note("REFUND_COMPLETED", name)
        return True

    def refund_failed(self, name: str, error: str) -> bool:
        """Note that the provider turned it down; payment tries again. Tells whether that is news."""
        leg = self.leg(name)
        if leg.state in {LegState.FAILED, LegState.DONE}:
            return False
        leg.fail(error)
        self.note("REFUND_FAILED", f"{name} {error}")
        return True

    def refund_keeps_failing(self) -> None:
        """Tell the buyer that their bank does not take the money, and that it goes on."""
        self.mails.append(MailKind.REFUND_FAILED)
        self.note("REFUND_KEEPS_FAILING")

    def leg_undone(self, name: str) -> None:
        """Nothing of a leg is left: released, cancelled, or given back."""
        self.leg(name).undone()
        self.note("LEG_UNDONE", name)

    def budget_taken(self) -> None:
        """Payment has set the remedy's money aside: the voucher is asked for."""
        remedy = self._remedy()
        if remedy.budget_taken:
            return
        remedy.budget_taken = True
        self.events.append(
            RefundVoucherRequested(
                remedy.id, remedy.amount, self.account_id, remedy.last_screening_date.isoformat()
            )
        )
        self.note("VOUCHER_REQUESTED")

    def voucher_issued(self, voucher_id: UUID) -> None:
        """Note the voucher that the wallet has issued for the remedy."""
        self._remedy().voucher_id = voucher_id

    def remedy_given(self) -> None:
        """Everything is given back."""
        remedy = self._remedy()
        restored = all(leg.state is LegState.UNDONE for leg in self.wallet_legs)
        refunded = all(leg.state is LegState.DONE for leg in self.refund_legs)
        if remedy.waits_for_voucher or not (restored and refunded):
            raise OrderMoveError(f"the remedy of order {self.id} is not complete")
        remedy.state = RemedyState.GIVEN
        self.events.append(RemedyGiven(remedy.id, remedy.voucher_id))
        self.note("REMEDY_GIVEN", remedy.kind)
        if remedy.kind is RemedyKind.VOUCHER:
            self.mails.append(MailKind.REMEDY_VOUCHER)
        elif remedy.kind is RemedyKind.PLACES_ONLY:
            self.mails.append(MailKind.REMEDY_PLACES)

    def find_refund(self, refund_id: UUID) -> OrderLeg | None:
        """Find the refund that payment tells of by the name that we gave it."""
        return next(
            (leg for leg in self.refund_legs if refund_id_of(self.id, leg.name) == refund_id), None
        )

    def _begin_return(self, remedy: Remedy | None) -> None:
        for leg in self.wallet_legs:
            leg.undo()
        money = self.refundable_money
        if money and (remedy is None or remedy.kind is RemedyKind.REFUND):
            self._add_refund(REFUND_LEG, money)
        if remedy is not None:
            self.remedy = remedy
            self.note("REMEDY_REQUESTED", remedy.kind)

    def paid_out_at_till(self) -> bool:
        """Note that a till has given back what a till took. Tells whether that is news."""
        waiting = [leg for leg in self.refund_legs if leg.state is LegState.PENDING]
        if self.till_leg is None or not waiting:
            return False
        for leg in waiting:
            leg.commit()
            leg.finish()
            self.note("REFUNDED_AT_TILL", leg.name)
        return True

    def _add_refund(self, name: str, amount: Money) -> None:
        refund = OrderLeg(name, LegKind.REFUND, LegState.PENDING, 1, amount=amount)
        self.legs.append(refund)

    def _proposed(self) -> Remedy:
        remedy = self._remedy()
        if remedy.state is not RemedyState.AWAITING_APPROVAL:
            raise OrderMoveError(f"the remedy of order {self.id} is {remedy.state}")
        return remedy

    def _remedy(self) -> Remedy:
        if self.remedy is None:
            raise OrderMoveError(f"order {self.id} has no remedy")
        return self.remedy


def refund_id_of(order_id: UUID, leg: str) -> UUID:
    """Name an order's refund at payment: derived, so that no repeat can become a second one."""
    return uuid5(order_id, leg)
