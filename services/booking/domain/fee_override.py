"""The override that a service fee stays: two of the staff agree, once for each order."""

from dataclasses import dataclass
from uuid import UUID

from services.common.errors import DomainError, ErrorKind


@dataclass(frozen=True, slots=True)
class FeeOverride:
    """What one of the staff proposed, and who agreed; `approved_by` is "" until somebody does."""

    proposed_by: str
    reason: str
    approved_by: str = ""

    @property
    def is_agreed(self) -> bool:
        return self.approved_by != ""


class SecondPersonNeededError(DomainError):
    """Who proposed it cannot agree to it."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SECOND_PERSON_NEEDED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("Somebody else of the cinema's staff has to agree.", order_id=order_id)


class FeeAlreadyRefundedError(DomainError):
    """The fee is back already, or on its way."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "FEE_ALREADY_REFUNDED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("The service fee was given back already.", order_id=order_id)


class NoFeeToRefundError(DomainError):
    """The order has no tickets, or bore no fee that was paid in money online."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "NO_FEE_TO_REFUND"

    def __init__(self, order_id: UUID, state: str) -> None:
        super().__init__(
            "No service fee was paid for tickets of this order.", order_id=order_id, state=state
        )
