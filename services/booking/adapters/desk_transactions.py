"""Transactions of customer service: orders, complaints, e-mails, requests and audit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.booking.adapters.complaints import ComplaintRows
from services.booking.adapters.order_transactions import OrderTransaction
from services.common.db.database import Database
from services.common.db.idempotency import RequestStore
from services.common.db.transaction import Transaction
from services.common.mail.queue import enqueue_mail


@dataclass(frozen=True, slots=True)
class MailQueue:
    """The port `Mails`."""

    tx: Transaction

    async def add(self, *, key: str, kind: str, recipient: str, facts: dict[str, Any]) -> None:
        await enqueue_mail(self.tx, key=key, kind=kind, recipient=recipient, facts=facts)


class DeskTransaction(OrderTransaction):
    """The port `DeskTx`: a transaction of the orders, with what else customer service writes."""

    __slots__ = ()

    @property
    def complaints(self) -> ComplaintRows:
        return ComplaintRows(self.inner.driver)

    @property
    def requests(self) -> RequestStore:
        return self.inner.requests

    @property
    def mails(self) -> MailQueue:
        return MailQueue(self.inner)


@dataclass(frozen=True, slots=True)
class DeskTransactionScopes:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[DeskTransaction]:
        async with self.database.transaction() as inner:
            yield DeskTransaction(inner)
