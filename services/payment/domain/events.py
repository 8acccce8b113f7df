"""What payment tells the other services."""

from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money
from services.payment.domain.refund import Refund


class Cause(StrEnum):
    """Why something was put aside, by name."""

    WRONG_AMOUNT = "WRONG_AMOUNT"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    CAPTURED_WITHOUT_GRANT = "CAPTURED_WITHOUT_GRANT"
    # The provider let a granted authorisation lapse: the seats are sold and the money is not there.
    CAPTURE_LOST = "CAPTURE_LOST"
    SECOND_PAYMENT = "SECOND_PAYMENT"
    REFUND_FAILING = "REFUND_FAILING"
    LIST_DIFFERS = "LIST_DIFFERS"


@dataclass(frozen=True, slots=True)
class PaymentAuthorized:
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentConfirmed:
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentExpired:
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentCancelled:
    attempt: int


@dataclass(frozen=True, slots=True)
class PaymentQuarantined:
    """A contradiction. `reported` is the amount that the provider names, when it is readable.

    `taken` says that the provider took it: it goes on the books, and back in full.
    """

    cause: Cause
    attempt: int | None
    pos_id: str
    provider_order_id: str
    ext_order_id: str
    reported: Money | None
    taken: bool = False


@dataclass(frozen=True, slots=True)
class RefundCompleted:
    refund: Refund


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """It is tried again by itself. `failure_code` is the provider's word."""

    refund: Refund
    failure_code: str


Event = (
    PaymentAuthorized
    | PaymentConfirmed
    | PaymentFailed
    | PaymentExpired
    | PaymentCancelled
    | PaymentQuarantined
    | RefundCompleted
    | RefundFailed
)
