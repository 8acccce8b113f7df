"""The worker's rounds over orders."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from services.booking.handlers.order_tasks import MAX_ORDERS_PER_ROUND, OrderTasks
from services.common.errors import ConcurrentChangeError

NOBODY: Any = None


class Expiring:
    """Orders whose deadline is over; those of a stuck screening cannot be ended."""

    def __init__(self, per_screening: int, screenings: int = 3) -> None:
        self.due = [
            (screening, uuid4()) for screening in _ids(screenings) for _ in range(per_screening)
        ]
        self.stuck: set[UUID] = set()
        self.at_once: dict[UUID, int] = {}

    async def list_expired(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        return self.due[:limit]

    async def expire(self, screening_id: UUID, order_id: UUID) -> bool:
        self.at_once[screening_id] = self.at_once.get(screening_id, 0) + 1
        assert self.at_once[screening_id] == 1, "each needs the board's lock"
        await asyncio.sleep(0)
        self.at_once[screening_id] -= 1
        if screening_id in self.stuck:
            raise ConcurrentChangeError
        self.due.remove((screening_id, order_id))
        return True

    def tasks(self) -> OrderTasks:
        orders: Any = self
        expire: Any = self.expire
        return OrderTasks(orders, NOBODY, expire, NOBODY)


def _ids(count: int) -> list[UUID]:
    return [uuid4() for _ in range(count)]


async def test_a_round_ends_all_orders_that_are_over_however_many() -> None:
    expiring = Expiring(per_screening=MAX_ORDERS_PER_ROUND)

    expired = await expiring.tasks().expire_due()

    assert (expired, expiring.due) == (3 * MAX_ORDERS_PER_ROUND, [])


async def test_orders_that_cannot_be_ended_now_are_left_for_the_next_round() -> None:
    expiring = Expiring(per_screening=MAX_ORDERS_PER_ROUND)
    expiring.stuck = {expiring.due[0][0]}

    expired = await expiring.tasks().expire_due()

    assert (expired, len(expiring.due)) == (0, 3 * MAX_ORDERS_PER_ROUND)
