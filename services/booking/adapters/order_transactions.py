"""Transactions of the orders: boards, holds, orders and requests on one connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking.adapters import order_sql as sql
from services.booking.adapters.boards import SeatBoardStore
from services.booking.adapters.fee_overrides import FeeOverrideRows
from services.booking.adapters.order_saving import CONFIRMATION_MAIL
from services.booking.adapters.orders import StoredOrders
from services.booking.adapters.outage_sql import OUTAGE_SINCE
from services.booking.adapters.remedy_offers import RemedyOfferRows
from services.booking.adapters.staff_audit import StaffAuditRows
from services.booking.domain.order import Order
from services.booking.domain.screening_notice import Notice
from services.booking.use_cases.order_ports import Claim
from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.mail.queue import enqueue_mail
from services.common.requests import RequestKey


@dataclass(slots=True)
class OrderTransaction:
    """The ports `OrderTx`, `RemedyTx` and `FeeTx` on a transaction of the chassis."""

    inner: Transaction
    board: SeatBoardStore = field(init=False)
    orders: StoredOrders = field(init=False)
    offers: RemedyOfferRows = field(init=False)
    fee_overrides: FeeOverrideRows = field(init=False)
    audit: StaffAuditRows = field(init=False)

    def __post_init__(self) -> None:
        self.board = SeatBoardStore(self.inner.driver, self.inner.changed)
        self.offers = RemedyOfferRows(self.inner.driver)
        self.fee_overrides = FeeOverrideRows(self.inner.driver)
        self.audit = StaffAuditRows(self.inner.audit)
        self.orders = StoredOrders(
            self.inner.driver, self.inner.trace, self._told, self.inner.changed
        )

    async def claim(self, key: RequestKey, order_id: UUID) -> Claim:
        claim = await self.inner.requests.claim_open(key, order_id)
        return Claim(claim.work_id, is_new=claim.is_new)

    async def store(self, key: RequestKey, result: Any) -> None:
        await self.inner.requests.store(key, result)

    async def queue_confirmation(self, order: Order, request_id: UUID) -> None:
        await enqueue_mail(
            self.inner,
            key=f"{CONFIRMATION_MAIL}:{order.id}:{request_id}",
            kind=CONFIRMATION_MAIL,
            recipient=order.contact.email,
            facts={"order_id": str(order.id)},
        )

    async def drop_claim(self, principal: str, request_id: UUID, order_id: UUID) -> None:
        await self.inner.driver.execute(sql.DROP_CLAIM, principal, request_id, order_id)

    async def has_newer_order(self, order: Order) -> bool:
        found: bool = await self.inner.driver.fetchval(
            sql.NEWER_ORDER, order.screening_id, order.owner, order.id, order.created_at
        )
        return found

    async def outage_since(self, currency: str) -> datetime | None:
        since: datetime | None = await self.inner.driver.fetchval(OUTAGE_SINCE, currency)
        return since

    async def enqueue(self, order: Order, notice: Notice) -> None:
        if order.contact.email:
            await enqueue_mail(
                self.inner,
                key=notice.key,
                kind=notice.kind,
                recipient=order.contact.email,
                facts=notice.facts,
            )

    async def commit(self) -> None:
        await self.inner.commit()

    def _told(self, events: int) -> None:
        self.inner.outbox.awaited += events


@dataclass(frozen=True, slots=True)
class OrderTransactionScopes:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[OrderTransaction]:
        async with self.database.transaction() as inner:
            yield OrderTransaction(inner)
