"""List payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.states import PaymentState


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What is looked for; None means any."""

    owner: str | None
    state: PaymentState | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


class PaymentPlace(NamedTuple):
    """Where a page ended."""

    create_time: datetime
    id: UUID


class PaymentList(Protocol):
    async def page(
        self, wanted: PaymentFilter, after: PaymentPlace | None, limit: int
    ) -> Sequence[Payment]:
        """Read at most `limit` payments, newest first, with their attempts."""
        ...


@dataclass(frozen=True, slots=True)
class ListPayments:
    """List payments, newest first."""

    payments: PaymentList

    async def __call__(
        self, wanted: PaymentFilter, after: PaymentPlace | None, limit: int
    ) -> Sequence[Payment]:
        return await self.payments.page(wanted, after, limit)
