"""Orders outside of transactions: every write here is a transaction of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from asyncpg import NotNullViolationError, Record, UniqueViolationError

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_granting import Granting, grant_orders, granting_of
from services.booking.adapters.order_placing import Placing, place_orders, placing_of
from services.booking.adapters.order_reading import read_orders
from services.booking.adapters.order_rows import order_of, tickets_of
from services.booking.adapters.order_saving import Saving, save_orders, saving_of
from services.booking.adapters.orders import StoredOrders, is_after_sale
from services.booking.adapters.outage_sql import HIT_BY_OUTAGE
from services.booking.adapters.seen_orders import SeenOrders
from services.booking.domain.order import Order
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import Answer, OrderOwner
from services.common.db.database import Database
from services.common.db.together import Together
from services.common.gathering import Gathering
from services.common.requests import RequestKey

_CLAIM_TAKEN = "request_pkey"

# Gives the address of the image of a screening's ticket, or "".
ImageUrl = Callable[[UUID, UUID], str]


def no_image(screening_id: UUID, ticket_id: UUID) -> str:
    """Say that images are not served."""
    del screening_id, ticket_id
    return ""


@dataclass(slots=True)
class OrderDatabase:
    """The port `OrderStore`. What comes at the same time is placed, and saved, together."""

    database: Database
    ticket_image_url: ImageUrl = no_image
    _seen: SeenOrders = field(default_factory=SeenOrders, init=False)
    _placing: Together[Placing, Record] = field(init=False)
    _saving: Together[Saving, Record] = field(init=False)
    _granting: Together[Granting, Record] = field(init=False)
    _reading: Gathering[UUID, tuple[Order, Sequence[Ticket]]] = field(init=False)

    def __post_init__(self) -> None:
        self._placing = Together(partial(place_orders, self.database))
        self._saving = Together(partial(save_orders, self.database))
        self._granting = Together(partial(grant_orders, self.database))
        self._reading = Gathering(self._read_with_tickets)

    async def read(self, order_id: UUID, *, with_timeline: bool = False) -> Order:
        return await self._orders.read(order_id, with_timeline=with_timeline)

    async def read_moved(self, seen: Sequence[Order]) -> Sequence[Order]:
        ids, versions = [order.id for order in seen], [order.version for order in seen]
        return [order_of(row) for row in await self.database.fetch(sql.READ_MOVED, ids, versions)]

    async def read_with_tickets(self, order_id: UUID) -> tuple[Order, Sequence[Ticket]]:
        return await self._reading.ask(order_id)

    async def save(self, order: Order, answer: Answer | None = None) -> None:
        orders = self._orders
        if is_after_sale(order):
            await orders.save(order, answer)
        else:
            orders.saved(order, await self._saving(saving_of(order, orders.trace(), answer)))
            self._seen.keep(order)

    def recall(self, order_id: UUID) -> Order | None:
        return self._seen.take(order_id)

    async def save_confirmed(self, order: Order, tickets: Sequence[Ticket]) -> None:
        orders = self._orders
        part = saving_of(order, orders.trace(), tickets=tickets)
        orders.saved(order, await self._saving(part))

    async def save_granted(self, order: Order) -> bool:
        orders = self._orders
        try:
            row = await self._granting(granting_of(order, orders.trace()))
        except NotNullViolationError:
            return False
        orders.saved(order, row)
        orders.note(order.screening_id)
        return True

    async def place(
        self, order: Order, key: RequestKey, min_time_left: timedelta, *, hold_changes: int
    ) -> bool:
        placing = placing_of(order, key, min_time_left, hold_changes, self.database.trace())
        try:
            row = await self._placing(placing)
        except UniqueViolationError as error:
            if error.constraint_name != _CLAIM_TAKEN:
                raise
            return False
        if row is None or row["now"] is None:
            return False
        order.placed_at(
            row["now"],
            expires_at=row["expires_at"],
            extended_by=timedelta(seconds=row["extended_by_s"]),
        )
        return True

    async def read_bought(self, order_id: UUID) -> tuple[Order, Sequence[Ticket]]:
        row = await self.database.fetchrow(sql.READ_BOUGHT, order_id)
        if row is None:
            raise OrderNotFoundError(order_id)
        order = order_of(row)
        return order, self._tickets(order.screening_id, row["tickets"])

    async def read_tickets(
        self, order_id: UUID, *, after_number: str, limit: int
    ) -> tuple[OrderOwner, Sequence[Ticket]]:
        row = await self.database.fetchrow(sql.TICKETS, order_id, after_number, limit)
        if row is None:
            raise OrderNotFoundError(order_id)
        screening_id, owner, account_id, cinema_id, tickets = row
        return (
            OrderOwner(order_id, screening_id, owner, account_id, cinema_id),
            self._tickets(screening_id, tickets),
        )

    async def list_tickets(
        self, order: Order, *, after_number: str, limit: int
    ) -> Sequence[Ticket]:
        """List the tickets of an order that was read, as `read_tickets` does."""
        _, tickets = await self.read_tickets(order.id, after_number=after_number, limit=limit)
        return tickets

    async def take_due(self, limit: int, lease_ms: int) -> Sequence[UUID]:
        rows = await self.database.fetch(sql.TAKE_DUE, limit, float(lease_ms))
        return [row["id"] for row in rows]

    async def list_expired(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        rows = await self.database.fetch(sql.EXPIRED, limit)
        return [(row["screening_id"], row["id"]) for row in rows]

    async def list_hit_by_outage(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        rows = await self.database.fetch(HIT_BY_OUTAGE, limit)
        return [(row["screening_id"], row["id"]) for row in rows]

    async def _read_with_tickets(
        self, order_ids: Sequence[UUID]
    ) -> list[tuple[Order, Sequence[Ticket]] | Exception]:
        found = await read_orders(self.database, order_ids)
        screening_ids = [order.screening_id for order in found.values()]
        rows = await self.database.fetch(sql.TICKETS_OF_ALL, screening_ids, list(found))
        tickets = {row["order_id"]: row["tickets"] for row in rows}
        return [
            (order, self._tickets(order.screening_id, tickets.get(order.id)))
            if (order := found.get(order_id))
            else OrderNotFoundError(order_id)
            for order_id in order_ids
        ]

    def _tickets(self, screening_id: UUID, text: str | None) -> list[Ticket]:
        return tickets_of(text, partial(self.ticket_image_url, screening_id))

    @property
    def _orders(self) -> StoredOrders:
        return StoredOrders(self.database, self.database.trace, self._wake, self.database.note)

    def _wake(self, events: int) -> None:
        if events and self.database.wake_relay is not None:
            self.database.wake_relay()
