"""A hold that is to be written: before its seats are chosen, and with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.hold import HoldTerms, SeatQuote
from services.booking.domain.seat_choice import NeighbourRules, refuse_taken, seats_not_free
from services.booking.domain.seats import SeatPlan
from services.booking.domain.suggestion import Suggestion
from services.booking.domain.ticket_choice import judge_together
from services.common.ids import new_id


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold to be written, of seats of `plan`; the database's clock gives it its deadline.

    `suggestion` says why it is not of the seats that were wished for.
    """

    id: UUID
    screening_id: UUID
    owner: str
    channel: str
    seats: Sequence[SeatQuote]
    terms: HoldTerms
    plan: SeatPlan
    suggestion: Suggestion | None = None

    @property
    def seat_indexes(self) -> list[int]:
        return [seat.seat_index for seat in self.seats]

    @property
    def span(self) -> tuple[int, int]:
        """Bound the seats that `judge` looks at."""
        return self.plan.layout.span_of(self.seat_indexes)

    def judge(self, states: bytes) -> None:
        """Raise what keeps the seats from being held on a board in these states."""
        refuse_taken(seats_not_free(states, self.seats))
        self.judge_neighbours(states)

    def judge_together(self, others: Sequence[SeatQuote], limits: CallerLimits) -> None:
        """Raise what keeps the caller from these seats besides others they hold of the screening."""
        judge_together([*others, *self.seats], self.terms.policy, self.channel, limits)

    def judge_neighbours(self, states: bytes) -> None:
        """Raise what keeps the seats from being held although they can be had."""
        rules = NeighbourRules(self.plan, self.terms.policy, self.channel)
        rules.judge(states, self.seat_indexes)


@dataclass(frozen=True, slots=True)
class Draft:
    """A hold whose seats are chosen once the board is known: by `choose`, from its states.

    `facts_version` is what the choice and its prices are judged by.
    """

    screening_id: UUID
    owner: str
    channel: str
    terms: HoldTerms
    plan: SeatPlan
    facts_version: int
    choose: Callable[[bytes], Sequence[SeatQuote]]
    suggestion: Suggestion | None = None

    def on(self, states: bytes) -> NewHold:
        """Choose; NOT_ENOUGH_SEATS when there is nothing to choose from."""
        return NewHold(
            id=new_id(),
            screening_id=self.screening_id,
            owner=self.owner,
            channel=self.channel,
            seats=self.choose(states),
            terms=self.terms,
            plan=self.plan,
            suggestion=self.suggestion,
        )

    def judged(self, states: bytes) -> NewHold:
        """Choose, and raise what keeps the choice from being held."""
        new = self.on(states)
        new.judge(states)
        return new
