"""Valid requests of payment, and of booking's decision about a payment."""

from typing import Any
from uuid import uuid4

from cinema.payment.v1 import audit_pb2, payment_decision_service_pb2, payment_pb2, refund_pb2
from cinema.payment.v1 import audit_service_pb2 as audit
from cinema.payment.v1 import payment_service_pb2 as payment
from cinema.payment.v1 import subject_service_pb2 as subjects
from cinema.type.v1 import money_pb2
from google.protobuf.duration_pb2 import Duration

from tests.kit.scene import Scene
from tests.kit.valid_request import Valid, staff

TIME_LEFT_SECONDS = 300


async def _create_payment(scene: Scene) -> Valid:
    request = payment.CreatePaymentRequest(
        reference_id=str(uuid4()),
        attempt=1,
        amount=_ron(2_500),
        description="One seat",
        buyer=payment_pb2.Buyer(
            email="ana@example.com",
            first_name="Ana",
            last_name="Pop",
            language_code="ro",
            ip_address="127.0.0.1",
        ),
        return_url="http://localhost/thank-you",
        time_left=Duration(seconds=TIME_LEFT_SECONDS),
        request_id=str(uuid4()),
    )
    return _paid_by_wallet(scene, request)


async def _get_payment(scene: Scene) -> Valid:
    request = payment.GetPaymentRequest(reference_id=(await scene.guest_order()).id)
    return _paid_by_booking(scene, request, unknown=_NO_PAYMENT)


async def _capture_payment(scene: Scene) -> Valid:
    request = payment.CapturePaymentRequest(
        reference_id=(await scene.guest_order()).id, attempt=1, request_id=str(uuid4())
    )
    return _paid_by_booking(scene, request, answer="PAYMENT_NOT_AUTHORIZED", unknown=_NO_PAYMENT)


async def _cancel_payment(scene: Scene) -> Valid:
    request = payment.CancelPaymentRequest(reference_id=str(uuid4()), request_id=str(uuid4()))
    return _paid_by_wallet(scene, request)


async def _spend_budget(scene: Scene) -> Valid:
    request = payment.SpendBudgetRequest(
        reference_id=(await scene.guest_order()).id,
        spending_id=str(uuid4()),
        amount=_ron(1),
        request_id=str(uuid4()),
    )
    unknown = {**_NO_PAYMENT, "spending_id": "BUDGET_EXCEEDED"}
    return _paid_by_booking(scene, request, answer="BUDGET_EXCEEDED", unknown=unknown)


async def _refund_payment(scene: Scene) -> Valid:
    request = payment.RefundPaymentRequest(
        reference_id=(await scene.guest_order()).id,
        refund_id=str(uuid4()),
        amount=_ron(1),
        reason=refund_pb2.REFUND_REASON_CANCELLATION,
        request_id=str(uuid4()),
    )
    unknown = {**_NO_PAYMENT, "refund_id": "BUDGET_EXCEEDED"}
    return _paid_by_booking(scene, request, answer="BUDGET_EXCEEDED", unknown=unknown)


async def _get_refund(scene: Scene) -> Valid:
    request = payment.GetRefundRequest(refund_id=str(uuid4()))
    return _paid_by_booking(scene, request, answer="REFUND_NOT_FOUND")


async def _list_payments(scene: Scene) -> Valid:
    request = payment.ListPaymentsRequest(page_size=2)
    return Valid(request, staff(scene, "finance"))


async def _watch_payment(scene: Scene) -> Valid:
    request = payment.WatchPaymentRequest(reference_id=(await scene.guest_order()).id)
    return _paid_by_booking(scene, request, unknown=_NO_PAYMENT)


async def _get_settlement(scene: Scene) -> Valid:
    request = audit.GetSettlementRequest(reference_id=(await scene.guest_order()).id)
    return Valid(request, staff(scene, "finance"), unknown=_NO_PAYMENT)


async def _list_exceptions(scene: Scene) -> Valid:
    return Valid(audit.ListExceptionsRequest(page_size=2), staff(scene, "finance"))


async def _resolve_exception(scene: Scene) -> Valid:
    request = audit.ResolveExceptionRequest(
        exception_id=str(uuid4()),
        repair=audit_pb2.REPAIR_DISMISS,
        reason="It was a test.",
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "finance"), answer="EXCEPTION_NOT_FOUND")


async def _list_journal(scene: Scene) -> Valid:
    request = audit.ListJournalRequest(reference_id=(await scene.guest_order()).id)
    return Valid(request, staff(scene, "finance"), unknown={"reference_id": "OK"})


async def decide_authorization(scene: Scene, owner: str = "booking") -> Valid:
    """Ask an owner about a purchase that it does not know."""
    request = payment_decision_service_pb2.DecideAuthorizationRequest(
        reference_id=str(uuid4()), attempt=1, amount=_ron(2_500), request_id=str(uuid4())
    )
    caller = scene.callers.peer("payment", server=owner)
    return Valid(request, caller, unknown={"reference_id": "OK"}, keeps_no_answer=True)


async def decide_authorizations(scene: Scene, owner: str = "booking") -> Valid:
    """Ask an owner about purchases, of which it does not know any."""
    attempt = payment_decision_service_pb2.AuthorizedAttempt(
        reference_id=str(uuid4()), attempt=1, amount=_ron(2_500)
    )
    request = payment_decision_service_pb2.DecideAuthorizationsRequest(
        attempts=[attempt], request_id=str(uuid4())
    )
    caller = scene.callers.peer("payment", server=owner)
    unknown = {"attempts[0].reference_id": "OK"}
    return Valid(request, caller, unknown=unknown, keeps_no_answer=True)


_NO_PAYMENT = {"reference_id": "PAYMENT_NOT_FOUND"}


def _paid_by_booking(scene: Scene, request: Any, **more: Any) -> Valid:
    return Valid(request, scene.callers.peer("booking", server="payment"), **more)


def _paid_by_wallet(scene: Scene, request: Any) -> Valid:
    """Booking would wonder about payments of orders that it does not know."""
    caller = scene.callers.peer("wallet", server="payment")
    return Valid(request, caller, unknown={"reference_id": "OK"}, keeps_no_answer=True)


def _ron(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="RON", minor_units=minor_units)


async def _export_subject(scene: Scene) -> Valid:
    request = subjects.ExportSubjectRequest(
        reference_ids=[(await scene.guest_order()).id], request_id=str(uuid4())
    )
    unknown = {"reference_ids[0]": "OK"}
    return _paid_by_booking(scene, request, unknown=unknown, keeps_no_answer=True)


async def _erase_subject(scene: Scene) -> Valid:
    request = subjects.EraseSubjectRequest(reference_ids=[str(uuid4())], request_id=str(uuid4()))
    unknown = {"reference_ids[0]": "OK"}
    return _paid_by_booking(scene, request, unknown=unknown, keeps_no_answer=True)


BUILDERS = {
    "payment/SubjectService.ExportSubject": _export_subject,
    "payment/SubjectService.EraseSubject": _erase_subject,
    "PaymentService.CreatePayment": _create_payment,
    "PaymentService.GetPayment": _get_payment,
    "PaymentService.CapturePayment": _capture_payment,
    "PaymentService.CancelPayment": _cancel_payment,
    "PaymentService.SpendBudget": _spend_budget,
    "PaymentService.RefundPayment": _refund_payment,
    "PaymentService.GetRefund": _get_refund,
    "PaymentService.ListPayments": _list_payments,
    "PaymentService.WatchPayment": _watch_payment,
    "AuditService.GetSettlement": _get_settlement,
    "AuditService.ListExceptions": _list_exceptions,
    "AuditService.ResolveException": _resolve_exception,
    "AuditService.ListJournal": _list_journal,
    "PaymentDecisionService.DecideAuthorization": decide_authorization,
    "PaymentDecisionService.DecideAuthorizations": decide_authorizations,
}
