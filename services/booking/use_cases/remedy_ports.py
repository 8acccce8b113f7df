"""What remedies need of storage besides orders."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order import Order
from services.booking.domain.screening_change import ScreeningChange
from services.booking.domain.screening_notice import Notice
from services.booking.use_cases.box_office_ports import StaffAudit
from services.booking.use_cases.order_ports import OrderTx


class ScreeningChanges(Protocol):
    """What catalog told of screenings that somebody may have bought."""

    async def of(self, screening_id: UUID) -> Sequence[ScreeningChange]:
        """List what happened to a screening, oldest first."""
        ...


class RemedyOffers(Protocol):
    """What is offered to orders, outside of transactions."""

    async def take_due(self, limit: int, lease_s: float) -> Sequence[OfferedRemedy]:
        """Take open offers that somebody has to look at; nobody else gets them for a while."""
        ...

    async def failed(self, offer: OfferedRemedy, problem: str) -> None:
        """Let an offer wait, longer each time."""
        ...


class OffersOfTx(Protocol):
    """The same inside a transaction that has locked the order."""

    async def move(self, offer: OfferedRemedy) -> bool:
        """Store where an open offer stands now; False when it is another one, or over."""
        ...

    async def take(self, screening_id: UUID, order_id: UUID) -> None:
        """End an open offer: what is due was asked for."""
        ...


class RemedyTx(OrderTx, Protocol):
    """A transaction of the orders with what remedies need."""

    @property
    def offers(self) -> OffersOfTx: ...

    @property
    def audit(self) -> StaffAudit: ...

    async def enqueue(self, order: Order, notice: Notice) -> None:
        """Queue an e-mail to the order's buyer, once for each key."""
        ...


RemedyTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[RemedyTx]]
