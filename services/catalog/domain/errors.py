"""The catalog's refusals."""

from services.common.errors import DomainError, ErrorKind


class ProgrammeUnreadableError(DomainError):
    """A programme feed is cut off or not in the feed's format; nothing of it may be stored."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "PROGRAMME_UNREADABLE"

    def __init__(self, why: str, *, at_character: int = 0) -> None:
        super().__init__(f"The programme cannot be read: {why}.", at_character=at_character)


class ProgrammeTooLargeError(DomainError):
    """A programme feed has more rows than one import takes; nothing of it may be stored."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "PROGRAMME_TOO_LARGE"

    def __init__(self, section: str, max_rows: int) -> None:
        super().__init__(
            f"The programme has more than {max_rows} rows of {section}.",
            section=section,
            max_rows=max_rows,
        )
