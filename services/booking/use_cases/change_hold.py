"""Change a hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import SalesClosedError
from services.booking.domain.hold import Hold, HoldTerms, SeatQuote
from services.booking.domain.prices import PriceTable
from services.booking.domain.seat_choice import NeighbourRules, Sale
from services.booking.domain.ticket_choice import (
    TicketCount,
    judge_together,
    quote_seats,
    tickets_of,
)
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.ports import (
    BoardLock,
    Screenings,
    Transaction,
    Transactions,
)
from services.booking.use_cases.price_ports import PriceTables, Promotions
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.requests import RequestKey

MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """What a holder wants instead. No seats, no tickets, no code: these stay as they are."""

    screening_id: UUID
    hold_id: UUID
    owner: str
    seat_ids: Sequence[str]
    tickets: Sequence[TicketCount]
    promotion_code: str = ""


@dataclass(frozen=True, slots=True)
class _Prices:
    """What a hold's tickets cost after the change; `changes` is the hold's count then."""

    table: PriceTable
    table_id: UUID | None
    changes: int


@dataclass(frozen=True, slots=True)
class ChangeHold:
    """Take other seats, other tickets or both; the deadline and the kept prices stay.

    Catalog is asked first, then everything is judged and written in one transaction under the
    board's lock: all of it or nothing. What moved meanwhile is judged again, three times.
    """

    get_hold: GetHold
    screenings: Screenings
    promotions: Promotions
    price_tables: PriceTables
    transactions: Transactions
    limits: CallerLimits

    async def __call__(self, change: Change, key: RequestKey) -> Hold:
        await self.get_hold(change.screening_id, change.hold_id, change.owner)
        try:
            promoted = await self._promoted(change)
            for _ in range(MAX_TRIES):
                changed = await self._try(change, promoted, key)
                if changed is not None:
                    return changed
        except DomainError:
            await self._replay(key)
            raise
        raise ConcurrentChangeError

    async def _promoted(self, change: Change) -> PriceTable | None:
        if not change.promotion_code:
            return None
        return await self.promotions.prices(change.screening_id, change.promotion_code)

    async def _try(
        self, change: Change, promoted: PriceTable | None, key: RequestKey
    ) -> Hold | None:
        sale = await self.screenings.sale(change.screening_id, max_age_ms=0)
        prices = await self._prices(change, sale, promoted)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            await tx.board.lock_caller(change.owner, change.screening_id, self.limits)
            lock = await tx.board.lock(change.screening_id)
            hold = await tx.board.hold_for_update(change.screening_id, change.hold_id)
            hold.must_be_live()
            if lock.facts_version != sale.facts.facts_version or hold.changes != prices.changes:
                return None
            await tx.board.expire_lapsed(change.screening_id)
            others = await tx.board.held_by(hold.screening_id, hold.owner, hold.id)
            seats = _choose(hold, change, sale, prices)
            judge_together([*others, *seats], hold.terms.policy, hold.channel, self.limits)
            await _judge_seats(tx, lock, hold, seats, sale)
            had = hold.seats
            hold.change(seats, _terms(hold, prices))
            await tx.board.change_hold(hold, had)
            await tx.requests.store(key, hold)
            await tx.commit()
        return hold

    async def _prices(self, change: Change, sale: Sale, promoted: PriceTable | None) -> _Prices:
        """Give the prices that the hold keeps, with the promotion when there is a new one."""
        hold = await self.get_hold(change.screening_id, change.hold_id, change.owner)
        table_id = hold.terms.price_table_id
        if table_id is None:
            table = sale.facts.prices
        else:
            table = await self.price_tables.get(table_id)
        if promoted is not None:
            table = table.promoted(promoted)
            table_id = await self.price_tables.note(table)
        return _Prices(table, table_id, hold.changes)

    async def _replay(self, key: RequestKey) -> None:
        """Raise the answer that an earlier call with this request got, if any."""
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            # Not committed: a claim that is new is given back.


def _choose(hold: Hold, change: Change, sale: Sale, prices: _Prices) -> list[SeatQuote]:
    tickets = change.tickets or tickets_of(hold.seats)
    chosen = [sale.plan.seat(seat_id) for seat_id in change.seat_ids or hold.seat_ids]
    return quote_seats(chosen, tickets, prices.table, hold.terms.currency)


async def _judge_seats(
    tx: Transaction, lock: BoardLock, hold: Hold, seats: Sequence[SeatQuote], sale: Sale
) -> None:
    """Judge other seats than those held; who keeps their seats keeps them as they are."""
    own = {seat.seat_index for seat in hold.seats}
    chosen = [seat.seat_index for seat in seats]
    if own == set(chosen):
        return
    added = [seat for seat in seats if seat.seat_index not in own]
    if added:
        _must_be_on_sale(lock, sale)
        await tx.board.must_be_takeable(hold.screening_id, added)
    rules = NeighbourRules(sale.plan, hold.terms.policy, hold.channel)
    rules.judge(await tx.board.seat_states(hold.screening_id), chosen, own=own)


def _must_be_on_sale(lock: BoardLock, sale: Sale) -> None:
    """Whoever takes another seat buys anew: no later than anybody else."""
    if not lock.on_sale:
        raise SalesClosedError(lock.screening_id)
    sale.facts.must_be_in_sales_window(lock.now)


def _terms(hold: Hold, prices: _Prices) -> HoldTerms:
    return replace(hold.terms, price_table_id=prices.table_id, promotion=prices.table.promotion)
