"""Orders as this process stored them last, so that a grant need not read them."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from services.booking.domain.order import Contact, Order, OrderState
from services.common.bounded_cache import BoundedCache

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
    return replace(
        order,
        contact=_NOBODY,
        legs=[replace(leg) for leg in order.legs],
        decisions=dict(order.decisions),
        timeline=[],
        events=[],
        entries=[],
        new_decisions=[],
    )
