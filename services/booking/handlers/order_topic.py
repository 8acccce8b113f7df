"""An order as a watched thing: each of its versions serialised once for all watchers."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.domain.order_steps import is_settled
from services.booking.handlers.order_converters import order_fields


@dataclass(slots=True)
class OrderTopic:
    """The port `Topic` of the chassis's feeds; a mark is a version."""

    order: Order
    _message: bytes = field(default=b"", init=False)

    @property
    def key(self) -> UUID:
        return self.order.id

    @property
    def mark(self) -> int:
        return self.order.version

    @property
    def is_final(self) -> bool:
        return is_settled(self.order)

    def learn(self, other: Self) -> bool:
        return self.advance(other.order)

    def advance(self, order: Order) -> bool:
        """Take over a later version."""
        if order.version <= self.order.version:
            return False
        self.order, self._message = order, b""
        return True

    def message_after(self, mark: int | None) -> bytes:
        if mark == self.mark and not self.is_final:
            return pb.WatchOrderResponse(version=mark).SerializeToString()
        if not self._message:
            self._message = pb.WatchOrderResponse(
                version=self.mark, order=order_fields(self.order), is_final=self.is_final
            ).SerializeToString()
        return self._message

    def goodbye_at(self, mark: int | None) -> bytes:
        return pb.WatchOrderResponse(version=mark or 0, come_again=True).SerializeToString()


ReadMoved = Callable[[Sequence[Order]], Awaitable[Sequence[Order]]]
"""Reads the orders that are not at the version that was seen, in one statement."""


@dataclass(frozen=True, slots=True)
class OrderLook:
    """Brings topics up to date: the `Look` of the feed of orders."""

    read_moved: ReadMoved

    async def __call__(self, topics: Sequence[OrderTopic]) -> Collection[UUID]:
        by_key = {topic.key: topic for topic in topics}
        moved = await self.read_moved([topic.order for topic in topics])
        return {order.id for order in moved if by_key[order.id].advance(order)}
