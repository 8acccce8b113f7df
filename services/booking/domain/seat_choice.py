"""Judging which seats a buyer chose, with which tickets: prices, counts and free seats."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from services.booking.domain.errors import (
    SeatNotSoldAloneError,
    SeatsDoNotMatchTicketsError,
    SeatUnavailableError,
    SingleSeatLeftError,
    TooManyTicketsError,
)
from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.hold import HoldTerms, SeatQuote
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


@dataclass(frozen=True, slots=True)
class TicketCount:
    """How many tickets of one type."""

    ticket_type: str
    count: int


def quote_seats(
    facts: ScreeningFacts,
    plan: SeatPlan,
    seat_ids: Sequence[str],
    tickets: Sequence[TicketCount],
) -> list[SeatQuote]:
    """Price each seat; the first ticket type goes to the first seats.

    Raises SEATS_DO_NOT_MATCH_TICKETS, UNKNOWN_SEAT, UNKNOWN_TICKET_TYPE or TOO_MANY_TICKETS.
    """
    ticket_types = [each.ticket_type for each in tickets for _ in range(each.count)]
    if len(ticket_types) != len(seat_ids):
        raise SeatsDoNotMatchTicketsError(seats=len(seat_ids), tickets=len(ticket_types))
    quotes = [
        _quote_seat(facts, plan, seat_id, ticket_type)
        for seat_id, ticket_type in zip(seat_ids, ticket_types, strict=True)
    ]
    _must_not_be_too_many(ticket_types, facts.policy.max_tickets_per_type)
    return quotes


def terms_of(facts: ScreeningFacts) -> HoldTerms:
    """Take down what a hold is made under."""
    return HoldTerms(
        currency=facts.currency,
        price_version=facts.price_version,
        fee_on_places=facts.fee_on_places,
        gtc_version=facts.gtc_version,
        otc_version=facts.otc_version,
        policy=facts.policy,
        screening_version=facts.version,
        start_time=facts.start_time,
        hall_id=facts.hall_id,
        film_id=facts.film_id,
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
        if not self.policy.has_online_rules(self.channel):
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


def _quote_seat(facts: ScreeningFacts, plan: SeatPlan, seat_id: str, ticket_type: str) -> SeatQuote:
    seat = plan.seat(seat_id)
    quote = facts.quote(ticket_type, seat.area)
    return SeatQuote(
        seat_id=seat_id,
        seat_index=seat.index,
        row_name=seat.row_name,
        seat_number=seat.number,
        area=seat.area,
        ticket_type=ticket_type,
        price=quote.price,
        supplement=quote.supplement,
        service_fee=quote.service_fee,
        proof=quote.proof,
    )


def _must_not_be_too_many(ticket_types: Sequence[str], max_tickets_per_type: int) -> None:
    for ticket_type, count in Counter(ticket_types).items():
        if count > max_tickets_per_type:
            raise TooManyTicketsError(ticket_type, max_tickets_per_type)
