"""Wallet's refusals."""

from collections.abc import Sequence
from uuid import UUID

from services.common.errors import DomainError, ErrorKind


class CardNotAcceptedError(DomainError):
    """The one answer to every failed registration: it tells nothing about the card."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CARD_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The card could not be registered.")


class TooManyAttemptsError(DomainError):
    """Too many codes were tried."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_ATTEMPTS"

    def __init__(self, *, retry_after_ms: int) -> None:
        super().__init__("Too many attempts; try again later.", retry_after_ms=retry_after_ms)


class CardNotFoundError(DomainError):
    """No such card, or somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "CARD_NOT_FOUND"

    def __init__(self, card_id: UUID) -> None:
        super().__init__(f"There is no card {card_id} in this wallet.", card_id=card_id)


class PlaceNotEligibleError(DomainError):
    """A card cannot pay a seat."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PLACE_NOT_ELIGIBLE"

    def __init__(self, card_id: UUID, seat_id: str, ineligible_reason: str) -> None:
        super().__init__(
            f"Card {card_id} cannot pay seat {seat_id}.",
            card_id=card_id,
            seat_id=seat_id,
            ineligible_reason=ineligible_reason,
        )


class _ReservationError(DomainError):
    """Something about one leg of an order, named in the metadata."""

    def __init__(self, message: str, order_id: UUID, leg: str, attempt: int) -> None:
        super().__init__(message, order_id=order_id, leg=leg, attempt=attempt)


class ReservationNotFoundError(_ReservationError):
    """Nothing is reserved under this key."""

    kind = ErrorKind.NOT_FOUND
    reason = "RESERVATION_NOT_FOUND"

    def __init__(self, order_id: UUID, leg: str, attempt: int) -> None:
        super().__init__("Nothing is reserved under this key.", order_id, leg, attempt)


class ReservationReleasedError(_ReservationError):
    """The key was released before: nothing can be reserved or used under it any more."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "RESERVATION_RELEASED"

    def __init__(self, order_id: UUID, leg: str, attempt: int) -> None:
        super().__init__("The reservation was released.", order_id, leg, attempt)


class ReservationNotCapturedError(_ReservationError):
    """Only used places can be given back."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "RESERVATION_NOT_CAPTURED"

    def __init__(self, order_id: UUID, leg: str, attempt: int) -> None:
        super().__init__("The places were not used.", order_id, leg, attempt)


class ReservationDiffersError(_ReservationError):
    """The key reserves something else."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "RESERVATION_DIFFERS"

    def __init__(self, order_id: UUID, leg: str, attempt: int) -> None:
        super().__init__("Something else is reserved under this key.", order_id, leg, attempt)


class ProductNotFoundError(DomainError):
    """No product has this code."""

    kind = ErrorKind.NOT_FOUND
    reason = "PRODUCT_NOT_FOUND"

    def __init__(self, product_code: str) -> None:
        super().__init__(f"There is no card product {product_code}.", product_code=product_code)


class BatchNotFoundError(DomainError):
    """No batch has this ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "BATCH_NOT_FOUND"

    def __init__(self, batch_id: UUID) -> None:
        super().__init__(f"There is no batch {batch_id}.", batch_id=batch_id)


class InsufficientPointsError(DomainError):
    """There are fewer points than are needed."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "INSUFFICIENT_POINTS"

    def __init__(self, points_needed: int, points_available: int) -> None:
        super().__init__(
            f"{points_needed} points are needed, and {points_available} are there.",
            points_needed=points_needed,
            points_available=points_available,
        )


class VoucherNotAcceptedError(DomainError):
    """The one answer to every voucher that cannot pay: it tells nothing about the voucher."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "VOUCHER_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The voucher cannot pay this.")


class VoucherNotFoundError(DomainError):
    """No voucher has this code or ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "VOUCHER_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such voucher.")


class InvalidDateError(DomainError):
    """The date is not in the calendar."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_DATE"

    def __init__(self, date: str) -> None:
        super().__init__(f"{date} is not in the calendar.", date=date)


class ErasureBlockedError(DomainError):
    """Something that is under way needs the person's data."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ERASURE_BLOCKED"

    def __init__(self, blocked_by: Sequence[str]) -> None:
        names = ", ".join(blocked_by)
        super().__init__(
            f"Not while these are under way: {names}.", blocked_by=",".join(blocked_by)
        )
