"""Hold seats."""

from dataclasses import dataclass, replace
from typing import NamedTuple

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
from services.booking.use_cases.new_hold import Draft, NewHold
from services.booking.use_cases.ports import Attempt, Holds, Screenings, Turns
from services.booking.use_cases.price_ports import PriceTables, Promotions
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.requests import RequestKey

# A board this old may be judged by: the write fails when the seats of the span are not as seen.
SEEN_BOARD_MAX_AGE_MS = 60_000
MAX_TRIES_AT_ONCE = 3
MAX_LOCKED_TRIES = 3


class _Choice(NamedTuple):
    """A hold that was judged good by a board, and the board."""

    new: NewHold
    seen: SeatMap


@dataclass(frozen=True, slots=True)
class HoldSeats:
    """Hold seats until the deadline: all of them, or none.

    Judged by a board that was seen lately and written by one statement that proves what the
    judgement looked at; when that has changed it is judged again, at last under the board's lock.
    A refusal is said by a board that was just read. One hold of a caller and of a screening is
    written at a time in a process, so that it does not race with itself; whoever cannot have what
    they want is told without waiting for a turn. Catalog is asked for the prices under a promotion
    code; without one nobody is.
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
            async with self.turns.of(wish.owner):
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
        for _ in range(MAX_TRIES_AT_ONCE):
            choice = await self._choose(wish, promoted)
            if choice is None:
                break
            async with self.turns.of(wish.screening_id):
                attempt = await self._write(wish, promoted, choice, key)
            if attempt is None:
                continue
            if attempt.hold is not None:
                return attempt.hold
            self.limits.judge(attempt.holds)
            if attempt.claims_differ or attempt.holds.here:
                break
        async with self.turns.of(wish.screening_id):
            return await self._hold_locked(wish, promoted, key)

    async def _choose(self, wish: Wish, promoted: PriceTable | None) -> _Choice | None:
        """Choose by a board that was seen; nobody waits for a turn to be refused.

        Refuses by a board that was just read. None when only the locked board can tell.
        """
        draft, seen = await self._draft(wish, promoted, SEEN_BOARD_MAX_AGE_MS)
        try:
            return _Choice(draft.judged(seen.states), seen)
        except ChoiceRefusedError:
            draft, seen = await self._draft(wish, promoted, 0)
        try:
            return _Choice(draft.judged(seen.states), seen)
        except ChoiceRefusedError as refusal:
            if await self._is_final(refusal, draft, seen):
                raise
            return None

    async def _write(
        self, wish: Wish, promoted: PriceTable | None, choice: _Choice, key: RequestKey
    ) -> Attempt | None:
        """Write a choice, made anew if the board moved before it was our turn; None: refused now."""
        seen = await self.screenings.seat_map(wish.screening_id, max_age_ms=SEEN_BOARD_MAX_AGE_MS)
        if seen is not choice.seen:
            draft, seen = await self._draft(wish, promoted, SEEN_BOARD_MAX_AGE_MS)
            try:
                choice = _Choice(draft.judged(seen.states), seen)
            except ChoiceRefusedError:
                return None
        return await self.holds.write_at_once(choice.new, choice.seen, key)

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

    async def _is_final(self, refusal: ChoiceRefusedError, draft: Draft, seen: SeatMap) -> bool:
        """Tell whether held seats that stand in the way really are held: neither lapsed nor freed."""
        lost = _lost(refusal)
        if any(state is not SeatState.HELD for _, state in lost):
            return True
        seats = draft.plan.ordered
        named = [draft.plan.seat(each.field).index for each in refusal.violations]
        first, end = draft.plan.layout.span_of(named) if named else (0, len(seats))
        held = [seat_id for seat_id, _ in lost] or [
            seat.id for seat in seats[first:end] if seen.states[seat.index] == SeatState.HELD
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
