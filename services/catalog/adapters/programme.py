"""The programme as anyone reads it: one statement per call, on the driver's fast path."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from services.catalog.adapters.halls import HALLS, hall_of
from services.catalog.adapters.records import (
    CINEMA_COLUMNS,
    PRICE_COLUMNS,
    TERMS_COLUMNS,
    cinema_of,
    policy_of,
    price_list_of,
    screening_of,
    terms_of,
)
from services.catalog.domain.cinema import Cinema, Hall
from services.catalog.domain.errors import (
    CinemaNotFoundError,
    ScreeningNotFoundError,
    SeatPlanNotFoundError,
    TermsNotFoundError,
)
from services.catalog.domain.prices import PriceList
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.domain.screening import Screening
from services.catalog.domain.terms import Terms, TermsVersions
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database

MAX_CACHED_SEAT_PLANS = 1_000
MAX_CACHED_PRICE_LISTS = 500

_CINEMAS = f"""
SELECT {CINEMA_COLUMNS} FROM cinema WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3"""
_CINEMA = f"SELECT {CINEMA_COLUMNS} FROM cinema WHERE id = $1"
_HALLS = f"{HALLS} AND h.name > $2 ORDER BY h.name LIMIT $3"
_SCREENING = "SELECT * FROM listed_screening WHERE id = $1"
_SEAT_PLAN = "SELECT plan FROM seat_plan WHERE id = $1"
_PRICE_LIST = f"SELECT {PRICE_COLUMNS} FROM price_list WHERE id = $1"
_TERMS_VERSION = f"""
SELECT {TERMS_COLUMNS} FROM terms WHERE policy_code = $1 AND otc_version = $2"""
_TERMS_IN_FORCE = f"""
SELECT {TERMS_COLUMNS} FROM terms
WHERE policy_code = $1 AND effective_time <= (SELECT app_clock())
ORDER BY effective_time DESC, number DESC LIMIT 1"""
_CINEMA_JOINED = ", ".join(
    f"c.{name.strip()} AS of_cinema_{name.strip()}" for name in CINEMA_COLUMNS.split(",")
)
_SALES_FACTS = f"""
SELECT s.*, {_CINEMA_JOINED}, sp.areas, p.id AS price_list_id, t.gtc_version, t.otc_version,
       t.figures::text AS figures, t.ratings_not_sold_online, t.categories_sold_online,
       EXISTS (SELECT FROM public_holiday
               WHERE country_code = c.country_code AND day = s.local_date) AS public_holiday
FROM listed_screening s
JOIN cinema c ON c.id = s.cinema_id
LEFT JOIN seat_plan sp ON sp.id = s.seat_plan_id
LEFT JOIN LATERAL (
    SELECT id FROM price_list
    WHERE cinema_id = c.id AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT * FROM terms
    WHERE policy_code = c.policy_code AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) t ON true
WHERE s.id = $1"""


@dataclass(frozen=True, slots=True)
class ProgrammeRows:
    """Reads of the programme. What never changes, plans and price lists, is kept in bounds."""

    database: Database
    _plans: BoundedCache[UUID, bytes] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_SEAT_PLANS)
    )
    _price_lists: BoundedCache[UUID, PriceList] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_PRICE_LISTS)
    )

    async def list_cinemas(self, after: tuple[str, str] | None, limit: int) -> list[Cinema]:
        rows = await self.database.fetch(_CINEMAS, *(after or ("", "")), limit)
        return [cinema_of(row) for row in rows]

    async def cinema(self, cinema_id: str) -> Cinema:
        row = await self.database.fetchrow(_CINEMA, cinema_id)
        if row is None:
            raise CinemaNotFoundError(cinema_id)
        return cinema_of(row)

    async def list_halls(self, cinema_id: str, after: str, limit: int) -> list[Hall]:
        rows = await self.database.fetch(_HALLS, cinema_id, after, limit)
        return [hall_of(row) for row in rows]

    async def screening(self, screening_id: UUID) -> Screening:
        row = await self.database.fetchrow(_SCREENING, screening_id)
        if row is None:
            raise ScreeningNotFoundError(screening_id)
        return screening_of(row)

    async def packed_seat_plan(self, seat_plan_id: UUID) -> bytes:
        plan = self._plans.get(seat_plan_id)
        if plan is None:
            row = await self.database.fetchrow(_SEAT_PLAN, seat_plan_id)
            if row is None:
                raise SeatPlanNotFoundError(seat_plan_id)
            plan = bytes(row["plan"])
            self._plans.put(seat_plan_id, plan)
        return plan

    async def sales_facts(self, screening_id: UUID) -> SalesFacts:
        row = await self.database.fetchrow(_SALES_FACTS, screening_id)
        if row is None:
            raise ScreeningNotFoundError(screening_id)
        price_list_id = row["price_list_id"]
        return SalesFacts(
            screening=screening_of(row),
            cinema=cinema_of(row, "of_cinema_"),
            price_list=await self._price_list(price_list_id) if price_list_id else None,
            terms=_versions_of(row),
            areas=None if row["areas"] is None else tuple(row["areas"]),
            public_holiday=row["public_holiday"],
        )

    async def terms(self, policy_code: str, otc_version: str) -> Terms:
        if otc_version:
            row = await self.database.fetchrow(_TERMS_VERSION, policy_code, otc_version)
        else:
            row = await self.database.fetchrow(_TERMS_IN_FORCE, policy_code)
        if row is None:
            raise TermsNotFoundError(policy_code)
        return terms_of(row)

    async def _price_list(self, price_list_id: UUID) -> PriceList:
        price_list = self._price_lists.get(price_list_id)
        if price_list is None:
            row = await self.database.fetchrow(_PRICE_LIST, price_list_id)
            if row is None:
                raise LookupError(f"price list {price_list_id} is gone")
            price_list = price_list_of(row)
            self._price_lists.put(price_list_id, price_list)
        return price_list


def _versions_of(row: Record) -> TermsVersions | None:
    if row["otc_version"] is None:
        return None
    return TermsVersions(
        row["of_cinema_policy_code"], row["gtc_version"], row["otc_version"], policy_of(row)
    )
