"""The refusals of payment."""

from collections.abc import Sequence
from uuid import UUID

from services.common.errors import DomainError, ErrorKind
from services.common.money import Money


class PaymentNotFoundError(DomainError):
    """No payment of this owner has the reference; a foreign one looks the same."""

    kind = ErrorKind.NOT_FOUND
    reason = "PAYMENT_NOT_FOUND"

    def __init__(self, reference_id: UUID) -> None:
        super().__init__(f"There is no payment for {reference_id}.", reference_id=reference_id)


class ProviderUnavailableError(DomainError):
    """The provider does not answer; nothing was left there that could be paid."""

    kind = ErrorKind.UNAVAILABLE
    reason = "PROVIDER_UNAVAILABLE"

    def __init__(self, currency: str, *, retry_after_ms: int) -> None:
        super().__init__(
            "The payment provider does not answer; try again later.",
            retry_after_ms=retry_after_ms,
            currency_code=currency,
        )


class CurrencyNotSupportedError(DomainError):
    """No point of sale takes the currency."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CURRENCY_NOT_SUPPORTED"

    def __init__(self, currency: str) -> None:
        super().__init__(f"Payments in {currency} are not taken.", currency_code=currency)


class AttemptStillOpenError(DomainError):
    """An earlier attempt could still win; `attempt` is its number."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ATTEMPT_STILL_OPEN"

    def __init__(self, reference_id: UUID, attempt: int) -> None:
        super().__init__(
            f"Attempt {attempt} for {reference_id} is still open.",
            reference_id=reference_id,
            attempt=attempt,
        )


class AttemptDiffersError(DomainError):
    """The attempt exists with another amount, or its number was passed by a later one."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "ATTEMPT_DIFFERS"

    def __init__(self, reference_id: UUID, attempt: int) -> None:
        super().__init__(
            f"Attempt {attempt} for {reference_id} is another one.",
            reference_id=reference_id,
            attempt=attempt,
        )


class PaymentClosedError(DomainError):
    """The payment is captured (or on its way to be), or was cancelled."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PAYMENT_CLOSED"

    def __init__(self, reference_id: UUID, state: str) -> None:
        super().__init__(
            f"The payment for {reference_id} is {state}.", reference_id=reference_id, state=state
        )


class PaymentNotAuthorizedError(DomainError):
    """The attempt is not authorised, or its owner has not granted it."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PAYMENT_NOT_AUTHORIZED"

    def __init__(self, reference_id: UUID, attempt: int) -> None:
        super().__init__(
            f"Attempt {attempt} for {reference_id} is not authorised and granted.",
            reference_id=reference_id,
            attempt=attempt,
        )


class PaymentAuthorizedError(DomainError):
    """Somebody has authorised the payment, and its owner has not decided about it yet."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PAYMENT_AUTHORIZED"

    def __init__(self, reference_id: UUID, attempt: int) -> None:
        super().__init__(
            f"Attempt {attempt} for {reference_id} is authorised and awaits a decision.",
            reference_id=reference_id,
            attempt=attempt,
        )


class BudgetExceededError(DomainError):
    """Refunds and conversions would pass what was captured."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "BUDGET_EXCEEDED"

    def __init__(self, reference_id: UUID, remaining: Money) -> None:
        super().__init__(
            f"Only {remaining} are left of the payment for {reference_id}.",
            reference_id=reference_id,
            remaining_minor_units=remaining.minor_units,
        )


class AmountNotPositiveError(DomainError):
    """The amount must be more than zero."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "AMOUNT_NOT_POSITIVE"

    def __init__(self, minor_units: int) -> None:
        super().__init__("The amount must be more than zero.", minor_units=minor_units)


class RefundNotFoundError(DomainError):
    """No refund of this owner has the ID; a foreign one looks the same."""

    kind = ErrorKind.NOT_FOUND
    reason = "REFUND_NOT_FOUND"

    def __init__(self, refund_id: UUID) -> None:
        super().__init__(f"There is no refund {refund_id}.", refund_id=refund_id)


class RefundDiffersError(DomainError):
    """The refund exists with another amount, or of another payment."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "REFUND_DIFFERS"

    def __init__(self, refund_id: UUID) -> None:
        super().__init__(f"Refund {refund_id} is another one.", refund_id=refund_id)


class ExceptionNotFoundError(DomainError):
    """No exception has the ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "EXCEPTION_NOT_FOUND"

    def __init__(self, exception_id: UUID) -> None:
        super().__init__(f"There is no exception {exception_id}.", exception_id=exception_id)


class RepairNotOfferedError(DomainError):
    """The exception does not offer the repair."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REPAIR_NOT_OFFERED"

    def __init__(self, exception_id: UUID, repair: str) -> None:
        super().__init__(
            f"Exception {exception_id} does not offer {repair}.",
            exception_id=exception_id,
            repair=repair,
        )


class ErasureBlockedError(DomainError):
    """Something that is under way needs the buyer's data."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ERASURE_BLOCKED"

    def __init__(self, blocked_by: Sequence[str]) -> None:
        names = ", ".join(blocked_by)
        super().__init__(
            f"Not while these are under way: {names}.", blocked_by=",".join(blocked_by)
        )
