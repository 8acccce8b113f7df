"""Find orders by what is known of them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.staff import Staff
from services.booking.use_cases.staff_reads import StaffReads


@dataclass(frozen=True, slots=True)
class ByNumber:
    """The number that people read, however it is typed."""

    number: str


@dataclass(frozen=True, slots=True)
class ByEmail:
    """The whole address; case does not matter."""

    email: str


@dataclass(frozen=True, slots=True)
class ByName:
    """How the last name begins, or all of it and how the first name begins."""

    last_name: str
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class ByScreening:
    """All orders of a screening."""

    screening_id: UUID


Search: TypeAlias = ByNumber | ByEmail | ByName | ByScreening
FoundPlace: TypeAlias = tuple[str, UUID]
"""Where an order stands among those found: by what it is sorted before its ID, and its ID."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order that was found, with its place."""

    order: Order
    place: FoundPlace


class OrderFinder(Protocol):
    """Finds orders, without their timelines."""

    async def find(
        self,
        search: Search,
        cinema_ids: AbstractSet[str] | None,
        after: FoundPlace | None,
        limit: int,
    ) -> Sequence[FoundOrder]:
        """Find those of the cinemas (None: all), after a place where one is given."""
        ...


@dataclass(frozen=True, slots=True)
class FindOrders:
    """Find orders of the cinemas of the staff's token; each that is shown is audited.

    One more than the page takes is given: it tells whether there is another page.
    """

    finder: OrderFinder
    staff_reads: StaffReads

    async def __call__(
        self, staff: Staff, search: Search, after: FoundPlace | None, page_size: int
    ) -> Sequence[FoundOrder]:
        found = await self.finder.find(search, staff.cinemas_or_all, after, page_size + 1)
        shown = [str(each.order.id) for each in found[:page_size]]
        await self.staff_reads.note(staff, "FindOrders", shown)
        return found
