"""Refusals of callers who hold too much, or too often."""

from services.common.errors import DomainError, ErrorKind


class TooManyHoldsError(DomainError):
    """The caller has as many live holds as one may have."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_HOLDS"

    def __init__(self, max_holds: int, *, retry_after_ms: int = 60_000) -> None:
        super().__init__(
            f"At most {max_holds} holds at a time.",
            retry_after_ms=retry_after_ms,
            max_holds=max_holds,
        )


class TooManySeatsHeldError(DomainError):
    """The caller would hold more seats of the screening than one may, in all live holds."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_SEATS_HELD"

    def __init__(self, max_seats: int, *, retry_after_ms: int = 60_000) -> None:
        super().__init__(
            f"At most {max_seats} seats of a screening at a time.",
            retry_after_ms=retry_after_ms,
            max_seats=max_seats,
        )


class HoldsReleasedTooOftenError(DomainError):
    """The caller has given back as many holds lately as one may."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "HOLDS_RELEASED_TOO_OFTEN"

    def __init__(self, max_holds: int, period_s: int) -> None:
        super().__init__(
            f"At most {max_holds} holds given back in {period_s} seconds.",
            retry_after_ms=1_000 * min(60, period_s),
            max_holds=max_holds,
            period_seconds=period_s,
        )
