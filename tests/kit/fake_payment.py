"""Payment as the wallet sees it: it opens pages, captures what was granted, gives back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from cinema.payment.v1 import payment_pb2, refund_pb2
from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1.payment_service_pb2_grpc import (
    PaymentServiceServicer,
    add_PaymentServiceServicer_to_server,
)


@dataclass
class FakePayment(PaymentServiceServicer):
    """Keeps what it was asked; `away` makes it fall silent."""

    address: str = ""
    away: bool = False
    created: dict[str, pb.CreatePaymentRequest] = field(default_factory=dict)
    captured: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    refunded: dict[str, int] = field(default_factory=dict)

    async def CreatePayment(  # noqa: N802 - the contract's name
        self, request: pb.CreatePaymentRequest, context: Any
    ) -> pb.CreatePaymentResponse:
        await self._answers(context)
        self.created[request.reference_id] = request
        attempt = payment_pb2.PaymentAttempt(
            number=1, redirect_url=f"https://pay.example/{request.reference_id}"
        )
        return pb.CreatePaymentResponse(payment=payment_pb2.Payment(attempts=[attempt]))

    async def CapturePayment(  # noqa: N802 - the contract's name
        self, request: pb.CapturePaymentRequest, context: Any
    ) -> pb.CapturePaymentResponse:
        await self._answers(context)
        self.captured.append(request.reference_id)
        return pb.CapturePaymentResponse()

    async def CancelPayment(  # noqa: N802 - the contract's name
        self, request: pb.CancelPaymentRequest, context: Any
    ) -> pb.CancelPaymentResponse:
        await self._answers(context)
        self.cancelled.append(request.reference_id)
        return pb.CancelPaymentResponse()

    async def RefundPayment(  # noqa: N802 - the contract's name
        self, request: pb.RefundPaymentRequest, context: Any
    ) -> pb.RefundPaymentResponse:
        await self._answers(context)
        self.refunded[request.refund_id] = request.amount.minor_units
        return pb.RefundPaymentResponse(refund=refund_pb2.Refund())

    async def _answers(self, context: Any) -> None:
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "")


@asynccontextmanager
async def fake_payment() -> AsyncIterator[FakePayment]:
    """Serve it on a free port."""
    kind: Any = type("Payment", (FakePayment,), {})
    kind.__abstractmethods__ = frozenset()
    payment: FakePayment = kind()
    server = grpc.aio.server()
    add_PaymentServiceServicer_to_server(payment, server)
    payment.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield payment
    await server.stop(None)
