from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceServicer

from services.common import ids
from services.common.rpc.call import CallerKind, current_caller
from services.common.rpc.money import money_of, money_to_proto
from services.common.rpc.paging import PageTokens, page_size_of
from services.payment.handlers.converters import (
    new_attempt_from_proto,
    payment_filter_from_proto,
    payment_to_proto,
    place_from_keyset,
    place_of,
    purpose_from_proto,
    refund_reason_from_proto,
    refund_to_proto,
    tombstone_to_proto,
)
from services.payment.use_cases.cancel_payment import CancelPayment
from services.payment.use_cases.capture_payment import CapturePayment
from services.payment.use_cases.create_payment import CreatePayment
from services.payment.use_cases.get_payment import GetPayment
from services.payment.use_cases.get_refund import GetRefund
from services.payment.use_cases.list_payments import ListPayments
from services.payment.use_cases.refund_payment import RefundPayment
from services.payment.use_cases.spend_budget import SpendBudget
from services.payment.use_cases.watch_payment import WatchPayment

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class PaymentServicer(PaymentServiceServicer):
    """`PaymentService`. The owner of a payment is the service that calls."""

    create_payment: CreatePayment
    get_payment: GetPayment
    capture_payment: CapturePayment
    cancel_payment: CancelPayment
    spend_budget: SpendBudget
    refund_payment: RefundPayment
    get_refund: GetRefund
    list_payments: ListPayments
    watch_payment: WatchPayment
    page_tokens: PageTokens

    async def CreatePayment(
        self, request: pb.CreatePaymentRequest, context: Context
    ) -> pb.CreatePaymentResponse:
        del context
        asked = new_attempt_from_proto(request, current_caller().subject)
        payment = await self.create_payment(asked)
        return pb.CreatePaymentResponse(payment=payment_to_proto(payment))

    async def GetPayment(
        self, request: pb.GetPaymentRequest, context: Context
    ) -> pb.GetPaymentResponse:
        del context
        reference_id = ids.parse(request.reference_id, field="reference_id")
        payment = await self.get_payment(_owner_or_all(), reference_id)
        refunds = await self.get_payment.refunds_of(payment)
        return pb.GetPaymentResponse(payment=payment_to_proto(payment, refunds))

    async def CapturePayment(
        self, request: pb.CapturePaymentRequest, context: Context
    ) -> pb.CapturePaymentResponse:
        del context
        reference_id = ids.parse(request.reference_id, field="reference_id")
        payment = await self.capture_payment(
            current_caller().subject, reference_id, request.attempt
        )
        return pb.CapturePaymentResponse(payment=payment_to_proto(payment))

    async def CancelPayment(
        self, request: pb.CancelPaymentRequest, context: Context
    ) -> pb.CancelPaymentResponse:
        del context
        owner = current_caller().subject
        reference_id = ids.parse(request.reference_id, field="reference_id")
        payment = await self.cancel_payment(
            owner, reference_id, unless_authorized=request.unless_authorized
        )
        if payment is None:
            return pb.CancelPaymentResponse(payment=tombstone_to_proto(owner, reference_id))
        return pb.CancelPaymentResponse(payment=payment_to_proto(payment))

    async def SpendBudget(
        self, request: pb.SpendBudgetRequest, context: Context
    ) -> pb.SpendBudgetResponse:
        del context
        left = await self.spend_budget(
            current_caller().subject,
            ids.parse(request.reference_id, field="reference_id"),
            ids.parse(request.spending_id, field="spending_id"),
            money_of(request.amount),
            purpose_from_proto(request.purpose),
        )
        return pb.SpendBudgetResponse(remaining=money_to_proto(left))

    async def RefundPayment(
        self, request: pb.RefundPaymentRequest, context: Context
    ) -> pb.RefundPaymentResponse:
        del context
        refund = await self.refund_payment(
            current_caller().subject,
            ids.parse(request.reference_id, field="reference_id"),
            ids.parse(request.refund_id, field="refund_id"),
            money_of(request.amount),
            refund_reason_from_proto(request.reason),
        )
        return pb.RefundPaymentResponse(refund=refund_to_proto(refund))

    async def GetRefund(
        self, request: pb.GetRefundRequest, context: Context
    ) -> pb.GetRefundResponse:
        del context
        refund_id = ids.parse(request.refund_id, field="refund_id")
        refund = await self.get_refund(_owner_or_all(), refund_id)
        return pb.GetRefundResponse(refund=refund_to_proto(refund))

    async def ListPayments(
        self, request: pb.ListPaymentsRequest, context: Context
    ) -> pb.ListPaymentsResponse:
        del context
        page_size = page_size_of(request.page_size)
        after = place_from_keyset(self.page_tokens.open(request.page_token, request))
        wanted = payment_filter_from_proto(request, _owner_or_all())
        found = await self.list_payments(wanted, after, page_size + 1)
        page, token = self.page_tokens.cut(found, page_size, place_of, request)
        payments = [payment_to_proto(payment) for payment in page]
        return pb.ListPaymentsResponse(payments=payments, next_page_token=token)

    async def WatchPayment(
        self, request: pb.WatchPaymentRequest, context: Context
    ) -> AsyncIterator[pb.WatchPaymentResponse]:
        del context
        reference_id = ids.parse(request.reference_id, field="reference_id")
        async for payment, refunds in self.watch_payment(_owner_or_all(), reference_id):
            yield pb.WatchPaymentResponse(payment=payment_to_proto(payment, refunds))


def _owner_or_all() -> str | None:
    """Services see their own payments, staff all."""
    caller = current_caller()
    return caller.subject if caller.kind is CallerKind.SERVICE else None
