"""The worker's rounds over orders: what is due is driven, what is over expires."""

import asyncio
from dataclasses import dataclass
from itertools import starmap
from uuid import UUID

from services.booking.use_cases.drive_order import DriveOrder
from services.booking.use_cases.end_order import ExpireOrder
from services.booking.use_cases.extend_orders import ExtendOrders
from services.booking.use_cases.order_ports import OrderStore
from services.common.errors import DomainError
from services.common.logging import get_logger

MAX_ORDERS_PER_ROUND = 50
# How long an order that a worker took is kept from the others.
DRIVE_LEASE_MS = 30_000

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrderTasks:
    """Several workers may do this at once: each takes its own orders."""

    orders: OrderStore
    drive_order: DriveOrder
    expire_order: ExpireOrder
    extend_orders: ExtendOrders

    async def drive_due(self) -> int:
        """Drive the orders whose next step is due; tells how many they were."""
        order_ids = await self.orders.take_due(MAX_ORDERS_PER_ROUND, DRIVE_LEASE_MS)
        await asyncio.gather(*(self._drive(order_id) for order_id in order_ids))
        return len(order_ids)

    async def expire_due(self) -> int:
        """Expire the unpaid orders whose deadline is over, however many; tells how many."""
        expired = 0
        while True:
            due = await self.orders.list_expired(MAX_ORDERS_PER_ROUND)
            by_screening: dict[UUID, list[UUID]] = {}
            for screening_id, order_id in due:
                by_screening.setdefault(screening_id, []).append(order_id)
            ended = sum(await asyncio.gather(*starmap(self._expire_all, by_screening.items())))
            expired += ended
            if len(due) < MAX_ORDERS_PER_ROUND or not ended:
                return expired

    async def extend_due(self) -> int:
        """Lengthen what is being paid while the provider does not answer; tells how many."""
        try:
            return await self.extend_orders()
        except DomainError as refusal:
            _log.info("orders_not_extended", reason=refusal.reason)
            return 0

    async def _drive(self, order_id: UUID) -> None:
        try:
            await self.drive_order(order_id, is_leased=True)
        except DomainError as refusal:
            _log.info("order_not_driven", order_id=str(order_id), reason=refusal.reason)
        except Exception:  # noqa: BLE001 - one order must not stop the worker loop.
            _log.exception("order_drive_failed", order_id=str(order_id))

    async def _expire_all(self, screening_id: UUID, order_ids: list[UUID]) -> int:
        """One after the other: each needs the board's lock."""
        return sum([await self._expire(screening_id, order_id) for order_id in order_ids])

    async def _expire(self, screening_id: UUID, order_id: UUID) -> bool:
        try:
            return await self.expire_order(screening_id, order_id)
        except DomainError as refusal:
            _log.info("order_not_expired", order_id=str(order_id), reason=refusal.reason)
        except Exception:  # noqa: BLE001 - one order must not stop the worker loop.
            _log.exception("order_expiry_failed", order_id=str(order_id))
        return False
