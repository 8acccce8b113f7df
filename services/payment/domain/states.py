"""Where payments and their attempts can be, and the only ways between."""

from enum import StrEnum


class PaymentState(StrEnum):
    """The life of a payment."""

    OPEN = "OPEN"
    AUTHORIZED = "AUTHORIZED"
    CAPTURING = "CAPTURING"
    CAPTURED = "CAPTURED"
    CANCELLED = "CANCELLED"


class AttemptState(StrEnum):
    """The life of an attempt."""

    OPENING = "OPENING"
    AWAITING_CUSTOMER = "AWAITING_CUSTOMER"
    AUTHORIZED = "AUTHORIZED"
    CAPTURE_SENT = "CAPTURE_SENT"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    QUARANTINED = "QUARANTINED"


class Decision(StrEnum):
    """What the owner said about an authorised attempt."""

    GRANT = "GRANT"
    REFUSE = "REFUSE"


class OrderStatus(StrEnum):
    """What the provider says of one of its orders."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    CANCELLED = "CANCELLED"


_S = AttemptState

MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    _S.OPENING: frozenset(
        {_S.AWAITING_CUSTOMER, _S.AUTHORIZED, _S.FAILED, _S.CANCELLING, _S.QUARANTINED}
    ),
    _S.AWAITING_CUSTOMER: frozenset({_S.AUTHORIZED, _S.FAILED, _S.CANCELLING, _S.QUARANTINED}),
    _S.AUTHORIZED: frozenset({_S.CAPTURE_SENT, _S.CANCELLING, _S.CANCELLED, _S.QUARANTINED}),
    _S.CAPTURE_SENT: frozenset({_S.CAPTURED, _S.CANCELLED, _S.QUARANTINED}),
    _S.CANCELLING: frozenset({_S.CANCELLED, _S.QUARANTINED}),
    # Final; only the proof that money was taken all the same puts them aside for a person.
    _S.FAILED: frozenset({_S.QUARANTINED}),
    _S.CANCELLED: frozenset({_S.QUARANTINED}),
    _S.CAPTURED: frozenset(),
    _S.QUARANTINED: frozenset(),
}

FINAL_ATTEMPT_STATES = frozenset({_S.CAPTURED, _S.FAILED, _S.CANCELLED, _S.QUARANTINED})
