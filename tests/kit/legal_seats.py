"""Choices of seats that the gap rule accepts, for whoever picks seats in tests and load runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from cinema.catalog.v1.seat_plan_pb2 import SeatPlan as SeatPlanMessage

from services.booking.adapters.facts_messages import plan_of
from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.seats import SeatPlan, SeatState

Party = tuple[str, ...]
MIN_LEFT_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class LegalSeats:
    """The ordinary seats of a plan, by what may be chosen of them."""

    plan: SeatPlan

    @classmethod
    def of(cls, plan: SeatPlanMessage) -> "LegalSeats":
        return cls(plan_of(plan))

    def blocks(self, states: bytes, size: int) -> list[Party]:
        """List the blocks of so many adjacent free seats that could be held now."""
        layout = self.plan.layout
        free = [
            range(at, at + size)
            for first, end in self._segments()
            for at in range(first, end - size + 1)
            if states.count(SeatState.FREE, at, at + size) == size
        ]
        return [self._ids(block) for block in free if not single_seats_left(layout, states, block)]

    def parties(self, size: int) -> list[Party]:
        """Cut the hall into parties that can be held in any order; some seats go unused.

        Whatever is taken first, what stays free beside it are whole parties of two or more.
        """
        return [
            self._ids(range(at, at + size))
            for first, end in self._segments()
            for at in range(first, end - size + 1, size)
            if at + size + 1 != end
        ]

    def all_parties(self) -> list[Party]:
        """Cut the whole hall into parties of two or three that can be held in any order.

        Wheelchair places go with their companions' seats, sofas as a whole.
        """
        layout = self.plan.layout
        parties = [self._ids(block) for run in self._segments() for block in _cut(*run)]
        parties += [self._ids(sofa) for sofa in sorted(set(layout.sofas.values()))]
        parties += [self._ids(sorted(pair)) for pair in layout.companions.items()]
        together = {seat_id for party in parties for seat_id in party}
        return parties + [(seat.id,) for seat in self.plan.ordered if seat.id not in together]

    def _segments(self) -> Iterator[tuple[int, int]]:
        return (segment for row in self.plan.layout.rows for segment in row.segments)

    def _ids(self, indexes: "range | tuple[int, ...] | list[int]") -> Party:
        return tuple(self.plan.ordered[index].id for index in indexes)


def _cut(first: int, end: int) -> Iterator[range]:
    """Cut a segment into twos, with a three at its end when it is odd."""
    while first < end:
        size = end - first if end - first <= MIN_LEFT_TOGETHER + 1 else MIN_LEFT_TOGETHER
        yield range(first, first + size)
        first += size
