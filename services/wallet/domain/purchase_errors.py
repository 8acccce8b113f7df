"""Refusals about buying cards."""

from uuid import UUID

from services.common.errors import DomainError, ErrorKind


class PurchaseNotFoundError(DomainError):
    """No such purchase, or somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "PURCHASE_NOT_FOUND"

    def __init__(self, purchase_id: UUID) -> None:
        super().__init__(f"There is no purchase {purchase_id}.", purchase_id=purchase_id)


class ConditionsOutdatedError(DomainError):
    """Other conditions of use are in force."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CONDITIONS_OUTDATED"

    def __init__(self, conditions_version: str) -> None:
        super().__init__(
            "Other conditions of use are in force.", conditions_version=conditions_version
        )


class CardUsedError(DomainError):
    """A place of the card is used or reserved."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CARD_USED"

    def __init__(self, card_id: UUID) -> None:
        super().__init__("A place of the card is used or reserved.", card_id=card_id)


class WithdrawalPeriodOverError(DomainError):
    """The card can no longer be given back."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "WITHDRAWAL_PERIOD_OVER"

    def __init__(self, purchase_id: UUID) -> None:
        super().__init__("The card can no longer be given back.", purchase_id=purchase_id)


class PurchaseNotPaidError(DomainError):
    """There is no money to give back."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PURCHASE_NOT_PAID"

    def __init__(self, purchase_id: UUID, state: str) -> None:
        super().__init__(f"The purchase is {state}.", purchase_id=purchase_id, state=state)


class ProviderUnavailableError(DomainError):
    """The payment provider does not answer."""

    kind = ErrorKind.UNAVAILABLE
    reason = "PROVIDER_UNAVAILABLE"

    def __init__(self, *, retry_after_ms: int) -> None:
        super().__init__("Paying is not possible just now.", retry_after_ms=retry_after_ms)


class CurrencyNotSupportedError(DomainError):
    """No point of sale takes the currency."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CURRENCY_NOT_SUPPORTED"

    def __init__(self, currency_code: str) -> None:
        super().__init__(
            f"{currency_code} cannot be paid online here.", currency_code=currency_code
        )
