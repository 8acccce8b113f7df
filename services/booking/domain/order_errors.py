"""Refusals of orders: placing, paying, giving up, giving back."""

from uuid import UUID

from services.common.errors import DomainError, ErrorKind

# What an order is told to be that cannot be cancelled, besides the names of its states.
GIVEN_BACK = "GIVEN_BACK"
DENIED_AT_THE_DOOR = "DENIED_AT_THE_DOOR"


class TermsNotAcceptedError(DomainError):
    """The customer did not tick that the terms are accepted."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TERMS_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The general and online terms were not accepted.")


class TermsOutdatedError(DomainError):
    """Other versions of the terms were accepted than the hold was made under."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TERMS_OUTDATED"

    def __init__(self, gtc_version: str, otc_version: str) -> None:
        super().__init__(
            "Another version of the terms is in force and must be accepted.",
            gtc_version=gtc_version,
            otc_version=otc_version,
        )


class TooLittleTimeError(DomainError):
    """The hold ends too soon to begin a payment."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TOO_LITTLE_TIME"

    def __init__(self, min_payment_seconds: int) -> None:
        super().__init__(
            f"A payment is not begun with less than {min_payment_seconds} seconds left.",
            min_payment_seconds=min_payment_seconds,
        )


class ScreeningChangedError(DomainError):
    """Date, time or hall moved since the seats were held."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SCREENING_CHANGED"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(
            "The screening has changed since the seats were held.", screening_id=screening_id
        )


class PlaceNotEligibleError(DomainError):
    """A place of the card cannot pay the seat."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PLACE_NOT_ELIGIBLE"

    def __init__(self, card_id: UUID, seat_id: str, ineligible_reason: str) -> None:
        super().__init__(
            f"The card cannot pay seat {seat_id}.",
            card_id=card_id,
            seat_id=seat_id,
            ineligible_reason=ineligible_reason,
        )


class CardNotFoundError(DomainError):
    """No such card in the caller's wallet."""

    kind = ErrorKind.NOT_FOUND
    reason = "CARD_NOT_FOUND"

    def __init__(self, card_id: UUID) -> None:
        super().__init__(f"There is no card {card_id} in the wallet.", card_id=card_id)


class ProviderUnavailableError(DomainError):
    """The payment provider does not answer."""

    kind = ErrorKind.UNAVAILABLE
    reason = "PROVIDER_UNAVAILABLE"

    def __init__(self, *, retry_after_ms: int = 5_000) -> None:
        super().__init__(
            "The payment provider does not answer; try again later.",
            retry_after_ms=retry_after_ms,
        )


class CurrencyNotSupportedError(DomainError):
    """No point of sale takes the cinema's currency."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CURRENCY_NOT_SUPPORTED"

    def __init__(self, currency_code: str) -> None:
        super().__init__(
            f"{currency_code} cannot be paid online here.", currency_code=currency_code
        )


class OrderNotFoundError(DomainError):
    """No such order, or somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "ORDER_NOT_FOUND"

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"There is no order {order_id}.", order_id=order_id)


class PaymentStillOpenError(DomainError):
    """The last attempt can still be paid."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PAYMENT_STILL_OPEN"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("The last payment attempt can still be paid.", order_id=order_id)


class OrderNotPayableError(DomainError):
    """The order does not wait for a payment."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ORDER_NOT_PAYABLE"

    def __init__(self, order_id: UUID, state: str) -> None:
        super().__init__(
            f"The order is {state} and cannot be paid.", order_id=order_id, state=state
        )


class OrderNotAbandonableError(DomainError):
    """The order can no longer be given up."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ORDER_NOT_ABANDONABLE"

    def __init__(self, order_id: UUID, state: str) -> None:
        super().__init__(
            f"The order is {state} and cannot be given up.", order_id=order_id, state=state
        )


class OrderNotCancellableError(DomainError):
    """The order cannot be cancelled, now or ever."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ORDER_NOT_CANCELLABLE"

    def __init__(self, order_id: UUID, state: str) -> None:
        super().__init__(
            f"The order is {state} and cannot be cancelled.", order_id=order_id, state=state
        )


class AlreadyAdmittedError(DomainError):
    """A ticket of the order has let somebody in."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ALREADY_ADMITTED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("A ticket of the order was used.", order_id=order_id)


class TooLateToCancelError(DomainError):
    """The screening begins too soon."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TOO_LATE_TO_CANCEL"

    def __init__(self, order_id: UUID, cancel_before_start_seconds: int) -> None:
        super().__init__(
            f"An order is cancelled {cancel_before_start_seconds} seconds before the start at"
            " the latest.",
            order_id=order_id,
            cancel_before_start_seconds=cancel_before_start_seconds,
        )


class WholeOrderOnlyError(DomainError):
    """A part of an order is never cancelled."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "WHOLE_ORDER_ONLY"

    def __init__(self, order_id: UUID, tickets: int) -> None:
        super().__init__(
            f"Only the whole order is cancelled, with all of its {tickets} tickets; say so.",
            order_id=order_id,
            tickets=tickets,
        )


class GuestCancelsAtBoxOfficeError(DomainError):
    """A guest of the web site cancels at the box office of the cinema, with the tickets."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "GUEST_CANCELS_AT_BOX_OFFICE"

    def __init__(self, order_id: UUID, cinema_id: str) -> None:
        super().__init__(
            "Without an account an order is cancelled at the cinema's box office, with the tickets.",
            order_id=order_id,
            cinema_id=cinema_id,
        )


class NoRemedyDueError(DomainError):
    """Nothing is to be given back for this order."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "NO_REMEDY_DUE"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("Nothing is to be given back for this order.", order_id=order_id)


class RemedyWindowClosedError(DomainError):
    """The days in which a remedy can be asked for are over."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REMEDY_WINDOW_CLOSED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("The time to ask for a remedy is over.", order_id=order_id)


class TenderSeatMismatchError(DomainError):
    """A place tender names a seat twice, or one that is not held."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "TENDER_SEAT_MISMATCH"

    def __init__(self, seat_id: str) -> None:
        super().__init__(f"Seat {seat_id} is not held, or is paid by two places.", seat_id=seat_id)


class VoucherNotAcceptedError(DomainError):
    """The one answer to every voucher that cannot pay."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "VOUCHER_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The voucher cannot pay this.")


class TooManyAttemptsError(DomainError):
    """Too many voucher codes were tried."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_ATTEMPTS"

    def __init__(self, *, retry_after_ms: int) -> None:
        super().__init__("Too many attempts; try again later.", retry_after_ms=retry_after_ms)


class AccountNeededError(DomainError):
    """Prepaid cards can pay only for a customer with an account."""

    kind = ErrorKind.PERMISSION_DENIED
    reason = "ACCOUNT_NEEDED"

    def __init__(self) -> None:
        super().__init__("Prepaid cards need an account.")
