"""What catalog's use cases need of storage."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from services.catalog.domain.cinema import Cinema, FeedRules, Hall, Staff
from services.catalog.domain.hall_occupancy import Slot
from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList
from services.catalog.domain.promotion import Promotion
from services.catalog.domain.screening import Screening
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.terms import Terms
from services.catalog.use_cases.film_ports import FilmStore
from services.catalog.use_cases.import_ports import ImportStage
from services.common.requests import RequestKey

NewId: TypeAlias = Callable[[], UUID]


class CinemaStore(Protocol):
    async def lock(self, cinema_id: str) -> tuple[Cinema, FeedRules] | None:
        """Read a cinema and be the only one that changes what belongs to it."""
        ...

    async def save(self, cinema: Cinema, rules: FeedRules) -> Cinema:
        """Store it as its next version."""
        ...


class HallStore(Protocol):
    async def get_or_create(self, cinema_id: str, name: str) -> Hall: ...

    async def applies(
        self, seat_plan_id: UUID, content_hash: bytes, effective_time: datetime | None
    ) -> bool:
        """Tell whether the plan has that content and is in use from that moment on already."""
        ...

    async def find(self, cinema_id: str, hall_id: UUID) -> Hall:
        """HALL_NOT_FOUND, also for a hall of another cinema."""
        ...

    async def plan_at(self, hall_id: UUID, start: datetime) -> UUID | None:
        """Give the plan of a hall for a screening that starts then."""
        ...

    async def areas_of(self, seat_plan_id: UUID) -> tuple[str, ...]:
        """List the areas of a plan."""
        ...

    async def set_formats(self, hall: Hall, formats: tuple[str, ...]) -> Hall: ...

    async def publish(
        self, hall: Hall, seat_plan_id: UUID, plan: SeatPlan, effective_time: datetime | None
    ) -> tuple[Hall, bytes]:
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


class PromotionStore(Protocol):
    async def lock(self, policy_code: str, code: str) -> None:
        """Be the only one that publishes under this code."""
        ...

    async def newest(self, policy_code: str, code: str) -> Promotion | None:
        """Give the version published last."""
        ...

    async def regulations_sha256(self, policy_code: str, code: str, version: str) -> str:
        """Give the hash of a version of its regulations, "" when there is none."""
        ...

    async def add(self, promotion: Promotion) -> None: ...


class HolidayStore(Protocol):
    async def lock(self, country_code: str, year: int) -> HolidayCalendar:
        """Read a year and be the only one that changes the country's holidays."""
        ...

    async def replace(self, calendar: HolidayCalendar) -> None: ...


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

    async def clock(self) -> datetime:
        """Read the clock."""
        ...

    async def cinema_of(self, screening_id: UUID) -> str:
        """Give the cinema's ID, without a lock; SCREENING_NOT_FOUND."""
        ...

    async def neighbours(
        self, wanted: Slot, margin: timedelta, hall_id: UUID, screening_id: UUID | None
    ) -> list[tuple[UUID, Slot]]:
        """Find the other screenings of a hall that are at most so far from a time."""
        ...

    async def save(self, before: Screening, after: Screening, now: datetime) -> Screening:
        """Store the next version and tell it; gives it as it is listed."""
        ...

    async def add(self, new: Screening) -> Screening:
        """Store a new screening and tell it; gives it as it is listed."""
        ...

    async def touch_cinema(self, cinema_id: str) -> None:
        """Tell that all coming screenings of a cinema have changed facts."""
        ...

    async def assign_missing_plans(self, hall_id: UUID) -> None:
        """Give coming screenings without a plan the hall's that is for their start; tell it."""

    async def touch_film(self, film_id: UUID) -> None:
        """Tell that all coming screenings of a film have changed facts."""
        ...

        ...

    async def touch_days(self, country_code: str, days: Collection[date]) -> None:
        """Tell that a country's coming screenings of these local dates have changed facts."""
        ...


class Events(Protocol):
    """What the other services are told in this transaction, besides of screenings."""

    async def seat_plan_published(
        self, hall: Hall, seat_plan_id: UUID, effective_time: datetime | None
    ) -> None: ...

    async def prices_published(self, price_list: PriceList) -> None: ...

    async def terms_published(self, terms: Terms) -> None: ...

    async def holidays_set(self, calendar: HolidayCalendar) -> None: ...


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
    def films(self) -> FilmStore: ...

    @property
    def prices(self) -> PriceStore: ...

    @property
    def promotions(self) -> PromotionStore: ...

    @property
    def holidays(self) -> HolidayStore: ...

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
