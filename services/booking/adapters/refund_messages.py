"""Refunds of orders as payment's messages."""

from cinema.payment.v1 import payment_service_pb2 as pb
from cinema.payment.v1 import refund_pb2

from services.booking.domain.order import Order
from services.booking.domain.order_returns import FEE_REFUND_LEG, refund_id_of
from services.booking.use_cases.payment_ports import RefundAnswer, RefundState
from services.common.ids import new_id
from services.common.rpc.money import money_to_proto


def refund_request(order: Order, leg: str) -> pb.RefundPaymentRequest:
    """Ask for the refund of a leg; its ID is the leg's own."""
    amount = order.leg(leg).amount
    return pb.RefundPaymentRequest(
        reference_id=str(order.id),
        refund_id=str(refund_id_of(order.id, leg)),
        amount=None if amount is None else money_to_proto(amount),
        reason=_refund_reason(order, leg),
        request_id=str(new_id()),
    )


def _refund_reason(order: Order, leg: str) -> refund_pb2.RefundReason.ValueType:
    if leg == FEE_REFUND_LEG:
        return refund_pb2.REFUND_REASON_FEE_OVERRIDE
    if order.remedy is not None:
        return refund_pb2.REFUND_REASON_REMEDY
    return refund_pb2.REFUND_REASON_CANCELLATION


def refund_answer_of(refund: refund_pb2.Refund) -> RefundAnswer:
    """Read where a refund stands; a state that we do not know yet is not final."""
    if refund.state == refund_pb2.Refund.STATE_COMPLETED:
        return RefundAnswer(RefundState.COMPLETED)
    if refund.state == refund_pb2.Refund.STATE_REQUESTED and refund.failure_code:
        return RefundAnswer(RefundState.FAILED, refund.failure_code)
    return RefundAnswer(RefundState.SENT)
