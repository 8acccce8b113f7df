"""Judging which seats a buyer chose: free ones, their neighbours, and by what they are judged."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.channels import rules_of
from services.booking.domain.errors import (
    SeatNotSoldAloneError,
    SeatUnavailableError,
    SingleSeatLeftError,
)
from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.hold import HoldTerms, SeatQuote
from services.booking.domain.prices import PriceTable
from services.booking.domain.screening import SalesPolicy, ScreeningFacts
from services.booking.domain.seats import SeatMap, SeatPlan, SeatState
from services.booking.domain.seats_sold_together import seats_not_sold_alone

# Where a single seat would be left: between two of the chosen ones, or beside them.
INSIDE, BESIDE = "INSIDE", "BESIDE"


@dataclass(frozen=True, slots=True)
class Sale:
    """What a choice of seats is judged by; plan and map belong to the facts."""

    facts: ScreeningFacts
    plan: SeatPlan
    seat_map: SeatMap


def terms_of(facts: ScreeningFacts, prices: PriceTable, price_table_id: UUID) -> HoldTerms:
    """Take down what a hold is made under; its prices are kept under the ID."""
    return HoldTerms(
        currency=facts.currency,
        price_version=prices.price_version,
        fee_on_places=facts.fee_on_places,
        gtc_version=facts.gtc_version,
        otc_version=facts.otc_version,
        policy=facts.policy,
        screening_version=facts.version,
        start_time=facts.start_time,
        hall_id=facts.hall_id,
        film_id=facts.film_id,
        price_table_id=price_table_id,
        promotion=prices.promotion,
    )


def seats_not_free(states: bytes, seats: Iterable[SeatQuote]) -> list[tuple[str, SeatState]]:
    """List those seats that are not free, each with its state."""
    return [
        (seat.seat_id, SeatState(states[seat.seat_index]))
        for seat in seats
        if states[seat.seat_index] != SeatState.FREE
    ]


def refuse_taken(taken: Sequence[tuple[str, SeatState]]) -> None:
    """Raise SEAT_UNAVAILABLE when there is any."""
    if taken:
        raise SeatUnavailableError([(seat_id, state.name) for seat_id, state in taken])


@dataclass(frozen=True, slots=True)
class NeighbourRules:
    """What a choice of seats in a hall must leave beside itself, under a policy, in a channel."""

    plan: SeatPlan
    policy: SalesPolicy
    channel: str

    def judge(self, states: bytes, chosen: Collection[int], *, own: Collection[int] = ()) -> None:
        """Raise SEAT_NOT_SOLD_ALONE or SINGLE_SEAT_LEFT for seats that could be had.

        `own` are the seats of the hold that is being changed: free before, chosen or free after.
        Everything that is looked at lies in `plan.layout.span_of` the chosen seats.
        """
        if not rules_of(self.channel, self.policy).obeys_gap_rule:
            return
        layout, seats = self.plan.layout, self.plan.ordered
        lone = seats_not_sold_alone(layout, states, chosen, own=own)
        if lone:
            missing = sorted({index for each in lone for index in each.missing})
            raise SeatNotSoldAloneError(
                [(seats[each.seat].id, each.lack) for each in lone],
                [seats[index].id for index in missing],
            )
        singles = single_seats_left(
            layout, states, chosen, own=own, strict=self.policy.strict_gap_rule
        )
        if singles:
            raise SingleSeatLeftError(
                [(seats[each.seat].id, INSIDE if each.is_inside else BESIDE) for each in singles]
            )
