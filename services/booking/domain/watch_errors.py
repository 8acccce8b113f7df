"""Refusals of those who want to watch."""

from services.common.errors import DomainError, ErrorKind


class TooManyWatchersError(DomainError):
    """As many watch already as may: of one caller, of one address, or one screening or order."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_WATCHERS"

    def __init__(self, scope: str, max_watchers: int, *, retry_after_ms: int = 5_000) -> None:
        super().__init__(
            f"At most {max_watchers} streams at a time.",
            retry_after_ms=retry_after_ms,
            scope=scope,
            max_watchers=max_watchers,
        )
