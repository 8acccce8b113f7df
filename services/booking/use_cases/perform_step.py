"""Perform one step of an order that calls another service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from services.booking.domain.order import Order
from services.booking.domain.order_errors import PlaceNotEligibleError
from services.booking.domain.order_leg import OrderLeg
from services.booking.domain.order_lines import Part
from services.booking.domain.order_steps import Step, StepKind
from services.booking.use_cases.order_ports import PlaceLegs
from services.booking.use_cases.payment_ports import (
    Cancelling,
    Payments,
    PaymentState,
    RefundAnswer,
    RefundState,
)
from services.common.errors import DeadlineTooShortError, DependencyUnavailableError
from services.common.money import Money


class PaymentLost(Exception):  # noqa: N818 - news, not a failure.
    """The granted attempt is over at payment without its money: nothing was taken of it."""

    def __init__(self, attempt: int) -> None:
        super().__init__(f"attempt {attempt} is over")
        self.attempt = attempt


@dataclass(frozen=True, slots=True)
class PerformStep:
    """Make the call of a step and move the order by its answer; stores nothing.

    Every call is safe to repeat. False when the answer is unknown or not final: the leg counts it
    and the step is due again later. A refusal of the wallet or of payment is raised.
    """

    places: PlaceLegs
    payments: Payments

    async def __call__(self, order: Order, step: Step) -> bool:
        try:
            return await self._perform(order, step)
        except (DependencyUnavailableError, DeadlineTooShortError) as unknown:
            _missed(order, step, unknown.reason)
            return False

    async def _perform(self, order: Order, step: Step) -> bool:  # noqa: C901 - one call each
        match step.kind:
            case StepKind.RESERVE_PLACES:
                due = await self.places.reserve(order, order.leg(step.leg))
                _must_cost_as_placed(order, order.leg(step.leg), due)
                order.places_reserved(step.leg)
            case StepKind.OPEN_PAYMENT:
                return await self._open_payment(order, step)
            case StepKind.CAPTURE_PLACES:
                await self.places.capture(order.id, order.leg(step.leg))
                order.places_captured(step.leg)
            case StepKind.CAPTURE_PAYMENT:
                return await self._capture(order, step)
            case StepKind.RELEASE_PLACES:
                await self.places.release(order.id, order.leg(step.leg))
                order.leg_undone(step.leg)
            case StepKind.CANCEL_PAYMENT:
                return await self._cancel(order, step)
            case StepKind.RESTORE_PLACES:
                await self.places.restore(order, order.leg(step.leg))
                order.leg_undone(step.leg)
            case StepKind.SEND_REFUND:
                return self._learn(order, step, await self.payments.refund(order, step.leg))
            case StepKind.ASK_REFUND:
                return self._learn(order, step, await self.payments.get_refund(order, step.leg))
            case StepKind.SPEND_BUDGET:
                await self._spend(order)
            case StepKind.SELL_SEATS | StepKind.CONFIRM | StepKind.FINISH_REMEDY:
                raise ValueError(f"{step.kind} calls nobody")
            case _ as never:
                assert_never(never)
        return True

    async def _open_payment(self, order: Order, step: Step) -> bool:
        if order.deadline_over:
            return False
        answer = await self.payments.create(order, order.time_left)
        match answer.state:
            case PaymentState.OPENING:
                _missed(order, step, "OPENING")
                return False
            case PaymentState.OVER:
                order.payment_failed(order.leg(step.leg).attempt, "DECLINED")
            case (
                PaymentState.OPEN
                | PaymentState.AUTHORIZED
                | PaymentState.CAPTURING
                | PaymentState.CAPTURED
            ):
                order.payment_opened(answer.redirect_url)
            case _ as never:
                assert_never(never)
        return True

    async def _cancel(self, order: Order, step: Step) -> bool:
        outcome = await self.payments.cancel(order, unless_authorized=order.may_be_rescued)
        if outcome is not Cancelling.DONE:
            _missed(order, step, outcome)
            return False
        order.close_payment()
        order.leg_undone(step.leg)
        return True

    async def _capture(self, order: Order, step: Step) -> bool:
        answer = await self.payments.capture(order)
        if answer.state is PaymentState.AUTHORIZED:
            # Either our grant is not stored there yet, or the attempt is over.
            answer = await self.payments.get(order)
        match answer.state:
            case PaymentState.CAPTURED:
                order.payment_captured(order.leg(step.leg).attempt, answer.captured)
                return True
            case PaymentState.OVER:
                raise PaymentLost(order.leg(step.leg).attempt)
            case (
                PaymentState.OPENING
                | PaymentState.OPEN
                | PaymentState.AUTHORIZED
                | PaymentState.CAPTURING
            ):
                _missed(order, step, answer.state)
                return False
            case _ as never:
                assert_never(never)

    def _learn(self, order: Order, step: Step, answer: RefundAnswer) -> bool:
        """Take over where a refund stands; it is final once the money is back."""
        is_asked = step.kind is StepKind.ASK_REFUND
        match answer.state:
            case RefundState.COMPLETED:
                order.refund_completed(step.leg)
                return True
            case RefundState.FAILED:
                order.refund_failed(step.leg, answer.failure_code)
            case RefundState.SENT:
                order.refund_sent(step.leg)
            case _ as never:
                assert_never(never)
        if is_asked:
            _missed(order, step, answer.failure_code)
        return not is_asked

    async def _spend(self, order: Order) -> None:
        if order.remedy is None:
            raise ValueError(f"order {order.id} has no remedy")
        await self.payments.spend(order.id, order.remedy.id, order.remedy.amount)
        order.budget_taken()


def _must_cost_as_placed(order: Order, leg: OrderLeg, due: Mapping[str, Money]) -> None:
    """Refuse when the wallet leaves another supplement due than the order charges."""
    for line in order.lines:
        if line.seat_id not in leg.seat_ids:
            continue
        charged = [
            share.amount
            for share in line.allocations
            if share.part is Part.SUPPLEMENT and share.leg != leg.name
        ]
        nothing = Money.zero(order.currency)
        if Money.sum(charged, currency=order.currency) != due.get(line.seat_id, nothing):
            card_id = leg.card_id or order.id
            raise PlaceNotEligibleError(card_id, line.seat_id, "SUPPLEMENT_DIFFERS")


def _missed(order: Order, step: Step, reason: str) -> None:
    if step.leg:
        order.leg(step.leg).missed(reason)
    elif order.remedy is not None:
        order.remedy.missed(reason)
