"""Refusals of remedies."""

from uuid import UUID

from services.common.errors import DomainError, ErrorKind


class RemedyAlreadyGivenError(DomainError):
    """A remedy was asked for already: given, under way, waiting for approval, or declined."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REMEDY_ALREADY_GIVEN"

    def __init__(self, order_id: UUID, remedy_id: UUID, state: str) -> None:
        super().__init__(
            f"A remedy was asked for already; it is {state}.",
            order_id=order_id,
            remedy_id=remedy_id,
            state=state,
        )


class RemedyAtBoxOfficeError(DomainError):
    """A guest of the web site asks at the box office of the cinema, with a ticket."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REMEDY_AT_BOX_OFFICE"

    def __init__(self, order_id: UUID, cinema_id: str) -> None:
        super().__init__(
            "Without an account a remedy is given at the cinema's box office, for a ticket.",
            order_id=order_id,
            cinema_id=cinema_id,
        )


class RemedyKindNotOfferedError(DomainError):
    """Something else is due than was asked for, and the terms leave no choice."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REMEDY_KIND_NOT_OFFERED"

    def __init__(self, order_id: UUID, due_kind: str) -> None:
        super().__init__(f"What is due is {due_kind}.", order_id=order_id, due_kind=due_kind)


class TicketNotPresentedError(DomainError):
    """The code that was scanned is none of the order's tickets."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TICKET_NOT_PRESENTED"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("The code is not that of a ticket of the order.", order_id=order_id)


class RemedyNotAwaitingError(DomainError):
    """No remedy of the order waits for approval."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "REMEDY_NOT_AWAITING_APPROVAL"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("No remedy of the order waits for approval.", order_id=order_id)
