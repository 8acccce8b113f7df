"""Orders as this process stored them last, so that a grant need not read them."""

from dataclasses import dataclass, field
from uuid import UUID

from services.booking.domain.order import Contact, Order, OrderState
from services.booking.domain.order_leg import OrderLeg
from services.common.bounded_cache import BoundedCache
from services.common.copies import copier

MAX_SEEN_ORDERS = 2_000
_NOBODY = Contact("", "", "", "")


@dataclass(slots=True)
class SeenOrders:
    """Orders that await their payment, without whom they are of.

    Another process may have moved them since: a write that is guarded by the version tells.
    """

    _orders: BoundedCache[UUID, Order] = field(
        default_factory=lambda: BoundedCache(MAX_SEEN_ORDERS)
    )

    def keep(self, order: Order) -> None:
        """Remember an order as it was just stored."""
        if order.state is OrderState.AWAITING_PAYMENT:
            self._orders.put(order.id, _copy(order))

    def take(self, order_id: UUID) -> Order | None:
        """Give an order away, to be moved."""
        order = self._orders.get(order_id)
        self._orders.forget(order_id)
        return order


def _copy(order: Order) -> Order:
    copied = _copy_order(order)
    copied.contact = _NOBODY
    copied.legs = [_copy_leg(leg) for leg in order.legs]
    copied.decisions = dict(order.decisions)
    copied.timeline, copied.events, copied.entries = [], [], []
    copied.new_decisions, copied.mails = [], []
    return copied


_copy_order = copier(Order)
_copy_leg = copier(OrderLeg)
