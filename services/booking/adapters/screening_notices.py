"""Telling buyers of changes, inside the transaction of a job: a batch in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.adapters.order_reading import read_orders
from services.booking.adapters.order_saving import save_orders, saving_of
from services.booking.adapters.remedy_offers import RemedyOfferRows
from services.booking.adapters.screening_changes import ScreeningChangeRows
from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order import Order
from services.booking.domain.screening_change import ScreeningChange
from services.booking.domain.screening_notice import Notice
from services.common.db.errors import TransactionConflictError
from services.common.db.transaction import Transaction
from services.common.mail.queue import NewMail, enqueue_mails

# In the order of their IDs, as whoever locks several does.
_LOCK = """
SELECT id FROM customer_order WHERE screening_id = $1 AND id = ANY($2::uuid[])
ORDER BY id FOR UPDATE"""
_HAS_UNPAID = """
SELECT EXISTS (
    SELECT FROM customer_order
    WHERE screening_id = $1 AND created_at < $2
      AND state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING'))"""


@dataclass(frozen=True, slots=True)
class ScreeningNotices:
    """The port `NoticeTx`."""

    tx: Transaction

    async def changes(self, screening_id: UUID) -> Sequence[ScreeningChange]:
        return await ScreeningChangeRows(self.tx.driver).of(screening_id)

    async def lock_orders(self, screening_id: UUID, order_ids: Sequence[UUID]) -> Sequence[Order]:
        await self.tx.driver.fetch(_LOCK, screening_id, list(order_ids))
        orders = await read_orders(self.tx.driver, order_ids)
        return list(orders.values())

    async def enqueue(self, notices: Sequence[tuple[Order, Notice]]) -> set[str]:
        """Whoever asked to be forgotten has no address any more: nothing is sent to them."""
        mails = [
            NewMail(notice.key, notice.kind, order.contact.email, notice.facts)
            for order, notice in notices
            if order.contact.email
        ]
        return await enqueue_mails(self.tx, mails) if mails else set()

    async def save_noted(self, orders: Sequence[Order]) -> None:
        parts = [saving_of(order, self.tx.trace()) for order in orders]
        rows = await save_orders(self.tx.driver, parts, waits=True)
        if any(row is None or row["version"] is None for row in rows):
            raise TransactionConflictError
        for order in orders:
            self.tx.changed(order.id)

    async def save_offers(self, offers: Sequence[OfferedRemedy]) -> None:
        if offers:
            await RemedyOfferRows(self.tx.driver).save_all(offers)

    async def withdraw_offers(self, screening_id: UUID, order_ids: Sequence[UUID]) -> None:
        if order_ids:
            await RemedyOfferRows(self.tx.driver).withdraw(screening_id, order_ids)

    async def has_unpaid(self, screening_id: UUID, placed_before: datetime) -> bool:
        return bool(await self.tx.driver.fetchval(_HAS_UNPAID, screening_id, placed_before))
