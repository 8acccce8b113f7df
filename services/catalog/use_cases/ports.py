"""What catalog's use cases need of storage."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from services.catalog.domain.cinema import Cinema, FeedRules, Hall, Staff
from services.catalog.domain.feed_rows import FeedFilm, FeedRow
from services.catalog.domain.hall_occupancy import Claim, Slot
from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.imported_row import ImportedRow
from services.catalog.domain.prices import PriceList
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.domain.screening import Screening
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.terms import Terms
from services.common.requests import RequestKey

NewId: TypeAlias = Callable[[], UUID]
# A file that was received whole; may be read several times.
Upload: TypeAlias = Callable[[], AsyncIterator[bytes]]
ReadProgramme: TypeAlias = Callable[
    [AsyncIterator[bytes], Mapping[str, ImportProfile]], AsyncGenerator[FeedRow, None]
]


@dataclass(frozen=True, slots=True)
class ScreeningFilter:
    """Which screenings are listed. An empty `cinema_id`, `film_id` or `format` means all."""

    cinema_id: str
    film_id: UUID | None
    day: date
    by_business_day: bool
    format: str
    include_not_sold: bool


class Programme(Protocol):
    """The programme as anyone may read it, outside of transactions."""

    async def list_cinemas(self, after: tuple[str, str] | None, limit: int) -> list[Cinema]:
        """List by name and ID, after that keyset."""
        ...

    async def cinema(self, cinema_id: str) -> Cinema:
        """CINEMA_NOT_FOUND."""
        ...

    async def list_screenings(
        self, wanted: ScreeningFilter, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[Screening]:
        """List by start and ID, after that keyset."""
        ...

    async def screening(self, screening_id: UUID) -> Screening:
        """SCREENING_NOT_FOUND."""
        ...

    async def packed_seat_plan(self, seat_plan_id: UUID) -> bytes:
        """Give the plan as it was published, serialised; SEAT_PLAN_NOT_FOUND."""
        ...

    async def sales_facts(self, screening_id: UUID) -> SalesFacts:
        """SCREENING_NOT_FOUND."""
        ...

    async def terms(self, policy_code: str, otc_version: str) -> Terms:
        """Give a version, or with "" the one in force; TERMS_NOT_FOUND."""
        ...


class CinemaStore(Protocol):
    async def lock(self, cinema_id: str) -> tuple[Cinema, FeedRules] | None:
        """Read a cinema and be the only one that changes what belongs to it."""
        ...

    async def save(self, cinema: Cinema, rules: FeedRules) -> None: ...


class HallStore(Protocol):
    async def get_or_create(self, cinema_id: str, name: str) -> Hall: ...

    async def content_hash(self, seat_plan_id: UUID) -> bytes: ...

    async def publish(self, hall: Hall, seat_plan_id: UUID, plan: SeatPlan) -> tuple[Hall, bytes]:
        """Store the plan as the hall's next version; gives the hall and the plan serialised."""
        ...

    async def packed(self, seat_plan_id: UUID) -> bytes: ...


class PriceStore(Protocol):
    async def currency_in_use(self, cinema_id: str) -> str:
        """Give the currency of the cinema's prices, "" when it has none."""
        ...

    async def newest(self, cinema_id: str, effective_time: datetime) -> PriceList | None:
        """Give the list published last among those that begin at that moment."""
        ...

    async def add(self, price_list: PriceList) -> None: ...


class TermsStore(Protocol):
    async def lock(self, policy_code: str) -> None:
        """Be the only one that publishes terms of this policy."""
        ...

    async def find(self, policy_code: str, otc_version: str) -> Terms | None: ...

    async def add(self, terms: Terms) -> None: ...


class ScreeningStore(Protocol):
    async def lock(self, screening_id: UUID) -> tuple[Screening, datetime]:
        """Lock and read, with the clock after the lock; SCREENING_NOT_FOUND."""
        ...

    async def save_termination(
        self, screening: Screening, *, now: datetime, reason: str, attributable: bool
    ) -> None:
        """Store the end of a screening and tell it."""
        ...

    async def touch_cinema(self, cinema_id: str) -> None:
        """Tell that all coming screenings of a cinema have changed facts."""
        ...

    async def assign_first_plan(self, hall_id: UUID, seat_plan_id: UUID) -> None:
        """Give coming screenings that have no plan this one, and tell it."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """How many screenings an import made and changed, and how many are not sold online."""

    created: int
    updated: int
    not_sold: int


class ImportStage(Protocol):
    """One import inside its transaction: rows are staged, then stored all at once."""

    async def begin(self) -> None:
        """Give this transaction the time that an import may take."""
        ...

    async def add(self, rows: Sequence[tuple[int, ImportedRow, bytes]]) -> None:
        """Stage rows: position in the feed, row, hash of its content."""
        ...

    async def save_films(self, films: Mapping[str, FeedFilm]) -> int:
        """Store films by their feed ID; tells how many are new or changed."""
        ...

    async def create_halls(self, names: Sequence[str]) -> int:
        """Make the halls that are missing; tells how many."""
        ...

    async def claims(self) -> tuple[list[Slot], list[Claim]]:
        """Give the slots of other screenings near, and what the staged rows want."""
        ...

    async def drop(self, indices: Sequence[int]) -> dict[int, str]:
        """Unstage rows; gives their feed IDs."""
        ...

    async def store(self) -> Stored:
        """Store what is staged, and tell what is new and what changed."""
        ...


class Events(Protocol):
    """What the other services are told in this transaction, besides of screenings."""

    async def seat_plan_published(self, hall: Hall, seat_plan_id: UUID) -> None: ...

    async def prices_published(self, price_list: PriceList) -> None: ...

    async def terms_published(self, terms: Terms) -> None: ...


class StaffAudit(Protocol):
    async def add(
        self, staff: Staff, action: str, subject: str, *, before: object = "", after: object = ""
    ) -> None:
        """Note who did what; call it last before the answer is stored."""
        ...


class Requests(Protocol):
    """The request IDs of this transaction (see the chassis)."""

    async def claim(self, key: RequestKey) -> None: ...

    async def store(self, key: RequestKey, result: Any) -> None: ...


class Transaction(Protocol):
    """A transaction of the catalog; rolled back unless committed."""

    @property
    def requests(self) -> Requests: ...

    @property
    def cinemas(self) -> CinemaStore: ...

    @property
    def halls(self) -> HallStore: ...

    @property
    def prices(self) -> PriceStore: ...

    @property
    def terms(self) -> TermsStore: ...

    @property
    def screenings(self) -> ScreeningStore: ...

    @property
    def events(self) -> Events: ...

    @property
    def audit(self) -> StaffAudit: ...

    def import_stage(self, cinema: Cinema) -> ImportStage: ...

    async def commit(self) -> None: ...


Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Transaction]]
