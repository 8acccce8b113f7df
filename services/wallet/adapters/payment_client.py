"""The service that takes money, for cards bought online."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import grpc
from cinema.payment.v1 import payment_pb2, refund_pb2
from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceStub
from google.protobuf.duration_pb2 import Duration

from services.common.errors import DependencyUnavailableError, DomainError
from services.common.ids import new_id
from services.common.money import Money
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.money import money_to_proto
from services.wallet.domain.purchase import ATTEMPT, Purchase
from services.wallet.domain.purchase_errors import (
    CurrencyNotSupportedError,
    ProviderUnavailableError,
)

if TYPE_CHECKING:
    from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

PAYMENT = "payment"
PAYMENT_SERVICES = ("cinema.payment.v1.PaymentService", "cinema.type.v1.EventFeedService")
RETRY_AFTER_MS = 5_000
MAX_PAGE_SECONDS = 3_600
# What repeating does not change: the event that says how it went comes, or came.
_SETTLED = {"PAYMENT_CLOSED", "PAYMENT_NOT_AUTHORIZED", "PAYMENT_NOT_FOUND"}


@dataclass(frozen=True, slots=True)
class PaymentClient:
    """The port `Payments`. The purchase is the key of each command, whatever the request ID."""

    peer: Peer
    call_timeout_ms: int

    async def create(self, purchase: Purchase, description: str) -> str:
        buyer = purchase.buyer
        if buyer is None:
            raise ValueError(f"purchase {purchase.id} has no buyer")
        time_left = Duration()
        seconds = (purchase.expires_at - purchase.read_at) // timedelta(seconds=1)
        time_left.seconds = max(1, min(seconds, MAX_PAGE_SECONDS))
        request = pb.CreatePaymentRequest(
            reference_id=str(purchase.id),
            attempt=ATTEMPT,
            amount=money_to_proto(purchase.price),
            description=description,
            buyer=payment_pb2.Buyer(
                email=buyer.email,
                first_name=buyer.first_name,
                last_name=buyer.last_name,
                language_code=buyer.language or "en",
                ip_address=buyer.ip_address,
            ),
            return_url=purchase.return_url,
            time_left=time_left,
            request_id=str(new_id()),
        )
        try:
            answer = await self._stub.CreatePayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _create_refusal(error, purchase) from error
        return next((each.redirect_url for each in answer.payment.attempts), "")

    async def capture(self, purchase_id: UUID) -> None:
        request = pb.CapturePaymentRequest(
            reference_id=str(purchase_id), attempt=ATTEMPT, request_id=str(new_id())
        )
        try:
            await self._stub.CapturePayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            _must_be_settled(error)

    async def cancel(self, purchase_id: UUID) -> None:
        request = pb.CancelPaymentRequest(reference_id=str(purchase_id), request_id=str(new_id()))
        try:
            await self._stub.CancelPayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            _must_be_settled(error)

    async def refund(self, purchase_id: UUID, amount: Money) -> None:
        """Give all of it back; the purchase names its one refund."""
        request = pb.RefundPaymentRequest(
            reference_id=str(purchase_id),
            refund_id=str(purchase_id),
            amount=money_to_proto(amount),
            reason=refund_pb2.REFUND_REASON_CANCELLATION,
            request_id=str(new_id()),
        )
        try:
            await self._stub.RefundPayment(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(PAYMENT) from error

    @property
    def _stub(self) -> "PaymentServiceAsyncStub":
        return self.peer.stub(PaymentServiceStub)

    @property
    def _timeout_s(self) -> float:
        return self.call_timeout_ms / 1_000


def _create_refusal(error: grpc.aio.AioRpcError, purchase: Purchase) -> DomainError:
    refusal = refusal_of(error)
    match refusal.reason:
        case "PROVIDER_UNAVAILABLE":
            return ProviderUnavailableError(retry_after_ms=refusal.retry_after_ms or RETRY_AFTER_MS)
        case "CURRENCY_NOT_SUPPORTED":
            return CurrencyNotSupportedError(purchase.price.currency)
        case _:
            return DependencyUnavailableError(PAYMENT)


def _must_be_settled(error: grpc.aio.AioRpcError) -> None:
    if refusal_of(error).reason not in _SETTLED:
        raise DependencyUnavailableError(PAYMENT) from error
