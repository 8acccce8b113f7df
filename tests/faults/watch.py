"""Sees from outside how far an order is: reads the databases and the provider's record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg

from tests.faults.suite import Suite

POLL_S = 0.004
MAX_WAIT_S = 20.0

_ORDER = "SELECT id::text FROM customer_order WHERE hold_id = $1::text::uuid"
_RESERVED = "SELECT EXISTS (SELECT FROM reservation WHERE order_id = $1::text::uuid)"
_ATTEMPT = """
SELECT state FROM payment_attempt WHERE reference_id = $1::text::uuid ORDER BY number DESC LIMIT 1"""
_GRANTED = """
SELECT EXISTS (SELECT FROM payment_decision
               WHERE order_id = $1::text::uuid AND decision = 'GRANT')"""
_STATE = "SELECT state FROM customer_order WHERE id = $1::text::uuid"
_REFUND = "SELECT state FROM refund WHERE reference_id = $1::text::uuid"


@dataclass
class Watch:
    """Answers whether the order of a hold is at a certain point."""

    suite: Suite
    hold_id: str = ""
    order_id: str = ""
    _connections: dict[str, Any] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        for service in ("booking", "wallet", "payment"):
            self._connections[service] = await asyncpg.connect(self.suite.database(service))
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections.values():
            connection.terminate()

    async def until(self, moment: Callable[[Watch], Awaitable[bool]]) -> None:
        """Look again and again until it is so."""
        async with asyncio.timeout(MAX_WAIT_S):
            while not await moment(self):  # noqa: ASYNC110 - another process tells nobody.
                await asyncio.sleep(POLL_S)

    async def places_reserved(self) -> bool:
        return await self._knows_order() and bool(await self._ask("wallet", _RESERVED))

    async def known_to_provider(self) -> bool:
        return await self._knows_order() and bool(
            await self.suite.provider_orders_of(self.order_id)
        )

    async def paid_on_the_page(self) -> bool:
        orders = await self.suite.provider_orders_of(self.order_id)
        return any(order["authorized"] for order in orders)

    async def attempt_authorized(self) -> bool:
        return await self._attempt_is("AUTHORIZED", "CAPTURE_SENT", "CAPTURED")

    async def granted(self) -> bool:
        return bool(await self._ask("booking", _GRANTED))

    async def capture_sent(self) -> bool:
        return await self._attempt_is("CAPTURE_SENT", "CAPTURED")

    async def taken_by_provider(self) -> bool:
        orders = await self.suite.provider_orders_of(self.order_id)
        return any(order["captured"] for order in orders)

    async def captured(self) -> bool:
        return await self._attempt_is("CAPTURED")

    async def confirmed(self) -> bool:
        return await self._ask("booking", _STATE) == "CONFIRMED"

    async def cancelled(self) -> bool:
        return await self._ask("booking", _STATE) == "CANCELLED"

    async def refund_asked(self) -> bool:
        return await self._ask("payment", _REFUND) is not None

    async def refund_at_provider(self) -> bool:
        orders = await self.suite.provider_orders_of(self.order_id)
        return any(order["refunded"] or order["refund_pending"] for order in orders)

    async def refunded(self) -> bool:
        return await self._ask("payment", _REFUND) == "COMPLETED"

    async def _attempt_is(self, *states: str) -> bool:
        """Whether it is in one of the states; later ones count too: we may look late."""
        return await self._ask("payment", _ATTEMPT) in states

    async def _knows_order(self) -> bool:
        if not self.order_id:
            found = await self._connections["booking"].fetchval(_ORDER, self.hold_id)
            self.order_id = found or ""
        return bool(self.order_id)

    async def _ask(self, service: str, query: str) -> Any:
        return await self._connections[service].fetchval(query, self.order_id)
