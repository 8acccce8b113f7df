"""Complaints as booking's messages, both ways."""

from cinema.booking.v1 import complaint_pb2

from services.booking.domain.complaint import (
    Complaint,
    ComplaintDecision,
    ComplaintKind,
    ComplaintScope,
    ComplaintState,
)
from services.common.rpc.times import timestamp_of

_Complaint = complaint_pb2.Complaint
_KINDS = {kind: _Complaint.Kind.Value(f"KIND_{kind}") for kind in ComplaintKind}
_SCOPES = {scope: _Complaint.Scope.Value(f"SCOPE_{scope}") for scope in ComplaintScope}
_STATES = {state: _Complaint.State.Value(f"STATE_{state}") for state in ComplaintState}
_DECISIONS = {
    decision: _Complaint.Decision.Value(f"DECISION_{decision}") for decision in ComplaintDecision
}
_KIND_OF: dict[int, ComplaintKind] = {value: kind for kind, value in _KINDS.items()}
_SCOPE_OF: dict[int, ComplaintScope] = {value: scope for scope, value in _SCOPES.items()}
_DECISION_OF: dict[int, ComplaintDecision] = {
    value: decision for decision, value in _DECISIONS.items()
}
_IS_ANSWERED: dict[int, bool] = {
    _Complaint.STATE_OPEN: False,
    _Complaint.STATE_ANSWERED: True,
}


def complaint_to_proto(complaint: Complaint) -> complaint_pb2.Complaint:
    """Write a complaint as its writer and staff see it."""
    message = complaint_pb2.Complaint(
        id=str(complaint.id),
        number=complaint.number,
        kind=_KINDS[complaint.kind],
        scope=_SCOPES[complaint.scope],
        text=complaint.text,
        cinema_id=complaint.cinema_id,
        state=_STATES[complaint.state],
        is_overdue=complaint.is_overdue,
        reply_email=complaint.reply_email,
        receive_time=timestamp_of(complaint.received_at),
    )
    if complaint.order is not None:
        message.order_id = str(complaint.order.order_id)
        message.order_number = complaint.order.number
    if complaint.terms is not None:
        message.purchase_time.CopyFrom(timestamp_of(complaint.terms.purchased_at))
        message.due_date = complaint.terms.due_date.isoformat()
        late = complaint.terms.is_late
        message.timeliness = _Complaint.TIMELINESS_LATE if late else _Complaint.TIMELINESS_IN_TIME
    if complaint.answer is not None:
        message.decision = _DECISIONS[complaint.answer.decision]
        message.answer_text = complaint.answer.text
        message.answer_time.CopyFrom(timestamp_of(complaint.answer.answered_at))
    return message


def kind_of(kind: int) -> ComplaintKind | None:
    """Read a kind; None when it is unspecified."""
    return _KIND_OF.get(kind)


def scope_of(scope: int) -> ComplaintScope:
    """Read a scope, which must be a known one."""
    return _SCOPE_OF[scope]


def decision_of(decision: int) -> ComplaintDecision:
    """Read a decision, which must be a known one."""
    return _DECISION_OF[decision]


def is_answered_of(state: int) -> bool | None:
    """Read whether answered ones are wanted; None for both."""
    return _IS_ANSWERED.get(state)
