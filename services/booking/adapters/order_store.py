"""Orders outside of transactions: every write here is a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from asyncpg import UniqueViolationError

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_messages import event_message
from services.booking.adapters.order_rows import (
    allocations_json,
    lines_json,
    new_legs_json,
    policy_text,
    screening_json,
    ticket_of,
)
from services.booking.adapters.orders import StoredOrders
from services.booking.domain.order import Order
from services.booking.domain.order_events import OrderPlaced
from services.booking.domain.order_steps import TAKE_OVER_AFTER_MS
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import Answer
from services.common.db.database import Database
from services.common.ids import new_id
from services.common.requests import RequestKey

_CLAIM_TAKEN = "request_pkey"


@dataclass(frozen=True, slots=True)
class OrderDatabase:
    """The port `OrderStore`."""

    database: Database

    async def read(self, order_id: UUID, *, with_timeline: bool = False) -> Order:
        return await self._orders.read(order_id, with_timeline=with_timeline)

    async def save(self, order: Order, answer: Answer | None = None) -> None:
        await self._orders.save(order, answer)

    async def save_confirmed(self, order: Order, tickets: Sequence[Ticket]) -> None:
        await self._orders.save_confirmed(order, tickets)

    async def save_remedy_given(self, order: Order) -> None:
        await self._orders.save_remedy_given(order)

    async def save_granted(self, order: Order) -> bool:
        return await self._orders.save_granted(order)

    async def place(self, order: Order, key: RequestKey, min_time_left: timedelta) -> bool:
        placed = OrderPlaced(order.total)
        trace = self.database.trace()
        contact = order.contact
        try:
            row = await self.database.fetchrow(
                sql.PLACE,
                order.screening_id,
                order.id,
                order.hold_id,
                order.owner,
                min_time_left.total_seconds(),
                key.method,
                key.request_id,
                key.fingerprint,
                order.number,
                order.account_id,
                order.channel,
                order.currency,
                order.total.minor_units,
                order.money_due.minor_units,
                order.terms.gtc_version,
                order.terms.otc_version,
                policy_text(order.policy),
                screening_json(order.screening),
                order.return_url,
                float(TAKE_OVER_AFTER_MS),
                contact.first_name,
                contact.last_name,
                contact.email,
                contact.language,
                contact.ip_address,
                lines_json(order.lines),
                allocations_json(order.lines),
                new_legs_json(order.legs),
                new_id(),
                OrderPlaced.__name__,
                event_message(order, placed).SerializeToString(),
                trace.correlation_id,
                trace.traceparent,
            )
        except UniqueViolationError as error:
            if error.constraint_name != _CLAIM_TAKEN:
                raise
            return False
        if row is None:
            return False
        order.placed_at(row["now"], expires_at=row["expires_at"])
        return True

    async def list_tickets(
        self, order: Order, *, after_position: int, limit: int
    ) -> Sequence[Ticket]:
        rows = await self.database.fetch(
            sql.TICKETS, order.screening_id, order.id, after_position, limit
        )
        return [ticket_of(row) for row in rows]

    async def take_due(self, limit: int, lease_ms: int) -> Sequence[UUID]:
        rows = await self.database.fetch(sql.TAKE_DUE, limit, float(lease_ms))
        return [row["id"] for row in rows]

    async def list_expired(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        rows = await self.database.fetch(sql.EXPIRED, limit)
        return [(row["screening_id"], row["id"]) for row in rows]

    @property
    def _orders(self) -> StoredOrders:
        return StoredOrders(self.database, self.database.trace, self._wake)

    def _wake(self, events: int) -> None:
        if events and self.database.wake_relay is not None:
            self.database.wake_relay()
