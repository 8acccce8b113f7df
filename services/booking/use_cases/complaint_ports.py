"""What complaints need of storage and of catalog's calendars."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.complaint import Complaint, ComplaintKind
from services.booking.domain.order import Order
from services.booking.use_cases.box_office_ports import StaffAudit
from services.booking.use_cases.order_ports import OrderTx
from services.booking.use_cases.ports import Requests

ComplaintPlace: TypeAlias = tuple[datetime, UUID]
"""Where a complaint stands in the listing: when it came, and its ID."""

NewNumber: TypeAlias = Callable[[], str]
"""Makes a number for people."""


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """Which complaints are wanted; None for all."""

    cinema_ids: AbstractSet[str] | None
    kind: ComplaintKind | None = None
    is_answered: bool | None = None
    only_overdue: bool = False


class ComplaintReads(Protocol):
    """Reading complaints."""

    async def read(self, complaint_id: UUID) -> Complaint:
        """Read one; COMPLAINT_NOT_FOUND."""
        ...

    async def list(
        self, wanted: ComplaintFilter, after: ComplaintPlace | None, limit: int
    ) -> Sequence[Complaint]:
        """List them, the oldest first, those after one where one is given."""
        ...


class Complaints(Protocol):
    """Complaints inside one transaction."""

    async def read_locked(self, complaint_id: UUID) -> Complaint:
        """Lock and read one; COMPLAINT_NOT_FOUND."""
        ...

    async def count_of_order(self, order_id: UUID) -> int: ...

    async def now(self) -> datetime:
        """Read the database's clock."""
        ...

    async def add(self, complaint: Complaint) -> None: ...

    async def save_answer(self, complaint: Complaint) -> None: ...


class CommentLimiter(Protocol):
    """Counts comments; zero lets one pass, else the milliseconds to wait."""

    async def wait_ms(self, principal: str, address: str) -> int: ...


class OrderNumbers(Protocol):
    """Finds orders by what people call them."""

    async def numbered(self, number: str) -> Sequence[Order]:
        """Read all orders of a number, without timelines: hardly ever more than one."""
        ...


class Holidays(Protocol):
    """The public holidays of a country. Never asked inside a transaction."""

    async def of_years(self, country_code: str, years: Sequence[int]) -> AbstractSet[date]:
        """Give them; none for a year that nobody has told, so that what is due is due earlier."""
        ...


class Mails(Protocol):
    """The queue of e-mails inside one transaction."""

    async def add(self, *, key: str, kind: str, recipient: str, facts: dict[str, Any]) -> None:
        """Queue an e-mail, once for each key."""
        ...


class DeskTx(OrderTx, Protocol):
    """A transaction of the orders, with what else customer service writes."""

    @property
    def complaints(self) -> Complaints: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def mails(self) -> Mails: ...

    @property
    def audit(self) -> StaffAudit: ...


DeskTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[DeskTx]]
