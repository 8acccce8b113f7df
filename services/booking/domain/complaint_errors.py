"""Refusals of complaints and comments."""

from uuid import UUID

from services.common.errors import DomainError, ErrorKind

# Answers to complaints take days.
A_DAY_MS = 24 * 3_600_000


class OrderNumberUnknownError(DomainError):
    """No order has the number, or it is somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "ORDER_NUMBER_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("There is no order with this number.")


class ComplaintNotFoundError(DomainError):
    """No such complaint, or somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "COMPLAINT_NOT_FOUND"

    def __init__(self, complaint_id: UUID) -> None:
        super().__init__(f"There is no complaint {complaint_id}.", complaint_id=complaint_id)


class ComplaintAlreadyAnsweredError(DomainError):
    """A complaint is answered once."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "COMPLAINT_ALREADY_ANSWERED"

    def __init__(self, complaint_id: UUID) -> None:
        super().__init__("The complaint has been answered.", complaint_id=complaint_id)


class TooManyComplaintsError(DomainError):
    """So many complaints about one order, or comments of one caller, are not taken."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_COMPLAINTS"

    def __init__(self, *, retry_after_ms: int = A_DAY_MS) -> None:
        super().__init__(
            "Too many complaints or comments; wait for the answers.", retry_after_ms=retry_after_ms
        )
