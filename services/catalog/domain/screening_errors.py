"""The refusals of films, halls and screenings."""

from uuid import UUID

from services.common.errors import DomainError, ErrorKind, FieldViolation


class HallNotFoundError(DomainError):
    """The cinema has no hall of this ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "HALL_NOT_FOUND"

    def __init__(self, hall_id: UUID) -> None:
        super().__init__(f"There is no hall {hall_id}.", hall_id=hall_id)


class FilmNotFoundError(DomainError):
    """No film has the ID, or none of the cinema's country."""

    kind = ErrorKind.NOT_FOUND
    reason = "FILM_NOT_FOUND"

    def __init__(self, film_id: UUID) -> None:
        super().__init__(f"There is no film {film_id}.", film_id=film_id)


class UnknownRatingError(DomainError):
    """The rating scheme of the country does not have the rating."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "UNKNOWN_RATING"

    def __init__(self, country_code: str, rating: str) -> None:
        super().__init__(
            f"The rating scheme of {country_code} does not have this rating.",
            violations=[FieldViolation("film.rating", "is not in the country's scheme")],
            country_code=country_code,
            rating=rating,
        )


class StartInPastError(DomainError):
    """A screening cannot start before now."""

    kind = ErrorKind.INVALID_ARGUMENT
    reason = "START_IN_PAST"

    def __init__(self) -> None:
        super().__init__(
            "The start lies in the past.",
            violations=[FieldViolation("start_time", "lies in the past")],
        )


class HallOccupiedError(DomainError):
    """Another screening is in the hall at that time."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "HALL_OCCUPIED"

    def __init__(self, screening_id: UUID, field: str) -> None:
        super().__init__(
            f"Screening {screening_id} is in the hall at that time.",
            violations=[FieldViolation(field, f"overlaps screening {screening_id}")],
            screening_id=screening_id,
        )


class ScreeningNotChangeableError(DomainError):
    """The screening was called off or stopped, or it has begun."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SCREENING_NOT_CHANGEABLE"

    def __init__(self, screening_id: UUID, state: str) -> None:
        super().__init__(
            f"Screening {screening_id} can no longer be changed like this.",
            screening_id=screening_id,
            state=state,
        )


class ScreeningHasOrdersError(DomainError):
    """Seats are sold or being paid, and the other hall has no plan to seat anybody by."""

    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SCREENING_HAS_ORDERS"

    def __init__(self, screening_id: UUID, orders: int) -> None:
        super().__init__(
            f"Screening {screening_id} has {orders} orders.",
            screening_id=screening_id,
            orders=orders,
        )
