"""What was put aside for a person."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Connection

from services.common.db.transaction import Transaction
from services.common.ids import new_id
from services.payment.adapters.event_messages import quarantined_alone
from services.payment.adapters.journal import insert_entry
from services.payment.domain.events import Cause, PaymentQuarantined
from services.payment.domain.journal import exception_entry
from services.payment.domain.report import OrderReport
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import NotificationFacts

_INSERT = """
INSERT INTO exception_case (id, cause, payment_id, attempt_number, pos_id, provider_order_id,
    ext_order_id, reported_currency, reported_amount)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING id"""


async def insert_case(
    driver: "Connection[Any]",
    case_id: UUID,
    event: PaymentQuarantined,
    payment_id: UUID | None,
) -> bool:
    """Store one; false when the same, of no payment, is there already."""
    reported = event.reported
    added = await driver.fetchval(
        _INSERT,
        case_id,
        event.cause,
        payment_id,
        event.attempt,
        event.pos_id,
        event.provider_order_id,
        event.ext_order_id,
        None if reported is None else reported.currency,
        None if reported is None else reported.minor_units,
    )
    return added is not None


@dataclass(frozen=True, slots=True)
class SqlExceptionBook:
    """Contradictions that belong to no open attempt."""

    tx: Transaction

    async def open(
        self, cause: Cause, facts: NotificationFacts, report: OrderReport | None
    ) -> None:
        case_id = new_id()
        event = PaymentQuarantined(
            cause=cause,
            attempt=None,
            pos_id=facts.pos_id,
            provider_order_id=facts.provider_order_id,
            ext_order_id=facts.ext_order_id,
            reported=None if report is None else report.amount,
        )
        if not await insert_case(self.tx.driver, case_id, event, None):
            return
        await self.tx.outbox.add(quarantined_alone(case_id, cause))
        if report is not None and report.status is OrderStatus.CAPTURED and report.amount:
            key = f"{report.pos_id}/{report.provider_order_id}"
            await insert_entry(self.tx.driver, exception_entry(key, report.amount), payment_id=None)
