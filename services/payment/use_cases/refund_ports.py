"""What the use cases of giving back need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.common.money import Money
from services.payment.domain.budget import Purpose
from services.payment.domain.refund import Refund, RefundReport


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund as the provider is told of it. The same again is the same refund there.

    `provider_refund_id` is the provider's own name of it, when it is known.
    """

    pos_id: str
    provider_order_id: str
    provider_reference: str
    amount: Money
    provider_refund_id: str = ""


class RefundStore(Protocol):
    """Refunds inside a transaction. Those of a payment are changed under its lock."""

    async def find(self, refund_id: UUID) -> Refund | None: ...

    async def find_id(self, report: RefundReport) -> UUID | None:
        """Find the refund that the provider calls so."""
        ...

    async def lock(self, refund_id: UUID) -> tuple[Refund, datetime]:
        """Read one that exists under its own lock, with the database's clock."""
        ...

    async def add(self, refund: Refund) -> bool:
        """Store a new one; false when its ID is taken."""
        ...

    async def save(self, refund: Refund) -> None: ...


class RefundReader(Protocol):
    async def find(self, owner: str | None, refund_id: UUID) -> Refund | None:
        """Read without a lock; any owner's when `owner` is None."""
        ...

    async def of_payment(self, payment_id: UUID) -> Sequence[Refund]:
        """Read all refunds of a payment, oldest first."""
        ...


class StoredSpending(NamedTuple):
    payment_id: UUID
    amount: Money
    remaining: Money
    purpose: Purpose


class SpendingStore(Protocol):
    async def find(self, spending_id: UUID) -> StoredSpending | None: ...

    async def add(
        self, spending_id: UUID, payment_id: UUID, amount: Money, left: Money, purpose: Purpose
    ) -> None: ...
