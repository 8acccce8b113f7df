"""The service that takes money, as the orders see it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import grpc
from cinema.payment.v1 import payment_pb2
from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceStub

from services.booking.adapters.refund_messages import refund_answer_of, refund_request
from services.booking.adapters.story_client import STORY_SERVICE
from services.booking.adapters.wallet_legs_client import UnexpectedAnswerError
from services.booking.domain.order import Order
from services.booking.domain.order_errors import (
    CurrencyNotSupportedError,
    PaymentStillOpenError,
    ProviderUnavailableError,
)
from services.booking.domain.order_lines import PAYMENT_LEG, Part
from services.booking.domain.order_returns import refund_id_of
from services.booking.use_cases.payment_ports import (
    Cancelling,
    PaymentAnswer,
    PaymentState,
    RefundAnswer,
)
from services.common.errors import DependencyUnavailableError
from services.common.ids import new_id
from services.common.money import Money
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.fields import Fields
from services.common.rpc.money import money_fields, money_or_zero
from services.common.rpc.times import span_fields

if TYPE_CHECKING:
    from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

PAYMENT = "payment"
PAYMENT_SERVICES = (
    "cinema.payment.v1.PaymentService",
    "cinema.payment.v1.SubjectService",
    "cinema.type.v1.EventFeedService",
    STORY_SERVICE,
)
MAX_DESCRIPTION_CHARACTERS = 250
# Our grant is stored by payment just after we gave it: a capture may be a moment too early.
MAX_GRANT_WAITS = 6
FIRST_GRANT_WAIT_MS = 15

_Attempt = payment_pb2.PaymentAttempt
_STATES = {
    _Attempt.STATE_OPENING: PaymentState.OPENING,
    _Attempt.STATE_AWAITING_CUSTOMER: PaymentState.OPEN,
    _Attempt.STATE_AUTHORIZED: PaymentState.AUTHORIZED,
    _Attempt.STATE_CAPTURE_SENT: PaymentState.CAPTURING,
    _Attempt.STATE_CAPTURED: PaymentState.CAPTURED,
    _Attempt.STATE_FAILED: PaymentState.OVER,
    _Attempt.STATE_CANCELLING: PaymentState.OVER,
    _Attempt.STATE_CANCELLED: PaymentState.OVER,
    _Attempt.STATE_QUARANTINED: PaymentState.OVER,
}
_NOT_CANCELLED = {
    "PAYMENT_CLOSED": Cancelling.MONEY_IS_TAKEN,
    "PAYMENT_AUTHORIZED": Cancelling.AWAITS_DECISION,
}
_LINE_KINDS = {
    Part.PRICE: payment_pb2.PaymentLine.KIND_TICKETS,
    Part.SUPPLEMENT: payment_pb2.PaymentLine.KIND_SUPPLEMENTS,
    Part.SERVICE_FEE: payment_pb2.PaymentLine.KIND_SERVICE_FEES,
}


@dataclass(frozen=True, slots=True)
class PaymentClient:
    """The port `Payments` on payment's PaymentService.

    Order and attempt make each command idempotent; request IDs are new each time, so that an
    answer is never one from before.
    """

    peer: Peer
    call_timeout_ms: int

    async def create(self, order: Order, time_left: timedelta) -> PaymentAnswer:
        request = pb.CreatePaymentRequest(
            reference_id=str(order.id),
            attempt=_attempt(order),
            amount=money_fields(order.money_due),
            description=_description(order),
            buyer=_buyer(order),
            return_url=order.return_url,
            time_left=span_fields(time_left),
            request_id=str(new_id()),
            lines=_lines(order),
        )
        try:
            answer = await self._stub.CreatePayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            if refusal_of(error).reason == "PAYMENT_CLOSED":
                return PaymentAnswer(PaymentState.OVER, "", Money.zero(order.currency))
            raise _create_refusal(error, order) from error
        return _answer(order, answer.payment)

    async def get(self, order: Order) -> PaymentAnswer:
        request = pb.GetPaymentRequest(reference_id=str(order.id))
        try:
            answer = await self._stub.GetPayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            if refusal_of(error).reason == "PAYMENT_NOT_FOUND":
                nothing = Money.zero(order.currency)
                return PaymentAnswer(PaymentState.OPENING, "", nothing)
            raise _unexpected(error) from error
        return _answer(order, answer.payment)

    async def capture(self, order: Order) -> PaymentAnswer:
        for wait in range(MAX_GRANT_WAITS):
            answer = await self._capture(order)
            if answer.state is not PaymentState.AUTHORIZED:
                break
            await asyncio.sleep((FIRST_GRANT_WAIT_MS << wait) / 1000)
        return answer

    async def cancel(self, order: Order, *, unless_authorized: bool) -> Cancelling:
        request = pb.CancelPaymentRequest(
            reference_id=str(order.id),
            request_id=str(new_id()),
            unless_authorized=unless_authorized,
        )
        try:
            await self._stub.CancelPayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
            if (outcome := _NOT_CANCELLED.get(refusal.reason)) is not None:
                return outcome
            if refusal.reason == ProviderUnavailableError.reason:
                raise ProviderUnavailableError from error
            raise _unexpected(error) from error
        return Cancelling.DONE

    async def spend(self, order_id: UUID, remedy_id: UUID, amount: Money) -> None:
        await self._spend(order_id, remedy_id, amount, pb.SPENDING_PURPOSE_VOUCHER)

    async def lapse(self, order_id: UUID, offer_id: UUID, amount: Money) -> None:
        await self._spend(order_id, offer_id, amount, pb.SPENDING_PURPOSE_LAPSED_REMEDY)

    async def _spend(
        self,
        order_id: UUID,
        spending_id: UUID,
        amount: Money,
        purpose: pb.SpendingPurpose.ValueType,
    ) -> None:
        request = pb.SpendBudgetRequest(
            reference_id=str(order_id),
            spending_id=str(spending_id),
            amount=money_fields(amount),
            purpose=purpose,
            request_id=str(new_id()),
        )
        try:
            await self._stub.SpendBudget(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error

    async def refund(self, order: Order, leg: str) -> RefundAnswer:
        request = refund_request(order, leg)
        try:
            answer = await self._stub.RefundPayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error
        return refund_answer_of(answer.refund)

    async def get_refund(self, order: Order, leg: str) -> RefundAnswer:
        request = pb.GetRefundRequest(refund_id=str(refund_id_of(order.id, leg)))
        try:
            answer = await self._stub.GetRefund(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error
        return refund_answer_of(answer.refund)

    async def _capture(self, order: Order) -> PaymentAnswer:
        request = pb.CapturePaymentRequest(
            reference_id=str(order.id), attempt=_attempt(order), request_id=str(new_id())
        )
        try:
            answer = await self._stub.CapturePayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            if refusal_of(error).reason == "PAYMENT_NOT_AUTHORIZED":
                return PaymentAnswer(PaymentState.AUTHORIZED, "", Money.zero(order.currency))
            raise _unexpected(error) from error
        return _answer(order, answer.payment)

    @property
    def _stub(self) -> "PaymentServiceAsyncStub":
        return self.peer.stub(PaymentServiceStub)

    @property
    def _timeout_s(self) -> float:
        return self.call_timeout_ms / 1000


def _attempt(order: Order) -> int:
    leg = order.payment_leg
    if leg is None:
        raise ValueError(f"order {order.id} has no payment")
    return leg.attempt


def _answer(order: Order, payment: payment_pb2.Payment) -> PaymentAnswer:
    """Read the order's present attempt; a state that we do not know yet is not final."""
    number = _attempt(order)
    attempt = next((each for each in payment.attempts if each.number == number), _Attempt())
    return PaymentAnswer(
        state=_STATES.get(attempt.state, PaymentState.OPENING),
        redirect_url=attempt.redirect_url,
        captured=money_or_zero(payment.captured, order.currency),
    )


def _lines(order: Order) -> Iterator[Fields]:
    """Tell what the money is for: payment's books keep each kind apart."""
    sums: dict[payment_pb2.PaymentLine.Kind.ValueType, int] = {}
    for line in order.lines:
        for allocation in line.allocations:
            if allocation.leg == PAYMENT_LEG:
                kind = _LINE_KINDS.get(allocation.part, payment_pb2.PaymentLine.KIND_GOODS)
                sums[kind] = sums.get(kind, 0) + allocation.amount.minor_units
    for kind, minor_units in sums.items():
        yield {"kind": kind, "amount": money_fields(Money(order.currency, minor_units))}


def _buyer(order: Order) -> Fields:
    contact = order.contact
    return {
        "email": contact.email,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "language_code": order.language,
        "ip_address": contact.ip_address,
    }


def _description(order: Order) -> str:
    screening = order.screening
    text = f"{order.number}: {screening.film_title}, {screening.cinema_name}"
    return text[:MAX_DESCRIPTION_CHARACTERS]


def _create_refusal(error: grpc.aio.AioRpcError, order: Order) -> Exception:
    refusal = refusal_of(error)
    match refusal.reason:
        case "PROVIDER_UNAVAILABLE":
            return ProviderUnavailableError(retry_after_ms=refusal.retry_after_ms or 5_000)
        case "CURRENCY_NOT_SUPPORTED":
            return CurrencyNotSupportedError(order.currency)
        case "ATTEMPT_STILL_OPEN":
            return PaymentStillOpenError(order.id)
        case _:
            return _unexpected(error)


def _unexpected(error: grpc.aio.AioRpcError) -> Exception:
    refusal = refusal_of(error)
    if error.code() in {grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL}:
        return DependencyUnavailableError(PAYMENT)
    return UnexpectedAnswerError(f"payment: {error.code().name} {refusal.reason}")
