"""Refusals: what the system says when it will not do something.

A refusal is an exception derived from `DomainError`. It names its kind (which becomes the status
code), its reason (the machine-readable word of the error table) and its numbers (the metadata).
Anything else that is raised is a bug and reaches the client as INTERNAL without a word about why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

COMMON_DOMAIN = "cinema"


class ErrorKind(StrEnum):
    """What sort of refusal it is: the canonical status codes that we use on purpose."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of the request that breaks a rule, by its path such as `tickets[0].count`."""

    field: str
    description: str


class DomainError(Exception):
    """A refusal that the client may read.

    `message` is for people, `reason` with `metadata` for programs. Metadata values become
    strings; never put secrets or personal data in. `violations` name fields or things that stood
    in the way; `retry_after_ms` says when asking again makes sense.
    """

    kind: ClassVar[ErrorKind]
    reason: ClassVar[str]
    # None: the domain of the service that answers, such as `booking.cinema`.
    domain: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        violations: Sequence[FieldViolation] = (),
        retry_after_ms: int | None = None,
        **metadata: str | int | UUID,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.violations = tuple(violations)
        self.retry_after_ms = retry_after_ms
        self.metadata = {key: str(value) for key, value in metadata.items()}


class RepeatedRequest(Exception):  # noqa: N818 - not a failure: the answer is already known.
    """The request was answered before; `answer` holds the bytes of that answer.

    Raised by claiming a request ID inside the transaction, so that the use case stops there. The
    server sends the bytes as they are.
    """

    def __init__(self, answer: bytes) -> None:
        super().__init__("The request was answered before.")
        self.answer = answer


class InvalidRequestError(DomainError):
    """At least one field breaks its rule."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_FIELD"
    domain = COMMON_DOMAIN

    def __init__(self, *violations: FieldViolation) -> None:
        fields = ", ".join(violation.field or "(request)" for violation in violations[:5])
        super().__init__(f"The request is not valid: {fields}.", violations=violations)


class UndecodableRequestError(DomainError):
    """The bytes are not a message of the request's type."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNDECODABLE_REQUEST"
    domain = COMMON_DOMAIN

    def __init__(self) -> None:
        super().__init__("The request could not be decoded.")


class UnauthenticatedError(DomainError):
    """No token, or one that is not valid here."""

    kind = ErrorKind.UNAUTHENTICATED
    reason = "UNAUTHENTICATED"
    domain = COMMON_DOMAIN

    def __init__(self, message: str = "This call needs a valid token.") -> None:
        super().__init__(message)


class TokenExpiredError(DomainError):
    """The token was valid and is no longer."""

    kind = ErrorKind.UNAUTHENTICATED
    reason = "TOKEN_EXPIRED"
    domain = COMMON_DOMAIN

    def __init__(self) -> None:
        super().__init__("The token has expired.")


class PermissionDeniedError(DomainError):
    """The caller may not do this, whatever exists."""

    kind = ErrorKind.PERMISSION_DENIED
    reason = "PERMISSION_DENIED"
    domain = COMMON_DOMAIN

    def __init__(self) -> None:
        super().__init__("The caller may not make this call.")


class RequestIdReusedError(DomainError):
    """The request ID was used with another body."""

    kind = ErrorKind.ALREADY_EXISTS
    reason = "REQUEST_ID_REUSED"
    domain = COMMON_DOMAIN

    def __init__(self, request_id: UUID) -> None:
        super().__init__(
            f"Request ID {request_id} was used for another request.", request_id=request_id
        )


class RequestInProgressError(DomainError):
    """The same request is being worked on."""

    kind = ErrorKind.ABORTED
    reason = "REQUEST_IN_PROGRESS"
    domain = COMMON_DOMAIN

    def __init__(self, request_id: UUID, *, retry_after_ms: int = 500) -> None:
        super().__init__(
            f"Request {request_id} is being worked on.",
            retry_after_ms=retry_after_ms,
            request_id=request_id,
        )


class ConcurrentChangeError(DomainError):
    """Somebody else changed the same thing at the same time; `etag` is the fresh one, if any."""

    kind = ErrorKind.ABORTED
    reason = "CONCURRENT_CHANGE"
    domain = COMMON_DOMAIN

    def __init__(self, *, etag: str = "") -> None:
        super().__init__("The same thing was changed at the same time; read it and try again.")
        if etag:
            self.metadata["etag"] = etag


class OverloadedError(DomainError):
    """More calls are in flight than are worked on."""

    kind = ErrorKind.UNAVAILABLE
    reason = "OVERLOADED"
    domain = COMMON_DOMAIN

    def __init__(self, *, retry_after_ms: int = 500) -> None:
        super().__init__("Too much to do; try again later.", retry_after_ms=retry_after_ms)


class DependencyUnavailableError(DomainError):
    """Something that this service needs (`database`, `payment`, ...) does not answer.

    Whether the dependency did the work is unknown: repeat with the same request ID or key.
    """

    kind = ErrorKind.UNAVAILABLE
    reason = "DEPENDENCY_UNAVAILABLE"
    domain = COMMON_DOMAIN

    def __init__(self, dependency: str, *, retry_after_ms: int = 1_000) -> None:
        super().__init__(
            "Something this call needs does not answer; try again later.",
            retry_after_ms=retry_after_ms,
            dependency=dependency,
        )


class DeadlineTooShortError(DomainError):
    """The deadline leaves, or left, too little time."""

    kind = ErrorKind.DEADLINE_EXCEEDED
    reason = "DEADLINE_TOO_SHORT"
    domain = COMMON_DOMAIN

    def __init__(self, message: str = "The deadline leaves too little time.") -> None:
        super().__init__(message)


class InvalidPageTokenError(DomainError):
    """The page token is not one of this listing with these arguments."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "INVALID_PAGE_TOKEN"
    domain = COMMON_DOMAIN

    def __init__(self) -> None:
        super().__init__("The page token does not belong to this listing with these arguments.")


class TooManyRequestsError(DomainError):
    """The caller asks more often than is allowed."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_REQUESTS"
    domain = COMMON_DOMAIN

    def __init__(self, *, retry_after_ms: int) -> None:
        super().__init__("Too many requests; try again later.", retry_after_ms=retry_after_ms)


class ReaderTooSlowError(DomainError):
    """A stream is read more slowly than it is written: it is cut off, nothing piles up."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "READER_TOO_SLOW"
    domain = COMMON_DOMAIN

    def __init__(self, *, retry_after_ms: int = 1_000) -> None:
        super().__init__(
            "The stream is not read fast enough; call again from the last message that was read.",
            retry_after_ms=retry_after_ms,
        )


def refusals_of(package: str) -> Iterator[type[DomainError]]:
    """All refusals whose class lives under `package`, such as `services.booking`."""
    pending = DomainError.__subclasses__()
    while pending:
        error = pending.pop()
        pending.extend(error.__subclasses__())
        if f"{error.__module__}.".startswith(f"{package}.") and hasattr(error, "reason"):
            yield error
