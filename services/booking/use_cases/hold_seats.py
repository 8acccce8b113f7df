"""Hold seats."""

from dataclasses import dataclass, replace

from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import (
    ChoiceRefusedError,
    NotEnoughSeatsError,
    SeatUnavailableError,
)
from services.booking.domain.hold import Hold
from services.booking.domain.prices import PriceTable
from services.booking.domain.seat_choice import terms_of
from services.booking.domain.seat_wish import Wish, chooser_of
from services.booking.domain.seats import SeatMap, SeatState
from services.booking.domain.suggestion import Suggestion, parties_like, widened
from services.booking.use_cases.new_hold import Draft
from services.booking.use_cases.ports import Holds, Screenings, Turns
from services.booking.use_cases.price_ports import PriceTables, Promotions
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.requests import RequestKey

# A board this old may be judged by: the write fails when the seats of the span are not as seen.
SEEN_BOARD_MAX_AGE_MS = 60_000
MAX_TRIES_AT_ONCE = 3
MAX_LOCKED_TRIES = 3


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
                try:
                    return await self._hold(wish, promoted, key)
                except ChoiceRefusedError as refusal:
                    if not wish.or_suggest:
                        raise
                    return await self._hold_instead(wish, promoted, refusal, key)
        except DomainError:
            # The seats may be taken by the first of two equal requests.
            await self.holds.replay(wish.screening_id, key)
            raise

    async def _promoted(self, wish: Wish) -> PriceTable | None:
        if not wish.promotion_code:
            return None
        return await self.promotions.prices(wish.screening_id, wish.promotion_code)

    async def _hold_instead(
        self,
        wish: Wish,
        promoted: PriceTable | None,
        refusal: ChoiceRefusedError,
        key: RequestKey,
    ) -> Hold:
        """Hold the best seats of the same kind near those that cannot be had, or refuse."""
        sale = await self.screenings.sale(wish.screening_id, max_age_ms=SEEN_BOARD_MAX_AGE_MS)
        seats = [sale.plan.seat(seat_id) for seat_id in wish.seat_ids]
        suggestion = Suggestion(refusal.reason, _lost(refusal))
        for party in parties_like(seats) if wish.party is None else widened(wish.party)[1:]:
            instead = replace(wish, party=party, suggestion=suggestion)
            try:
                return await self._hold(instead, promoted, key)
            except NotEnoughSeatsError:
                continue
        raise refusal

    async def _hold(self, wish: Wish, promoted: PriceTable | None, key: RequestKey) -> Hold:
        max_age_ms = SEEN_BOARD_MAX_AGE_MS
        for _ in range(MAX_TRIES_AT_ONCE):
            draft, seen = await self._draft(wish, promoted, max_age_ms)
            looked_at = 0, len(seen.states)
            try:
                new = draft.on(seen.states)
                looked_at = new.span
                new.judge(seen.states)
            except ChoiceRefusedError:
                if max_age_ms:
                    max_age_ms = 0
                    continue
                if await self._all_is_held(draft, seen, looked_at):
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
            draft, _ = await self._draft(wish, promoted, 0)
            attempt = await self.holds.write_locked(draft, key)
            if attempt.hold is not None:
                return attempt.hold
        raise ConcurrentChangeError

    async def _draft(
        self, wish: Wish, promoted: PriceTable | None, max_age_ms: int
    ) -> tuple[Draft, SeatMap]:
        sale = await self.screenings.sale(wish.screening_id, max_age_ms=max_age_ms)
        facts = sale.facts
        prices = promoted or facts.prices
        draft = Draft(
            screening_id=wish.screening_id,
            owner=wish.owner,
            channel=wish.channel,
            terms=terms_of(facts, prices, await self.price_tables.note(prices)),
            plan=sale.plan,
            facts_version=facts.facts_version,
            choose=chooser_of(wish, facts, sale.plan, prices, self.limits),
            suggestion=wish.suggestion,
        )
        return draft, sale.seat_map

    async def _all_is_held(self, draft: Draft, seen: SeatMap, span: tuple[int, int]) -> bool:
        """Tell whether what a span shows as held really is: nothing of it is lapsed or freed."""
        held = [
            seat.id
            for seat in draft.plan.ordered[slice(*span)]
            if seen.states[seat.index] == SeatState.HELD
        ]
        if not held:
            return True
        claims = await self.holds.taken(draft.screening_id, held)
        return sum(not claim.lapsed for claim in claims) == len(held)


def _lost(refusal: ChoiceRefusedError) -> list[tuple[str, SeatState]]:
    """List the seats that are somebody else's, if that is what the refusal says."""
    if not isinstance(refusal, SeatUnavailableError):
        return []
    return [(each.field, SeatState[each.description]) for each in refusal.violations]
