"""Orders by the number that people read, type and say on the phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.booking.adapters.order_reading import read_orders
from services.booking.domain.order import Order
from services.common.db.database import Database

# Numbers are drawn by chance: two alike are a nuisance, twenty are impossible.
MAX_ORDERS_OF_A_NUMBER = 20
_HALF = 4
_FIND = "SELECT id FROM customer_order WHERE number = $1 ORDER BY id DESC LIMIT $2"


@dataclass(frozen=True, slots=True)
class NumberedOrders:
    """The port `OrderNumbers`."""

    database: Database

    async def numbered(self, number: str) -> Sequence[Order]:
        found = await self.database.fetch(_FIND, plain_number(number), MAX_ORDERS_OF_A_NUMBER)
        orders = await read_orders(self.database, [row["id"] for row in found])
        return list(orders.values())


def plain_number(text: str) -> str:
    """Write a number as it is stored, however it was typed: `k7qf 3m4d` is `K7QF-3M4D`."""
    characters = "".join(text.upper().replace("-", " ").split())
    return f"{characters[:_HALF]}-{characters[_HALF:]}"
