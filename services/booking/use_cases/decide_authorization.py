"""Decide whether an authorised payment may be captured."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.authorization import judge
from services.booking.domain.decision import Decision, Refusal, Way
from services.booking.domain.errors import SalesPausedError
from services.booking.domain.order import Order
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.use_cases.end_order import free_seats
from services.booking.use_cases.order_ports import (
    Kick,
    OrderStore,
    OrderTransactions,
    OrderTx,
    Retry,
)
from services.booking.use_cases.ports import BoardLock, Screenings
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class FactsNeeded:
    """A late payment can be judged only with what catalog says of the screening now."""

    screening_id: UUID


@dataclass(frozen=True, slots=True)
class Verdict:
    """What payment is told. `capture_now`: nothing else is to be captured before the money."""

    decision: Decision
    capture_now: bool = False

    @classmethod
    def of(cls, order: Order, decision: Decision) -> "Verdict":
        return cls(decision, decision.granted and order.money_goes_first)


@dataclass(frozen=True, slots=True)
class DecideAuthorization:
    """Give the one decision about an attempt, for ever, in one transaction under the board's lock.

    A grant makes the seats permanent first. A late payment is rescued when exactly the same seats
    can be taken again, the screening is on sale and unchanged, and the buyer has no newer order.
    Without places to capture before, payment captures at once and its event confirms the order.
    """

    orders: OrderStore
    transactions: OrderTransactions
    screenings: Screenings
    kick: Kick
    retry: Retry

    async def __call__(self, order_id: UUID, attempt: int, amount: Money) -> Verdict:
        facts: ScreeningFacts | None = None

        async def decide() -> Verdict | FactsNeeded:
            seen = self.orders.recall(order_id)
            if seen is not None and (verdict := await self._grant(seen, attempt, amount)):
                return verdict
            try:
                order = await self.orders.read(order_id)
            except OrderNotFoundError:
                return Verdict(Decision(attempt, Refusal.UNKNOWN_REFERENCE))
            if (stored := order.decisions.get(attempt)) is not None:
                return Verdict.of(order, stored)
            if verdict := await self._grant(order, attempt, amount):
                return verdict
            async with self.transactions() as tx:
                return await self._decide(tx, order.screening_id, order_id, attempt, amount, facts)

        verdict = await self.retry(decide)
        if isinstance(verdict, FactsNeeded):
            # Asked now: what is known here may be of before the change that matters.
            facts = await self.screenings.fresh_facts(verdict.screening_id)
            verdict = await self.retry(decide)
        if isinstance(verdict, FactsNeeded):
            raise TypeError("the facts were given")
        if not verdict.capture_now:
            self.kick(order_id)
        return verdict

    async def _grant(self, order: Order, attempt: int, amount: Money) -> Verdict | None:
        """Grant what looks right: one statement judges it again under the board's lock."""
        if judge(order, attempt=attempt, amount=amount, on_sale=True) is not Way.SELL:
            return None
        order.grant(attempt)
        granted = await self.orders.save_granted(order)
        return Verdict.of(order, Decision(attempt)) if granted else None

    async def _decide(
        self,
        tx: OrderTx,
        screening_id: UUID,
        order_id: UUID,
        attempt: int,
        amount: Money,
        facts: ScreeningFacts | None,
    ) -> Verdict | FactsNeeded:
        lock = await tx.board.lock(screening_id)
        order = await tx.orders.read_locked(order_id)
        order.read_at = lock.now
        if (stored := order.decisions.get(attempt)) is not None:
            return Verdict.of(order, stored)
        if lock.is_moving:
            raise SalesPausedError  # Payment asks again, and the seats are where they will be then.
        way = judge(order, attempt=attempt, amount=amount, on_sale=lock.on_sale)
        if way is Way.RETAKE and facts is None:
            return FactsNeeded(order.screening_id)
        match way:
            case Way.SELL:
                refusal = await _sell(tx, order, attempt)
            case Way.RETAKE:
                refusal = await _retake(tx, order, attempt, lock, facts)
            case Refusal():
                refusal = way
        if refusal is Refusal.UNKNOWN_REFERENCE:
            return Verdict(Decision(attempt, refusal))  # Not stored: the attempt may yet be made.
        if refusal is not None:
            order.refuse_authorization(attempt, refusal)
            if order.expire():
                await free_seats(tx, order)
        await tx.orders.save(order)
        await tx.commit()
        return Verdict.of(order, Decision(attempt, refusal))


async def _sell(tx: OrderTx, order: Order, attempt: int) -> Refusal | None:
    if not await tx.board.sell(order.screening_id, order.hold_id, order.id):
        return Refusal.HOLD_EXPIRED
    order.grant(attempt)
    return None


async def _retake(
    tx: OrderTx, order: Order, attempt: int, lock: BoardLock, facts: ScreeningFacts | None
) -> Refusal | None:
    if facts is None or not _is_unchanged(order, facts, lock):
        return Refusal.SCREENING_CHANGED
    if await tx.has_newer_order(order):
        return Refusal.ALREADY_PAID
    taken = await tx.board.retake(order.screening_id, order.hold_id, order.id, order.seat_ids)
    if not taken:
        return Refusal.HOLD_EXPIRED
    order.grant(attempt, rescued=True)
    return None


def _is_unchanged(order: Order, facts: ScreeningFacts, lock: BoardLock) -> bool:
    return (
        facts.state is ScreeningState.SCHEDULED
        and facts.sold_online
        and facts.sales_start_time <= lock.now < facts.sales_end_time
        and order.screening.still_is(facts)
    )
