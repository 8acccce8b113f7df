"""One purchase's money, with a provider, an owner and a process that may die at any time."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from deploy.payu_emulator.answers import PayuError
from deploy.payu_emulator.order import UNPAID, Notification, Order, Status
from deploy.payu_emulator.orders import NotPayableError
from services.common.db.database import Database
from services.common.db.errors import TransactionConflictError
from services.common.errors import DomainError
from services.common.money import Money
from services.payment.adapters.background import TaskBackground
from services.payment.composition import UseCases, use_cases
from services.payment.config import PaymentSettings
from services.payment.domain.attempt import Opening
from services.payment.domain.refund import RefundReason
from services.payment.domain.states import Decision, PaymentState
from services.payment.handlers.step_loop import StepLoop
from services.payment.use_cases.create_payment import NewAttempt
from services.payment.use_cases.ports import OwnerUnavailableError, Verdict
from tests.simulation.provider_in_process import DiedError, ProviderInProcess

_T = TypeVar("_T")
MAX_ATTEMPTS = 6
MAX_SETTLING_ROUNDS = 60
OPENING = Opening("Two tickets", "https://x.example", "a@x.example", "A", "B", "ro", "203.0.113.7")
_MAKE_DUE = """
WITH attempts AS (
    UPDATE payment_attempt SET next_step_at = app_clock() - interval '1 hour'
    WHERE reference_id = $1 AND next_step_at IS NOT NULL
), strays AS (
    UPDATE stray_order SET next_step_at = app_clock() - interval '1 hour'
    WHERE next_step_at IS NOT NULL
      AND payment_id = (SELECT id FROM payment WHERE reference_id = $1)
)
UPDATE refund SET next_step_at = app_clock() - interval '1 hour'
WHERE (reference_id = $1 OR provider_order_id = ANY ($2)) AND next_step_at IS NOT NULL"""
_IS_NAMED = """
SELECT EXISTS (SELECT FROM payment_attempt WHERE provider_order_id = $1)
    OR EXISTS (SELECT FROM stray_order WHERE provider_order_id = $1)"""
_CLOSE_PAGES = """
UPDATE payment_attempt SET expire_time = app_clock() - interval '1 minute' WHERE reference_id = $1"""
_UNDONE = """
SELECT (SELECT count(*) FROM payment_attempt
        WHERE reference_id = $1 AND (next_step_at IS NOT NULL
            OR state NOT IN ('CAPTURED', 'FAILED', 'CANCELLED', 'QUARANTINED')))
     + (SELECT count(*) FROM stray_order WHERE next_step_at IS NOT NULL
        AND payment_id = (SELECT id FROM payment WHERE reference_id = $1))
     + (SELECT count(*) FROM refund
        WHERE (reference_id = $1 OR provider_order_id = ANY ($2)) AND state <> 'COMPLETED')"""


@dataclass
class Owner:
    """Decides once for each attempt, for ever; may be away."""

    grants: bool = True
    captures_now: bool = False
    is_away: bool = False
    decisions: dict[int, Verdict] = field(default_factory=dict)

    async def decide(self, owner: str, reference_id: UUID, attempt: int, amount: Money) -> Verdict:
        if self.is_away:
            raise OwnerUnavailableError(f"{owner} {reference_id} {amount}")
        verdict = Verdict(Decision.GRANT, None, capture_now=self.captures_now)
        if not self.grants:
            verdict = Verdict(Decision.REFUSE, "HOLD_EXPIRED")
        return self.decisions.setdefault(attempt, verdict)


class World:
    """Everything that can happen to one payment; each method is one thing that happens."""

    def __init__(self, loop: asyncio.AbstractEventLoop, database: Database, currency: str) -> None:
        self.loop = loop
        # A death in the background ends the process; nobody waits for what it was about.
        loop.set_exception_handler(lambda _loop, _context: None)
        self.database = database
        self.reference_id = uuid4()
        self.amount = Money(currency, 6400)
        self.provider = ProviderInProcess()
        self.owner = Owner()
        self.notices: list[tuple[Order, Notification]] = []
        self.seen: set[tuple[str, int]] = set()
        self.refund_ids: list[UUID] = []
        self.last_attempt = 0
        self.deaths = 0
        self.background = TaskBackground()
        self.restart()

    def restart(self) -> None:
        """Kill the process and start another."""
        for task in list(self.background._tasks.values()):
            task.cancel()
        self.deaths += 1
        self.background = TaskBackground()
        # Asked at once instead of after ten seconds.
        settings = PaymentSettings(capture_again_ms=1)
        self.cases: UseCases = use_cases(
            settings, self.database, self.provider, self.owner, self.background
        )

    # --- what callers do ------------------------------------------------------------------------

    def create(self, number: int) -> None:
        asked = NewAttempt(
            owner="booking",
            reference_id=self.reference_id,
            number=number,
            amount=self.amount,
            opening=OPENING,
            time_left=timedelta(seconds=600),
        )
        self.last_attempt = max(self.last_attempt, number)
        self.run(self.cases.create_payment(asked))

    def capture(self, number: int) -> None:
        self.run(self.cases.capture_payment("booking", self.reference_id, number))

    def cancel(self) -> None:
        self.run(self.cases.cancel_payment("booking", self.reference_id))

    def refund(self, refund_id: UUID, minor_units: int) -> None:
        amount = Money(self.amount.currency, minor_units)
        self.refund_ids.append(refund_id)
        self.run(
            self.cases.refund_payment(
                "booking", self.reference_id, refund_id, amount, RefundReason.CANCELLATION
            )
        )

    def spend(self, minor_units: int) -> None:
        amount = Money(self.amount.currency, minor_units)
        self.run(self.cases.spend_budget("booking", self.reference_id, uuid4(), amount))

    # --- what the worker does -------------------------------------------------------------------

    def step(self) -> None:
        """Run the worker as if all its waits were over."""
        self.run(self._step())

    async def _step(self) -> None:
        await self.database.execute(_MAKE_DUE, self.reference_id, self._order_ids)
        cases = self.cases
        loop = StepLoop(
            cases.due_work, cases.resolve_attempt, cases.void_stray, cases.resolve_refund
        )
        await loop.run_once()

    # --- what the customer and the provider do --------------------------------------------------

    @property
    def _order_ids(self) -> list[str]:
        """Name all of the provider's orders: what was taken for one of nobody goes back too."""
        return [order.order_id for order in self.provider.orders]

    def order(self, index: int) -> Order | None:
        orders = self.provider.orders
        return orders[index % len(orders)] if orders else None

    def pay(self, index: int) -> None:
        if (order := self.order(index)) is not None:
            with suppress(NotPayableError):
                self.provider.book.pay(order)

    def decline(self, index: int) -> None:
        if (order := self.order(index)) is not None:
            with suppress(NotPayableError):
                self.provider.book.decline(order)

    def capture_behind_our_back(self, index: int) -> None:
        if (order := self.order(index)) is not None:
            with suppress(PayuError):
                self.provider.book.capture(order)

    def lapse(self, index: int) -> None:
        """Let the provider give an authorisation up."""
        order = self.order(index)
        if order is not None and order.status is Status.WAITING_FOR_CONFIRMATION:
            order.authorization_ends_at = 1.0
            self.provider.book.resume(order)

    def close_pages(self) -> None:
        """Let the time of all pages be over."""
        for order in self.provider.orders:
            if order.status in UNPAID:
                order.expires_at = 1.0
                self.provider.book.resume(order)
        self.run(self.database.execute(_CLOSE_PAGES, self.reference_id))

    def settle_refunds(self, *, fails: bool) -> None:
        for order in self.provider.orders:
            for refund in order.refunds:
                if refund["status"] == "PENDING":
                    refund["fails_with"] = "BANK_DECLINED" if fails else None
                    self.provider.book.settle_refund(order, refund)
                    self.provider.book.keep(order)

    def pending(self) -> list[tuple[Order, Notification]]:
        """List what was not delivered, in any order."""
        for order in self.provider.orders:
            for notice in order.notifications:
                if (order.order_id, notice["number"]) not in self.seen:
                    self.seen.add((order.order_id, notice["number"]))
                    self.notices.append((order, notice))
        return self.notices

    def deliver(self, index: int, *, again: bool = False) -> None:
        """Deliver one notification; `again` keeps it for another time."""
        if not (pending := self.pending()):
            return
        order, notice = pending[index % len(pending)]
        if not again:
            pending.remove((order, notice))
        facts, report = self.provider.message(order, notice)
        self.run(self.cases.receive_notification(facts, report))

    def drop(self, index: int) -> None:
        """Lose one, but for the last of an order that we know nothing of: that comes some time."""
        if not (pending := self.pending()):
            return
        order, notice = pending[index % len(pending)]
        others = [each for each, _ in pending if each is order]
        if len(others) > 1 or self._is_named(order):
            pending.remove((order, notice))

    def _is_named(self, order: Order) -> bool:
        named = self.database.fetchval(_IS_NAMED, order.order_id)
        return bool(self.loop.run_until_complete(named))

    # --- the end --------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everybody be there again and everything come to its end."""
        self.provider.trouble = ""
        self.owner.is_away = False
        for _ in range(MAX_SETTLING_ROUNDS):
            while self.pending():
                self.deliver(0)
            self.step()
            self.settle_refunds(fails=False)
            if self._finish():
                return
        raise AssertionError(f"payment {self.reference_id} never comes to its end")

    def _finish(self) -> bool:
        """Do what an owner would do in the end; true when nothing is left to do."""
        payment = self.loop.run_until_complete(self._read())
        if payment is None:
            return True
        match payment.state:
            case PaymentState.OPEN:
                self.cancel()
                return False
            case PaymentState.AUTHORIZED:
                for number, attempt in payment.attempts.items():
                    if attempt.is_granted:
                        self.capture(number)
                return False
            case PaymentState.CAPTURING:
                return False
            case _:
                undone = self.database.fetchval(_UNDONE, self.reference_id, self._order_ids)
                return not self.loop.run_until_complete(undone) and not self.pending()

    async def _read(self) -> Any:
        with suppress(DomainError):
            return await self.cases.get_payment("booking", self.reference_id)
        return None

    def run(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Do something and what follows from it; a refusal is fine, a death starts another."""
        return self.loop.run_until_complete(self._run(work))

    async def _run(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        result, deaths = None, self.provider.deaths
        with suppress(DomainError, TransactionConflictError, DiedError):
            result = await work
        while tasks := list(self.background._tasks.values()):
            if self.provider.deaths > deaths:
                break
            await asyncio.wait(tasks)
        if self.provider.deaths > deaths:
            self.restart()
        return result
