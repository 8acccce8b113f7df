"""Payment's use cases on a real database, with what a test wants to do in a word."""

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.common.db.checks import run_check
from services.common.db.database import Database
from services.common.money import Money
from services.payment.adapters.background import TaskBackground
from services.payment.checks import checks
from services.payment.composition import UseCases, use_cases
from services.payment.config import PaymentSettings
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundEffect, RefundReport
from services.payment.domain.report import Effect, OrderReport
from services.payment.domain.states import Decision, OrderStatus
from services.payment.handlers.step_loop import StepLoop
from services.payment.use_cases.create_payment import NewAttempt
from services.payment.use_cases.ports import NewOrder, NotificationFacts, Verdict
from tests.integration.payment.fakes import FakeOrder, FakeOwners, FakeProvider, report_of

PRICE = Money("RON", 6400)
OPENING = Opening(
    description="Two tickets",
    return_url="https://cinema.example/return",
    email="ana@example.com",
    first_name="Ana",
    last_name="Pop",
    language_code="ro",
    ip_address="203.0.113.7",
)
_numbers = itertools.count(1)


@dataclass
class Shop:
    database: Database
    provider: Any = field(default_factory=FakeProvider)
    owners: FakeOwners = field(default_factory=FakeOwners)
    background: TaskBackground = field(default_factory=TaskBackground)
    settings: PaymentSettings = field(default_factory=PaymentSettings)
    cases: UseCases = field(init=False)
    reference_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.cases = use_cases(
            self.settings, self.database, self.provider, self.owners, self.background
        )

    def asked(self, number: int = 1, amount: Money = PRICE, left_s: float = 600) -> NewAttempt:
        return NewAttempt(
            "booking", self.reference_id, number, amount, OPENING, timedelta(seconds=left_s)
        )

    async def create(self, number: int = 1, **asked: Any) -> Payment:
        return await self.cases.create_payment(self.asked(number, **asked))

    async def payment(self) -> Payment:
        return await self.cases.get_payment("booking", self.reference_id)

    async def attempt(self, number: int = 1) -> PaymentAttempt:
        return (await self.payment()).attempts[number]

    async def order(self, number: int = 1) -> FakeOrder:
        order_id = (await self.attempt(number)).provider_order_id
        assert order_id is not None
        known = self.provider.orders[order_id]
        assert isinstance(known, FakeOrder)
        return known

    async def notify(
        self, report: OrderReport, *, digest: bytes | None = None
    ) -> Effect | RefundEffect:
        facts = NotificationFacts(
            digest=digest or hashlib.sha256(f"{next(_numbers)}{uuid4()}".encode()).digest(),
            pos_id=report.pos_id,
            ext_order_id=report.ext_order_id,
            provider_order_id=report.provider_order_id,
            status=report.status,
        )
        effect = await self.cases.receive_notification(facts, report)
        await self.idle()
        return effect

    async def notify_refund(self, report: RefundReport) -> Effect | RefundEffect:
        facts = NotificationFacts(
            digest=hashlib.sha256(f"{next(_numbers)}{uuid4()}".encode()).digest(),
            pos_id=report.pos_id,
            ext_order_id="",
            provider_order_id=report.provider_order_id,
            status=f"REFUND {report.status}",
        )
        effect = await self.cases.receive_notification(facts, report)
        await self.idle()
        return effect

    def refuse(self) -> None:
        """Let the owner refuse what it is asked about."""
        self.owners.verdict = Verdict(Decision.REFUSE, "HOLD_EXPIRED")

    def foreign_order(self, status: OrderStatus) -> FakeOrder:
        """Let the provider have an order of our shop that is not in our record."""
        order = NewOrder(
            pos_id="300746",
            ext_order_id=f"elsewhere-{uuid4()}",
            amount=PRICE,
            opening=OPENING,
            valid_s=60,
            round=1,
        )
        known = FakeOrder(order, f"ORDER-{uuid4()}", status)
        self.provider.orders[known.order_id] = known
        return known

    async def idle(self) -> None:
        for key in list(self.background._tasks):
            assert await self.background.wait_for(key, 10)

    async def tell(
        self, status: OrderStatus, number: int = 1, **changes: Any
    ) -> Effect | RefundEffect:
        """Let the provider come to a status and say so."""
        known = await self.order(number)
        known.status = status
        return await self.notify(report_of(known, **changes))

    async def authorized(self) -> Payment:
        """Let the customer authorise the first attempt; the owner is asked."""
        await self.create()
        await self.tell(OrderStatus.AUTHORIZED)
        return await self.payment()

    async def capture(self, number: int = 1) -> Payment:
        payment = await self.cases.capture_payment("booking", self.reference_id, number)
        await self.idle()
        return payment

    async def captured(self) -> Payment:
        await self.authorized()
        await self.capture()
        await self.tell(OrderStatus.CAPTURED)
        return await self.payment()

    async def step(self) -> None:
        """Run the worker over everything, as if all its waits were over."""
        await self.database.execute(
            "UPDATE payment_attempt SET next_step_at = app_clock() WHERE next_step_at IS NOT NULL"
        )
        await self.database.execute(
            "UPDATE stray_order SET next_step_at = app_clock() WHERE next_step_at IS NOT NULL"
        )
        await self.database.execute(
            "UPDATE refund SET next_step_at = app_clock() - interval '1 hour'"
            " WHERE next_step_at IS NOT NULL AND (payment_id IS NULL OR reference_id = $1)",
            self.reference_id,
        )
        loop = StepLoop(
            self.cases.due_work,
            self.cases.resolve_attempt,
            self.cases.void_stray,
            self.cases.resolve_refund,
        )
        await loop.run_once()
        await self.idle()

    async def events(self) -> list[str]:
        """The types of the payment's events in order of their versions, checked to be 1, 2, 3."""
        payment = await self.payment()
        rows = await self.database.fetch(
            "SELECT type, aggregate_version FROM outbox WHERE aggregate_id = $1"
            " ORDER BY aggregate_version",
            str(payment.id),
        )
        assert [row["aggregate_version"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["type"] for row in rows]

    async def balances(self) -> dict[str, int]:
        """What this payment's entries say, by account."""
        rows = await self.database.fetch(
            "SELECT account, sum(amount)::bigint AS amount FROM journal_posting"
            " JOIN journal_entry ON id = entry_id"
            " WHERE payment_id = (SELECT id FROM payment WHERE reference_id = $1)"
            " GROUP BY account",
            self.reference_id,
        )
        return {row["account"]: row["amount"] for row in rows}

    async def exceptions(self, ext_order_id: str = "", *, is_open: bool | None = None) -> list[str]:
        """The causes of this payment's exceptions, or of another order's."""
        rows = await self.database.fetch(
            "SELECT cause FROM exception_case c"
            " WHERE (ext_order_id LIKE $1 || '%' OR payment_id ="
            " (SELECT id FROM payment WHERE reference_id::text = $1))"
            " AND ($2::boolean IS NULL OR $2 = (resolve_time IS NULL)) ORDER BY id",
            ext_order_id or str(self.reference_id),
            is_open,
        )
        return [row["cause"] for row in rows]

    async def open_exceptions(self, ext_order_id: str = "") -> list[str]:
        return await self.exceptions(ext_order_id, is_open=True)

    async def violations(self) -> list[str]:
        found = []
        for check in checks():
            found += await run_check(self.database, "payment", check, wait_s=0)
        return [
            f"{each.check}: {each.subject} {each.detail}" for each in found if not each.in_flight
        ]
