"""Hold seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import ChoiceRefusedError
from services.booking.domain.hold import Hold
from services.booking.domain.prices import PriceTable
from services.booking.domain.seat_choice import terms_of
from services.booking.domain.seats import SeatMap, SeatState
from services.booking.domain.ticket_choice import TicketCount, judge_together, quote_seats
from services.booking.use_cases.ports import (
    Holds,
    NewHold,
    Screenings,
    Turns,
)
from services.booking.use_cases.price_ports import PriceTables, Promotions
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.ids import new_id
from services.common.requests import RequestKey

# A board this old may be judged by: the write fails when the seats of the span are not as seen.
SEEN_BOARD_MAX_AGE_MS = 60_000
MAX_TRIES_AT_ONCE = 3
MAX_LOCKED_TRIES = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants to hold. `owner` is their principal, `channel` the token's claim.

    Without tickets their types are chosen later.
    """

    screening_id: UUID
    owner: str
    channel: str
    seat_ids: Sequence[str]
    tickets: Sequence[TicketCount]
    promotion_code: str = ""


@dataclass(frozen=True, slots=True)
class HoldSeats:
    """Hold seats until the deadline: all of them, or none.

    Judged by a board that was seen lately and written by one statement that proves what the
    judgement looked at; when that has changed it is judged again, at last under the board's lock.
    A refusal is said by a board that was just read. One hold of a caller and of a screening is
    written at a time in a process, so that it does not race with itself. Catalog is asked for the
    prices under a promotion code; without one nobody is.
    """

    screenings: Screenings
    promotions: Promotions
    price_tables: PriceTables
    holds: Holds
    turns: Turns
    limits: CallerLimits

    async def __call__(self, wish: Wish, key: RequestKey) -> Hold:
        try:
            promoted = await self._promoted(wish)
            async with self.turns.of(wish.owner), self.turns.of(wish.screening_id):
                return await self._hold(wish, promoted, key)
        except DomainError:
            # The seats may be taken by the first of two equal requests.
            await self.holds.replay(wish.screening_id, key)
            raise

    async def _promoted(self, wish: Wish) -> PriceTable | None:
        if not wish.promotion_code:
            return None
        return await self.promotions.prices(wish.screening_id, wish.promotion_code)

    async def _hold(self, wish: Wish, promoted: PriceTable | None, key: RequestKey) -> Hold:
        max_age_ms = SEEN_BOARD_MAX_AGE_MS
        for _ in range(MAX_TRIES_AT_ONCE):
            new, seen = await self._choose(wish, promoted, max_age_ms)
            try:
                new.judge(seen.states)
            except ChoiceRefusedError:
                if max_age_ms:
                    max_age_ms = 0
                    continue
                if await self._all_is_held(new, seen):
                    raise
                break
            attempt = await self.holds.write_at_once(new, seen, key)
            if attempt.hold is not None:
                return attempt.hold
            self.limits.judge(attempt.holds)
            if attempt.claims_differ or attempt.holds.here:
                break
        return await self._hold_locked(wish, promoted, key)

    async def _hold_locked(self, wish: Wish, promoted: PriceTable | None, key: RequestKey) -> Hold:
        for _ in range(MAX_LOCKED_TRIES):
            new, seen = await self._choose(wish, promoted, 0)
            attempt = await self.holds.write_locked(new, seen, key)
            if attempt.hold is not None:
                return attempt.hold
        raise ConcurrentChangeError

    async def _choose(
        self, wish: Wish, promoted: PriceTable | None, max_age_ms: int
    ) -> tuple[NewHold, SeatMap]:
        sale = await self.screenings.sale(wish.screening_id, max_age_ms=max_age_ms)
        facts = sale.facts
        prices = promoted or facts.prices
        chosen = [sale.plan.seat(seat_id) for seat_id in wish.seat_ids]
        seats = quote_seats(chosen, wish.tickets, prices, facts.currency)
        judge_together(seats, facts.policy, wish.channel, self.limits)
        new = NewHold(
            id=new_id(),
            screening_id=wish.screening_id,
            owner=wish.owner,
            channel=wish.channel,
            seats=seats,
            terms=terms_of(facts, prices, await self.price_tables.note(prices)),
            plan=sale.plan,
        )
        return new, sale.seat_map

    async def _all_is_held(self, new: NewHold, seen: SeatMap) -> bool:
        """Tell whether every held seat of the span really is: nothing there is lapsed or freed."""
        first, end = new.span
        held = [
            seat.id
            for seat in new.plan.ordered[first:end]
            if seen.states[seat.index] == SeatState.HELD
        ]
        if not held:
            return True
        claims = await self.holds.taken(new.screening_id, held)
        return sum(not claim.lapsed for claim in claims) == len(held)
