"""The catalog's refusals."""

from collections.abc import Sequence
from uuid import UUID

from services.common.errors import DomainError, ErrorKind, FieldViolation

MAX_SEAT_PLAN_VIOLATIONS = 20


class UnreadableFeedError(DomainError):
    """A programme feed is cut off or not in the feed's format; nothing of it may be stored."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNREADABLE_FEED"

    def __init__(self, why: str, *, position_bytes: int = 0) -> None:
        super().__init__(f"The programme cannot be read: {why}.", position_bytes=position_bytes)


class FeedTooLargeError(DomainError):
    """A file is larger than one import takes; nothing of it may be stored.

    The metadata names the limit that was passed: `limit_bytes` or `limit_rows`.
    """

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "FEED_TOO_LARGE"

    def __init__(self, *, limit_bytes: int | None = None, limit_rows: int | None = None) -> None:
        if limit_bytes is not None:
            super().__init__(
                f"The file is over {limit_bytes} bytes.",
                violations=[FieldViolation("chunk", f"is over {limit_bytes} bytes in all")],
                limit_bytes=limit_bytes,
            )
        elif limit_rows is not None:
            super().__init__(f"A list is over {limit_rows} rows.", limit_rows=limit_rows)
        else:
            raise ValueError("name the limit")


class CinemaNotFoundError(DomainError):
    """No cinema has the ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "CINEMA_NOT_FOUND"

    def __init__(self, cinema_id: str) -> None:
        super().__init__(f"There is no cinema {cinema_id}.", cinema_id=cinema_id)


class ScreeningNotFoundError(DomainError):
    """No screening has the ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "SCREENING_NOT_FOUND"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(f"There is no screening {screening_id}.", screening_id=screening_id)


class SeatPlanNotFoundError(DomainError):
    """No seat plan has the ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "SEAT_PLAN_NOT_FOUND"

    def __init__(self, seat_plan_id: UUID) -> None:
        super().__init__(f"There is no seat plan {seat_plan_id}.", seat_plan_id=seat_plan_id)


class TermsNotFoundError(DomainError):
    """The policy has no terms in force, or not this version of them."""

    kind = ErrorKind.NOT_FOUND
    reason = "TERMS_NOT_FOUND"

    def __init__(self, policy_code: str) -> None:
        super().__init__(f"There are no such terms of {policy_code}.", policy_code=policy_code)


class NoPricesError(DomainError):
    """No price list in force covers the screening."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "NO_PRICES"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(
            f"There are no prices for screening {screening_id}.", screening_id=screening_id
        )


class PromotionNotAcceptedError(DomainError):
    """The code is unknown, not in force, or not for this screening: one answer for all three."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PROMOTION_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The promotion code is not accepted for this screening.")


class PromotionNotFoundError(DomainError):
    """No promotion has the ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "PROMOTION_NOT_FOUND"

    def __init__(self, promotion_id: UUID) -> None:
        super().__init__(f"There is no promotion {promotion_id}.", promotion_id=promotion_id)


class RegulationsExistError(DomainError):
    """The version of a promotion's regulations exists with another text."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "REGULATIONS_EXIST"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Version {version} of the regulations exists with another text.",
            regulations_version=version,
        )


class PriceListNotFoundError(DomainError):
    """The cinema has no price list of this ID, or none at that time."""

    kind = ErrorKind.NOT_FOUND
    reason = "PRICE_LIST_NOT_FOUND"

    def __init__(self, cinema_id: str) -> None:
        super().__init__(f"There is no such price list of {cinema_id}.", cinema_id=cinema_id)


class WrongCinemaError(DomainError):
    """The caller's token does not name the cinema."""

    kind = ErrorKind.PERMISSION_DENIED
    reason = "WRONG_CINEMA"

    def __init__(self, cinema_id: str) -> None:
        super().__init__(f"The caller may not act for cinema {cinema_id}.", cinema_id=cinema_id)


class InvalidTimeZoneError(DomainError):
    """The time zone is not one of the IANA database."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_TIME_ZONE"

    def __init__(self, time_zone: str) -> None:
        super().__init__("There is no such time zone.", time_zone=time_zone)


class CurrencyInUseError(DomainError):
    """The cinema has prices in another currency."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "CURRENCY_IN_USE"

    def __init__(self, currency: str) -> None:
        super().__init__(f"The cinema has prices in {currency}.", currency_code=currency)


class InvalidSeatPlanError(DomainError):
    """The seat plan cannot be read, or contradicts itself; the violations name the places."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_SEAT_PLAN"

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        super().__init__(
            "The seat plan cannot be used.", violations=violations[:MAX_SEAT_PLAN_VIOLATIONS]
        )


class WrongCurrencyError(DomainError):
    """A price is not in the cinema's currency."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "WRONG_CURRENCY"

    def __init__(self, currency: str, violations: Sequence[FieldViolation] = ()) -> None:
        super().__init__(
            f"Every price of this cinema is in {currency}.",
            violations=violations,
            currency_code=currency,
        )


class NegativePriceError(DomainError):
    """A price is below zero."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "NEGATIVE_PRICE"

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        super().__init__("A price is below zero.", violations=violations)


class TermsExistError(DomainError):
    """The version exists with other content."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "TERMS_EXIST"

    def __init__(self, otc_version: str) -> None:
        super().__init__(
            f"Version {otc_version} exists with other content.", otc_version=otc_version
        )


class ScreeningNotRunningError(DomainError):
    """Only a screening that has started and not ended can be terminated."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SCREENING_NOT_RUNNING"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(f"Screening {screening_id} is not running.", screening_id=screening_id)


class InvalidDateError(DomainError):
    """The date is not in the calendar."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_DATE"

    def __init__(self, date: str) -> None:
        super().__init__("There is no such date.", date=date)
