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

    @property
    def cinemas_or_all(self) -> frozenset[str] | None:
        """The cinemas that the token names; None for all."""
        return None if EVERY_CINEMA in self.cinemas else self.cinemas

    def acts_for(self, cinema_id: str) -> bool:
        """Whether the token names the cinema; "" is what belongs to none of them."""
        return cinema_id in self.cinemas or EVERY_CINEMA in self.cinemas

    def must_act_for(self, cinema_id: str) -> None:
        """Raise WRONG_CINEMA unless the token names the cinema."""
        if not self.acts_for(cinema_id):
            raise WrongCinemaError(cinema_id)
