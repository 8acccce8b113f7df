"""Refusals of what persons ask about their data."""

from collections.abc import Sequence

from services.common.errors import DomainError, ErrorKind


class ErasureBlockedError(DomainError):
    """Something that is under way needs the person's data."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ERASURE_BLOCKED"

    def __init__(self, blocked_by: Sequence[str]) -> None:
        names = ", ".join(blocked_by)
        super().__init__(
            f"Not while these are under way: {names}.", blocked_by=",".join(blocked_by)
        )
        self.blocked_by = tuple(blocked_by)


class LegalCapacityNotDeclaredError(DomainError):
    """A consent without the declaration is none."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "LEGAL_CAPACITY_NOT_DECLARED"

    def __init__(self) -> None:
        super().__init__("Who agrees must declare to have legal capacity.")
