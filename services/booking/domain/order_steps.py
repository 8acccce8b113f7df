"""What is to be done next for an order, and how long to wait when it did not work."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.remedy import RemedyState

# Whoever moves an order carries it on at once; the worker takes over what was left lying.
TAKE_OVER_AFTER_MS = 2_000
FIRST_RETRY_WAIT_MS = 250
MAX_RETRY_WAIT_MS = 60_000
# A customer waits for the payment page, or has paid and waits for the tickets.
MAX_RETRY_WAIT_OF_CUSTOMER_MS = 5_000
# What was captured is told by an event; payment is asked when none has come. While it says that it
# has the money in hand it is asked ever more seldom: busy as it may be, asking makes it no faster.
CAPTURE_PATIENCE_MS = 2_000
_IN_HAND = frozenset({"OPENING", "OPEN", "AUTHORIZED", "CAPTURING"})
# A late payment may still ask for its decision by itself before the provider is asked about it.
RESCUE_PATIENCE_MS = 15_000
# That a refund is final is told by an event; payment is asked when none has come.
REFUND_PATIENCE_MS = 5_000
MAX_REFUND_PATIENCE_MS = 600_000
_MAX_DOUBLINGS = 12
_TICKETED = {OrderState.CONFIRMED, OrderState.CANCELLED}
_ENDS = {
    OrderState.CONFIRMED,
    OrderState.EXPIRED,
    OrderState.ABANDONED,
    OrderState.REFUSED,
    OrderState.CANCELLED,
}


class StepKind(StrEnum):
    """One thing to do: a call to another service, or a move of our own."""

    RESERVE_PLACES = "RESERVE_PLACES"
    OPEN_PAYMENT = "OPEN_PAYMENT"
    SELL_SEATS = "SELL_SEATS"
    CAPTURE_PLACES = "CAPTURE_PLACES"
    CAPTURE_PAYMENT = "CAPTURE_PAYMENT"
    CONFIRM = "CONFIRM"
    RELEASE_PLACES = "RELEASE_PLACES"
    CANCEL_PAYMENT = "CANCEL_PAYMENT"
    RESTORE_PLACES = "RESTORE_PLACES"
    SEND_REFUND = "SEND_REFUND"
    ASK_REFUND = "ASK_REFUND"
    SPEND_BUDGET = "SPEND_BUDGET"
    FINISH_REMEDY = "FINISH_REMEDY"


class Turn(StrEnum):
    """What only the customer can do next, or staff for them."""

    CUSTOMER_PAYS = "CUSTOMER_PAYS"
    CUSTOMER_MAY_RETRY = "CUSTOMER_MAY_RETRY"
    TILL_PAYS_OUT = "TILL_PAYS_OUT"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and for which leg."""

    kind: StepKind
    leg: str = ""


def next_step(order: Order) -> Step | None:
    """Say what comes next; None while it is the customer's turn, or when all is done."""
    match order.state:
        case OrderState.PLACED:
            return _placing(order)
        case OrderState.AWAITING_PAYMENT:
            leg = order.payment_leg
            is_opening = leg is not None and leg.state is LegState.PENDING
            return Step(StepKind.OPEN_PAYMENT, leg.name) if leg and is_opening else None
        case OrderState.COMPLETING:
            return _completing(order)
        case OrderState.CONFIRMED | OrderState.CANCELLED:
            return _giving_back(order)
        case OrderState.EXPIRED | OrderState.ABANDONED | OrderState.REFUSED:
            return _undoing(order)
        case _ as never:
            assert_never(never)


def is_settled(order: Order) -> bool:
    """Tell whether an order has come to its end, with everything that was to be undone."""
    remedy_waits = order.remedy is not None and not order.remedy.is_settled
    return order.state in _ENDS and next_step(order) is None and not remedy_waits


def next_step_of(order: Order, leg: OrderLeg) -> StepKind | Turn | None:  # noqa: PLR0911
    """Say what comes next with one leg, whatever the others need; None when it needs nothing."""
    if leg.kind is LegKind.REFUND:
        return _refund_step(order, leg)
    is_payment = leg.kind is LegKind.PAYMENT
    match leg.state:
        case LegState.PENDING:
            return StepKind.OPEN_PAYMENT if is_payment else StepKind.RESERVE_PLACES
        case LegState.OPEN:
            waits = is_payment and order.state is OrderState.AWAITING_PAYMENT
            return Turn.CUSTOMER_PAYS if waits else None
        case LegState.FAILED:
            return Turn.CUSTOMER_MAY_RETRY
        case LegState.COMMITTED:
            return StepKind.CAPTURE_PAYMENT if is_payment else StepKind.CAPTURE_PLACES
        case LegState.UNDOING:
            return _undoing_step(order, leg)
        case LegState.DONE | LegState.UNDONE:
            return None
        case _ as never:
            assert_never(never)


def due_in_ms(order: Order) -> int | None:
    """Say when the worker is to look at the order again, when nobody carries it on meanwhile."""
    step = next_step(order)
    if step is None:
        return None
    retries = _retries(order, step)
    if step.kind is StepKind.ASK_REFUND:
        return min(REFUND_PATIENCE_MS << min(retries, _MAX_DOUBLINGS), MAX_REFUND_PATIENCE_MS)
    if retries:
        first_wait_ms = CAPTURE_PATIENCE_MS if _is_in_hand(order, step) else FIRST_RETRY_WAIT_MS
        return min(first_wait_ms << min(retries - 1, _MAX_DOUBLINGS), _max_wait_ms(order))
    return RESCUE_PATIENCE_MS if awaits_rescue(order, step) else TAKE_OVER_AFTER_MS


def is_patient(order: Order, step: Step) -> bool:
    """Tell whether the step is a worker's, once its time has come, and nobody's before."""
    return step.kind is StepKind.ASK_REFUND or awaits_rescue(order, step)


def awaits_rescue(order: Order, step: Step) -> bool:
    """Tell whether the step would cancel a payment that may still be decided in time."""
    return step.kind is StepKind.CANCEL_PAYMENT and order.may_be_rescued


def _max_wait_ms(order: Order) -> int:
    waits = {OrderState.PLACED, OrderState.AWAITING_PAYMENT, OrderState.COMPLETING}
    return MAX_RETRY_WAIT_OF_CUSTOMER_MS if order.state in waits else MAX_RETRY_WAIT_MS


def _placing(order: Order) -> Step | None:
    for leg in order.wallet_legs:
        if leg.state is LegState.PENDING:
            return Step(StepKind.RESERVE_PLACES, leg.name)
    payment = order.payment_leg
    if payment is None:
        return Step(StepKind.SELL_SEATS)
    if payment.state is LegState.PENDING:
        return Step(StepKind.OPEN_PAYMENT, payment.name)
    return None


def _completing(order: Order) -> Step:
    """Places first: the money is the point of no return."""
    for leg in order.wallet_legs:
        if leg.state is LegState.COMMITTED:
            return Step(StepKind.CAPTURE_PLACES, leg.name)
    payment = order.payment_leg
    if payment is not None and payment.state is LegState.COMMITTED:
        return Step(StepKind.CAPTURE_PAYMENT, payment.name)
    return Step(StepKind.CONFIRM)


def _undoing(order: Order) -> Step | None:
    undoing = [leg for leg in order.legs if leg.state is LegState.UNDOING]
    # Money first: as long as it could still be authorised, it is what matters.
    undoing.sort(key=lambda leg: leg.kind is not LegKind.PAYMENT)
    return Step(_undoing_step(order, undoing[0]), undoing[0].name) if undoing else None


def _undoing_step(order: Order, leg: OrderLeg) -> StepKind:
    match leg.kind:
        case LegKind.PAYMENT:
            return StepKind.CANCEL_PAYMENT
        case LegKind.REFUND | LegKind.TILL:
            raise ValueError(f"the {leg.name} of order {order.id} cannot be undone")
        case LegKind.PLACES | LegKind.VOUCHER:
            was_used = order.state in _TICKETED or order.was_granted
            return StepKind.RESTORE_PLACES if was_used else StepKind.RELEASE_PLACES
        case _ as never:
            assert_never(never)


def _giving_back(order: Order) -> Step | None:
    """Begin with what was tried least: what one leg waits for keeps no other one waiting."""
    begun = [leg for leg in order.legs if leg.state is LegState.UNDOING or _is_unsent(order, leg)]
    if begun:
        leg = min(begun, key=lambda each: each.retries)
        return Step(_return_step(order, leg), leg.name)
    remedy = order.remedy
    if remedy is not None and remedy.state is RemedyState.REQUESTED and remedy.waits_for_budget:
        return Step(StepKind.SPEND_BUDGET)
    for leg in order.refund_legs:
        if leg.state is not LegState.DONE and order.till_leg is None:
            return Step(StepKind.ASK_REFUND, leg.name)
    if remedy is None or remedy.state is not RemedyState.REQUESTED or remedy.waits_for_voucher:
        return None
    return Step(StepKind.FINISH_REMEDY)


def _return_step(order: Order, leg: OrderLeg) -> StepKind:
    return StepKind.SEND_REFUND if _is_unsent(order, leg) else _undoing_step(order, leg)


def _is_unsent(order: Order, leg: OrderLeg) -> bool:
    is_unsent = leg.kind is LegKind.REFUND and leg.state is LegState.PENDING
    return is_unsent and order.till_leg is None


def _refund_step(order: Order, leg: OrderLeg) -> StepKind | Turn | None:
    if leg.state is LegState.DONE:
        return None
    if order.till_leg is not None:
        return Turn.TILL_PAYS_OUT
    return StepKind.SEND_REFUND if _is_unsent(order, leg) else StepKind.ASK_REFUND


def _is_in_hand(order: Order, step: Step) -> bool:
    return step.kind is StepKind.CAPTURE_PAYMENT and order.leg(step.leg).last_error in _IN_HAND


def _retries(order: Order, step: Step) -> int:
    if step.leg:
        return order.leg(step.leg).retries
    if order.remedy is not None and order.state in _TICKETED:
        return order.remedy.retries
    return 0
