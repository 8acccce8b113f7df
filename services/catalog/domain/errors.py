"""The catalog's refusals."""

from services.common.errors import DomainError, ErrorKind


class UnreadableFeedError(DomainError):
    """A programme feed is cut off or not in the feed's format; nothing of it may be stored."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNREADABLE_FEED"

    def __init__(self, why: str, *, position_bytes: int = 0) -> None:
        super().__init__(f"The programme cannot be read: {why}.", position_bytes=position_bytes)


class FeedTooLargeError(DomainError):
    """A programme feed is larger than one import takes; nothing of it may be stored.

    The metadata names the limit that was passed: `limit_bytes` or `limit_rows`.
    """

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "FEED_TOO_LARGE"

    def __init__(self, *, limit_bytes: int | None = None, limit_rows: int | None = None) -> None:
        if limit_bytes is not None:
            super().__init__(f"The file is over {limit_bytes} bytes.", limit_bytes=limit_bytes)
        elif limit_rows is not None:
            super().__init__(f"A list is over {limit_rows} rows.", limit_rows=limit_rows)
        else:
            raise ValueError("name the limit")
