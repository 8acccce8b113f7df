"""What the audit reads, and what it needs to end an exception."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.common.db.audit import AuditEntry
from services.common.money import Money
from services.payment.domain.events import PaymentQuarantined
from services.payment.domain.exception_case import ExceptionCase


@dataclass(frozen=True, slots=True)
class SettlementScope:
    """Of what: one purchase, a period, or everything."""

    reference_id: UUID | None = None
    booked_from: datetime | None = None
    booked_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What captured money became, in minor units of one currency. The parts make the whole."""

    currency: str
    captured: int
    tickets: int
    supplements: int
    service_fees: int
    goods: int
    prepaid_cards: int
    refunds_pending: int
    refunded: int
    vouchers: int
    lapsed_remedies: int
    exceptions: int
    open_exceptions: int

    @property
    def unexplained(self) -> int:
        """What no part explains: zero, or a bug."""
        kept = self.tickets + self.supplements + self.service_fees + self.goods
        gone = self.refunds_pending + self.refunded + self.vouchers + self.exceptions
        return self.captured - kept - self.prepaid_cards - gone - self.lapsed_remedies


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """How one day of a point of sale compares with the provider's own list."""

    pos_id: str
    day: date
    orders: int
    captured: Money
    differences: int
    compare_time: datetime | None = None


class BookedEntry(NamedTuple):
    id: UUID
    kind: str
    key: str
    reference_id: UUID | None
    occur_time: datetime
    postings: Sequence[tuple[str, Money]]


class Place(NamedTuple):
    """Where a page ended."""

    time: datetime
    id: UUID


class AuditReader(Protocol):
    async def settlements(self, scope: SettlementScope) -> Sequence[Settlement]: ...

    async def provider_days(self, limit: int) -> Sequence[ProviderDay]: ...

    async def exceptions(
        self, after: Place | None, limit: int, *, with_resolved: bool
    ) -> Sequence[ExceptionCase]: ...

    async def exception(self, exception_id: UUID) -> ExceptionCase | None: ...

    async def journal(
        self, reference_id: UUID | None, after: Place | None, limit: int
    ) -> Sequence[BookedEntry]: ...


class ExceptionDesk(Protocol):
    """What ends exceptions inside a transaction."""

    async def open(self, event: PaymentQuarantined) -> None:
        """Store a contradiction that belongs to no open attempt, and tell of it.

        The same one again changes nothing. Money that was taken goes on the books and back.
        """
        ...

    async def refund_completed(self, refund_id: UUID) -> None:
        """End the exceptions that a refund was the remedy of."""
        ...

    async def dismiss(self, exception_id: UUID, by: str, reason: str) -> None: ...

    async def try_now(self, case: ExceptionCase) -> None:
        """Let the worker take the next step at once."""
        ...

    async def note(self, entry: AuditEntry) -> None: ...


class ListedOrder(NamedTuple):
    """An order as the provider's list of a day has it; `captured` in minor units."""

    provider_order_id: str
    ext_order_id: str
    captured: int


class ProviderList(Protocol):
    """The provider's own list of what it captured."""

    async def orders_of(self, pos_id: str, day: date) -> Sequence[ListedOrder]:
        """List a day's captured orders; raises ProviderDownError."""
        ...


class DayStore(Protocol):
    """Our side of a day, and how it compared."""

    async def captured_by(self, ext_order_ids: Sequence[str]) -> dict[str, int]:
        """Tell what we have captured of these orders; those of exceptions as they were reported."""
        ...

    async def captured_on(self, pos_id: str, day: date) -> dict[str, ListedOrder]:
        """List what we booked as captured on a day, by our names."""
        ...

    async def keep(self, day: ProviderDay) -> None: ...

    async def missing_days(self, pos_id: str, limit: int) -> Sequence[date]:
        """List past days that were not compared yet, oldest first."""
        ...
