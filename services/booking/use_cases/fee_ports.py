"""What the override of fees needs of storage besides orders."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from services.booking.domain.fee_override import FeeOverride
from services.booking.domain.order import Order
from services.booking.use_cases.box_office_ports import StaffAudit
from services.booking.use_cases.order_ports import OrderTx


class FeeOverrides(Protocol):
    """What staff said of orders' fees, inside a transaction that has locked the order."""

    async def of(self, order: Order) -> FeeOverride | None:
        """Read what was proposed for an order."""
        ...

    async def propose(self, order: Order, override: FeeOverride) -> None:
        """Keep who proposed it, and why."""
        ...

    async def agree(self, order: Order, approved_by: str, reason: str) -> None:
        """Keep who else agreed, and why."""
        ...


class FeeTx(OrderTx, Protocol):
    """A transaction of the orders with what the override needs."""

    @property
    def fee_overrides(self) -> FeeOverrides: ...

    @property
    def audit(self) -> StaffAudit: ...


FeeTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[FeeTx]]
