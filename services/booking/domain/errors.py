"""Refusals of the seats: screenings, seat maps, holds and sessions."""

from collections.abc import Sequence
from uuid import UUID

from services.common.errors import DomainError, ErrorKind, FieldViolation


class ScreeningNotFoundError(DomainError):
    """Catalog knows no such screening."""

    kind = ErrorKind.NOT_FOUND
    reason = "SCREENING_NOT_FOUND"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(f"There is no screening {screening_id}.", screening_id=screening_id)


class NotSoldOnlineError(DomainError):
    """The screening's seats are not sold online; `not_sold_reason` says why."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "NOT_SOLD_ONLINE"

    def __init__(self, screening_id: UUID, not_sold_reason: str) -> None:
        super().__init__(
            "Seats of this screening are not sold online.",
            screening_id=screening_id,
            not_sold_reason=not_sold_reason,
        )


class SalesClosedError(DomainError):
    """Sales have not begun, or are over."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SALES_CLOSED"

    def __init__(self, screening_id: UUID) -> None:
        super().__init__(
            "Sales of this screening have not begun or are over.", screening_id=screening_id
        )


class SalesPausedError(DomainError):
    """What is known of the screening is too old to sell by."""

    kind = ErrorKind.UNAVAILABLE
    reason = "SALES_PAUSED"

    def __init__(self, *, retry_after_ms: int = 2_000) -> None:
        super().__init__("Sales are paused; try again later.", retry_after_ms=retry_after_ms)


class ChoiceRefusedError(DomainError):
    """The seats that were chosen cannot be had as the board is."""

    kind = ErrorKind.FAILED_PRECONDITION


class SeatUnavailableError(ChoiceRefusedError):
    """Seats are not free; a violation names each one with its state."""

    reason = "SEAT_UNAVAILABLE"

    def __init__(self, states: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            "Seats are not free any more.",
            violations=[FieldViolation(seat_id, state) for seat_id, state in states],
            seat_ids=",".join(seat_id for seat_id, _ in states),
        )


class SingleSeatLeftError(ChoiceRefusedError):
    """The choice would leave free seats alone; a violation names each, and where it would be."""

    reason = "SINGLE_SEAT_LEFT"

    def __init__(self, singles: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            "A single seat would be left free beside the chosen ones.",
            violations=[FieldViolation(seat_id, where) for seat_id, where in singles],
            seat_ids=",".join(seat_id for seat_id, _ in singles),
        )


class SeatNotSoldAloneError(ChoiceRefusedError):
    """Chosen seats are not sold without others; a violation names each, and why."""

    reason = "SEAT_NOT_SOLD_ALONE"

    def __init__(self, lone: Sequence[tuple[str, str]], missing: Sequence[str]) -> None:
        super().__init__(
            "Seats are not sold without those that belong to them.",
            violations=[FieldViolation(seat_id, lack) for seat_id, lack in lone],
            seat_ids=",".join(seat_id for seat_id, _ in lone),
            missing_seat_ids=",".join(missing),
        )


class NotEnoughSeatsError(ChoiceRefusedError):
    """So many seats of the kind are not left where they were wanted."""

    reason = "NOT_ENOUGH_SEATS"

    def __init__(self, count: int) -> None:
        super().__init__(f"There are no {count} such seats left.", count=count)


class UnknownSeatError(DomainError):
    """The screening's plan has no such seat."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNKNOWN_SEAT"

    def __init__(self, seat_id: str) -> None:
        super().__init__("The seat plan has no such seat.", seat_id=seat_id)


class UnknownTicketTypeError(DomainError):
    """The screening has no price for the ticket type."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNKNOWN_TICKET_TYPE"

    def __init__(self, ticket_type: str) -> None:
        super().__init__("There is no price for this ticket type.", ticket_type=ticket_type)


class SeatsDoNotMatchTicketsError(DomainError):
    """There are not as many tickets as seats."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "SEATS_DO_NOT_MATCH_TICKETS"

    def __init__(self, *, seats: int, tickets: int) -> None:
        super().__init__(
            f"{seats} seats do not match {tickets} tickets.", seats=seats, tickets=tickets
        )


class TooManyTicketsError(DomainError):
    """More tickets of one type than one transaction may have."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TOO_MANY_TICKETS"

    def __init__(self, ticket_type: str, max_tickets_per_type: int) -> None:
        super().__init__(
            f"At most {max_tickets_per_type} tickets of one type.",
            ticket_type=ticket_type,
            max_tickets_per_type=max_tickets_per_type,
        )


class OrderTooLargeError(DomainError):
    """More tickets of all types together than one transaction may have."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "ORDER_TOO_LARGE"

    def __init__(self, max_tickets_per_order: int) -> None:
        super().__init__(
            f"At most {max_tickets_per_order} tickets at a time.",
            max_tickets_per_order=max_tickets_per_order,
        )


class PackageNeedsOneAreaError(DomainError):
    """The seats of a package lie in more than one area."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PACKAGE_NEEDS_ONE_AREA"

    def __init__(self, ticket_type: str, seat_id: str) -> None:
        super().__init__(
            "All seats of a package lie in one area.", ticket_type=ticket_type, seat_id=seat_id
        )


class TicketsNotChosenError(DomainError):
    """Seats are held without ticket types, and an order needs them."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "TICKETS_NOT_CHOSEN"

    def __init__(self, hold_id: UUID) -> None:
        super().__init__("Ticket types were not chosen for all seats.", hold_id=hold_id)


class PromotionNotAcceptedError(DomainError):
    """The promotion code is unknown, not in force or not for the screening."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "PROMOTION_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("The promotion code is not accepted for this screening.")


class HoldNotFoundError(DomainError):
    """No such hold, or somebody else's."""

    kind = ErrorKind.NOT_FOUND
    reason = "HOLD_NOT_FOUND"

    def __init__(self, hold_id: UUID) -> None:
        super().__init__(f"There is no hold {hold_id}.", hold_id=hold_id)


class HoldExpiredError(DomainError):
    """The hold's deadline is over, or it was given back."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "HOLD_EXPIRED"

    def __init__(self, hold_id: UUID) -> None:
        super().__init__(f"Hold {hold_id} has expired.", hold_id=hold_id)


class HoldHasOrderError(DomainError):
    """An order was placed for the hold already."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "HOLD_HAS_ORDER"

    def __init__(self, hold_id: UUID, order_id: UUID) -> None:
        super().__init__(
            f"Hold {hold_id} has an order already.", hold_id=hold_id, order_id=order_id
        )


class TooManySessionsError(DomainError):
    """One address starts sessions faster than is allowed."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_SESSIONS"

    def __init__(self, *, retry_after_ms: int) -> None:
        super().__init__("Too many sessions from one address.", retry_after_ms=retry_after_ms)


class SeatMapBehindError(DomainError):
    """The map has not reached the revision that was asked for."""

    kind = ErrorKind.UNAVAILABLE
    reason = "SEAT_MAP_BEHIND"

    def __init__(self, *, retry_after_ms: int = 100) -> None:
        super().__init__(
            "The seat map has not reached this revision yet.", retry_after_ms=retry_after_ms
        )


class WrongCinemaError(DomainError):
    """The token of a member of staff does not name the cinema."""

    kind = ErrorKind.PERMISSION_DENIED
    reason = "WRONG_CINEMA"

    def __init__(self, cinema_id: str) -> None:
        super().__init__(f"The caller may not act for cinema {cinema_id}.", cinema_id=cinema_id)
