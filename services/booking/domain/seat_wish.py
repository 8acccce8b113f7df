"""What a buyer wishes for, and how it becomes seats of a board."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.booking.domain.best_seats import Party, best_seats
from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import NotEnoughSeatsError
from services.booking.domain.hold import SeatQuote
from services.booking.domain.prices import PriceTable
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seat_layout import Seat
from services.booking.domain.seats import SeatPlan
from services.booking.domain.suggestion import Suggestion, distances_from
from services.booking.domain.ticket_choice import TicketCount, judge_together, quote_seats


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants to hold. `owner` is their principal, `channel` the token's claim.

    Either `seat_ids`, or the best seats for a `party`: near the seats of `seat_ids` if there are
    any. Without tickets their types are chosen later. `or_suggest`: other seats will do when these
    cannot be had; `suggestion` says why they could not.
    """

    screening_id: UUID
    owner: str
    channel: str
    seat_ids: Sequence[str]
    tickets: Sequence[TicketCount]
    promotion_code: str = ""
    party: Party | None = None
    or_suggest: bool = False
    suggestion: Suggestion | None = None


def chooser_of(
    wish: Wish,
    facts: ScreeningFacts,
    plan: SeatPlan,
    prices: PriceTable,
    limits: CallerLimits,
) -> Callable[[bytes], Sequence[SeatQuote]]:
    """Say which seats of a board in some states are the wished ones, and what they cost.

    Raises what the tickets are refused with; choosing raises it too, and NOT_ENOUGH_SEATS.
    """

    def quoted(seats: Sequence[Seat]) -> list[SeatQuote]:
        quotes = quote_seats(seats, wish.tickets, prices, facts.currency)
        judge_together(quotes, facts.policy, wish.channel, limits)
        return quotes

    named = [plan.seat(seat_id) for seat_id in wish.seat_ids]
    if wish.party is None:
        quotes = quoted(named)
        return lambda states: quotes  # noqa: ARG005 - they are these whatever the board says.
    party = wish.party
    sold = prices.areas_of(each.ticket_type for each in wish.tickets)
    wanted = sold.intersection(party.areas) if party.areas else sold
    # A package's seats are all of one area.
    is_one_area = any(prices.is_package(each.ticket_type) for each in wish.tickets)
    searched = [frozenset({area}) for area in sorted(wanted)] if is_one_area else [wanted]
    distances = distances_from(plan, named) if named else plan.layout.to_focus

    def choose(states: bytes) -> Sequence[SeatQuote]:
        strict = facts.policy.strict_gap_rule
        choices = [
            best_seats(
                plan, states, replace(party, areas=areas), strict=strict, distances=distances
            )
            for areas in searched
            if areas
        ]
        found = [choice for choice in choices if choice]
        if not found:
            raise NotEnoughSeatsError(party.count)
        nearest = min(found, key=lambda seats: sum(distances[seat] for seat in seats))
        return quoted([plan.ordered[index] for index in nearest])

    return choose
