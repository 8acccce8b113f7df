"""How much one caller may hold: bounds on greed, not rules of the terms."""

from dataclasses import dataclass

from services.booking.domain.caller_errors import (
    HoldsReleasedTooOftenError,
    TooManyHoldsError,
    TooManySeatsHeldError,
)


@dataclass(frozen=True, slots=True)
class CallerHolds:
    """How many holds a caller has: `live` ones without an order, and of these `here`.

    `here` is at the screening in question. `ordered` ones have an order and are before their
    deadline; `released` ones were made and given back lately.
    """

    live: int = 0
    here: int = 0
    ordered: int = 0
    released: int = 0


NO_HOLDS = CallerHolds()


@dataclass(frozen=True, slots=True)
class CallerLimits:
    """What one caller may have at a time, and how often they may give it back in a period."""

    max_holds: int = 5
    max_ordered_holds: int = 50
    max_seats: int = 50
    max_released_holds: int = 20
    released_holds_period_s: int = 600

    def judge(self, holds: CallerHolds) -> None:
        """Raise what keeps the caller from one more hold: TOO_MANY_HOLDS, HOLDS_RELEASED_TOO_OFTEN."""
        if holds.live >= self.max_holds:
            raise TooManyHoldsError(self.max_holds)
        if holds.ordered >= self.max_ordered_holds:
            raise TooManyHoldsError(self.max_ordered_holds)
        if holds.released >= self.max_released_holds:
            raise HoldsReleasedTooOftenError(self.max_released_holds, self.released_holds_period_s)

    def judge_seats(self, seats: int) -> None:
        """Raise TOO_MANY_SEATS_HELD beyond what a caller may hold of one screening."""
        if seats > self.max_seats:
            raise TooManySeatsHeldError(self.max_seats)
