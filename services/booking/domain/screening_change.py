"""What catalog told of a screening that its customers must hear of, and what they bought then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.screening import ScreeningFacts, ScreeningState


@dataclass(frozen=True, slots=True)
class Showing:
    """What a customer buys: when, which film, in which hall."""

    start_time: datetime
    film_id: str
    hall_id: str

    @classmethod
    def sold(cls, sold: ScreeningAsSold) -> "Showing":
        return cls(sold.start_time, sold.film_id, sold.hall_id)


@dataclass(frozen=True, slots=True)
class ScreeningChange:
    """One change, by the screening's version. Of what did not change both sides are missing.

    `ending` is CANCELLED or TERMINATED of a screening that is off. `start_time` of a cancellation
    is the start that was called off.
    """

    version: int
    changed_at: datetime
    ending: ScreeningState | None = None
    old_start_time: datetime | None = None
    start_time: datetime | None = None
    old_film_id: str = ""
    film_id: str = ""
    old_hall_id: str = ""
    hall_id: str = ""
    cause: str = ""
    attributable: bool = True

    @property
    def matters(self) -> bool:
        """Whether customers are told of it."""
        return self.ending is not None or self.moves_start or bool(self.film_id or self.hall_id)

    @property
    def moves_start(self) -> bool:
        return self.old_start_time is not None

    def applied_to(self, showing: Showing) -> Showing:
        """Give the showing as it is after the change."""
        if self.moves_start and self.start_time is not None:
            showing = replace(showing, start_time=self.start_time)
        if self.film_id:
            showing = replace(showing, film_id=self.film_id)
        return replace(showing, hall_id=self.hall_id) if self.hall_id else showing


def showing_before(sold: Showing, changes: Sequence[ScreeningChange]) -> Showing:
    """Give the showing as it was before the first of some changes; what none of them names is sold.

    An order that was sold after some of them bought what they had made.
    """
    starts = [each.old_start_time for each in changes if each.old_start_time is not None]
    films = [each.old_film_id for each in changes if each.old_film_id]
    halls = [each.old_hall_id for each in changes if each.old_hall_id]
    return Showing(
        starts[0] if starts else sold.start_time,
        films[0] if films else sold.film_id,
        halls[0] if halls else sold.hall_id,
    )


def ending_of_facts(facts: ScreeningFacts) -> ScreeningChange | None:
    """Say how a screening ended by what catalog answered, before its event has come."""
    if facts.state is ScreeningState.SCHEDULED or facts.ending is None:
        return None
    ending = facts.ending
    return ScreeningChange(
        version=facts.version,
        changed_at=ending.time,
        ending=facts.state,
        start_time=facts.start_time,
        attributable=ending.attributable,
    )
