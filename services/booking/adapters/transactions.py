"""Booking's transactions: the chassis's, with the stores of this service on its connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.booking.adapters.boards import SeatBoardStore
from services.booking.adapters.privacy_rows import PrivacyRows
from services.booking.adapters.seat_blocks import SeatBlockStore
from services.booking.adapters.staff_audit import StaffAuditRows
from services.common.db.database import Database
from services.common.db.idempotency import RequestStore
from services.common.db.outbox import Outbox
from services.common.db.transaction import Transaction


@dataclass(slots=True)
class BookingTransaction:
    """One transaction; each store works on its connection and commits with it."""

    inner: Transaction
    board: SeatBoardStore = field(init=False)

    def __post_init__(self) -> None:
        self.board = SeatBoardStore(self.inner.driver, self.inner.changed)

    @property
    def blocks(self) -> SeatBlockStore:
        return SeatBlockStore(self.inner.driver, self.board)

    @property
    def privacy(self) -> PrivacyRows:
        return PrivacyRows(self.inner)

    @property
    def audit(self) -> StaffAuditRows:
        return StaffAuditRows(self.inner.audit)

    @property
    def requests(self) -> RequestStore:
        return self.inner.requests

    @property
    def outbox(self) -> Outbox:
        return self.inner.outbox

    async def commit(self) -> None:
        await self.inner.commit()


@dataclass(frozen=True, slots=True)
class BookingTransactions:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[BookingTransaction]:
        async with self.database.transaction() as inner:
            yield BookingTransaction(inner)
