"""Orders in memory in front of the record: all live ones, and the latest finished ones."""

from collections import OrderedDict
from collections.abc import Iterable

from deploy.payu_emulator.order import Order
from deploy.payu_emulator.record import Record

max_live_orders = 50_000
max_finished_orders_in_memory = 5_000


class OrderStore:
    """Finds orders, by memory first. An order that is live is always the same object."""

    def __init__(self, record: Record, pos_ids: Iterable[str] = ()) -> None:
        self.record = record
        self._pos_ids = tuple(pos_ids)
        self._live: dict[str, Order] = {}
        self._finished: OrderedDict[str, Order] = OrderedDict()
        self._by_ext: dict[tuple[str, str], str] = {}
        self.generation = 0
        self._is_clearing = False

    def load(self) -> list[Order]:
        """Bring back what was unfinished when the process ended."""
        orders = self.record.live_orders()
        for order in orders:
            self._remember(order)
        return orders

    @property
    def is_full(self) -> bool:
        return len(self._live) >= max_live_orders

    def find(self, order_id: str) -> Order | None:
        order = self._live.get(order_id) or self._finished.get(order_id)
        return order or (None if self._is_clearing else self.record.find(order_id))

    def find_ext(self, pos_id: str, ext_order_id: str) -> Order | None:
        order_id = self._by_ext.get((pos_id, ext_order_id))
        if order_id is not None:
            return self.find(order_id)
        return None if self._is_clearing else self.record.find_ext(pos_id, ext_order_id)

    def find_any(self, reference: str) -> Order | None:
        """Find by orderId, else by extOrderId at whatever point of sale."""
        if (order := self.find(reference)) is not None:
            return order
        for pos_id in self._pos_ids:
            if (order := self.find_ext(pos_id, reference)) is not None:
                return order
        return None

    def keep(self, order: Order) -> None:
        """Remember the order's change and put it down for the next commit."""
        self.record.keep(order)
        self._remember(order)

    def keep_soon(self, order: Order) -> None:
        """Remember how a delivery went: a crash that loses it only makes it be delivered again."""
        self.record.keep_soon(order)
        self._remember(order)

    async def durable(self, order: Order) -> None:
        await self.record.durable(order.order_id)

    async def clear(self) -> None:
        """Forget all orders. What began in an earlier generation must keep nothing any more."""
        self.generation += 1
        self._live.clear()
        self._finished.clear()
        self._by_ext.clear()
        self._is_clearing = True
        try:
            await self.record.clear_orders()
        finally:
            self._is_clearing = False

    def _remember(self, order: Order) -> None:
        if order.ext_order_id is not None:
            self._by_ext[order.pos_id, order.ext_order_id] = order.order_id
        if order.is_live:
            self._finished.pop(order.order_id, None)
            self._live[order.order_id] = order
        else:
            self._live.pop(order.order_id, None)
            self._finished[order.order_id] = order
            self._evict()

    def _evict(self) -> None:
        while len(self._finished) > max_finished_orders_in_memory:
            order_id, order = next(iter(self._finished.items()))
            if not self.record.is_durable(order_id):
                return  # The next change tries again; by then it is on disk.
            del self._finished[order_id]
            if order.ext_order_id is not None:
                self._by_ext.pop((order.pos_id, order.ext_order_id), None)
