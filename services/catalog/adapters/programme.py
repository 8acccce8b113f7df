"""The programme as anyone reads it: one statement per call, on the driver's fast path."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from services.catalog.adapters.halls import HALLS, hall_of
from services.catalog.adapters.price_reads import PriceReadRows
from services.catalog.adapters.records import CINEMA_COLUMNS, cinema_of, screening_of
from services.catalog.adapters.terms_rows import policy_of
from services.catalog.domain.cinema import Cinema, Hall
from services.catalog.domain.errors import (
    CinemaNotFoundError,
    ScreeningNotFoundError,
    SeatPlanNotFoundError,
)
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.domain.screening import Screening
from services.catalog.domain.terms import TermsVersions
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database

MAX_CACHED_SEAT_PLANS = 1_000

_CINEMAS = f"""
SELECT {CINEMA_COLUMNS} FROM cinema WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3"""
_CINEMA = f"SELECT {CINEMA_COLUMNS} FROM cinema WHERE id = $1"
_HALLS = f"{HALLS} AND h.name > $2 ORDER BY h.name LIMIT $3"
_SCREENING = "SELECT * FROM listed_screening WHERE id = $1"
_SEAT_PLAN = "SELECT plan FROM seat_plan WHERE id = $1"
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
    prices: PriceReadRows
    _plans: BoundedCache[UUID, bytes] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_SEAT_PLANS)
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
            price_list=await self.prices.price_list(price_list_id) if price_list_id else None,
            terms=_versions_of(row),
            areas=None if row["areas"] is None else tuple(row["areas"]),
            public_holiday=row["public_holiday"],
        )


def _versions_of(row: Record) -> TermsVersions | None:
    if row["otc_version"] is None:
        return None
    return TermsVersions(
        row["of_cinema_policy_code"], row["gtc_version"], row["otc_version"], policy_of(row)
    )
