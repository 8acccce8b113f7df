from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceServicer

from services.common import ids
from services.common.rpc.call import CallerKind, current_caller
from services.payment.handlers.converters import (
    money_from_proto,
    money_to_proto,
    new_attempt_from_proto,
    payment_to_proto,
    tombstone_to_proto,
)
from services.payment.use_cases.cancel_payment import CancelPayment
from services.payment.use_cases.capture_payment import CapturePayment
from services.payment.use_cases.create_payment import CreatePayment
from services.payment.use_cases.get_payment import GetPayment
from services.payment.use_cases.spend_budget import SpendBudget

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class PaymentServicer(PaymentServiceServicer):
    """`PaymentService`. The owner of a payment is the service that calls."""

    create_payment: CreatePayment
    get_payment: GetPayment
    capture_payment: CapturePayment
    cancel_payment: CancelPayment
    spend_budget: SpendBudget

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
        caller = current_caller()
        owner = caller.subject if caller.kind is CallerKind.SERVICE else None
        reference_id = ids.parse(request.reference_id, field="reference_id")
        payment = await self.get_payment(owner, reference_id)
        return pb.GetPaymentResponse(payment=payment_to_proto(payment))

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
        payment = await self.cancel_payment(owner, reference_id)
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
            money_from_proto(request.amount),
        )
        return pb.SpendBudgetResponse(remaining=money_to_proto(left))
