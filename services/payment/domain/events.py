"""What payment tells the other services."""

from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money


class Cause(StrEnum):
    """Why something was put aside for a person."""

    WRONG_AMOUNT = "WRONG_AMOUNT"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    CAPTURED_WITHOUT_GRANT = "CAPTURED_WITHOUT_GRANT"
    # The provider let a granted authorisation lapse: the seats are sold and the money is not there.
    CAPTURE_LOST = "CAPTURE_LOST"


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
    """A contradiction. `reported` is the amount that the provider names, when it is readable."""

    cause: Cause
    attempt: int | None
    pos_id: str
    provider_order_id: str
    ext_order_id: str
    reported: Money | None


Event = (
    PaymentAuthorized
    | PaymentConfirmed
    | PaymentFailed
    | PaymentExpired
    | PaymentCancelled
    | PaymentQuarantined
)
