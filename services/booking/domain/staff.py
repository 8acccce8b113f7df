"""A member of staff who acts for a cinema."""

from dataclasses import dataclass

from services.booking.domain.errors import WrongCinemaError

EVERY_CINEMA = "*"


@dataclass(frozen=True, slots=True)
class Staff:
    """Who of the staff acts: ID, roles, the cinemas of the token, the call's request ID."""

    id: str
    roles: tuple[str, ...]
    cinemas: frozenset[str]
    request_id: str

    def must_act_for(self, cinema_id: str) -> None:
        """Raise WRONG_CINEMA unless the token names the cinema."""
        if cinema_id not in self.cinemas and EVERY_CINEMA not in self.cinemas:
            raise WrongCinemaError(cinema_id)
