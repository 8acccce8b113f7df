"""Halls and their seat plans inside a transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.adapters.seat_plan_message import PlanVersion, pack_seat_plan
from services.catalog.domain.cinema import Hall
from services.catalog.domain.errors import SeatPlanNotFoundError
from services.catalog.domain.screening_errors import HallNotFoundError
from services.catalog.domain.seat_plan import SeatPlan
from services.common.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Connection, Record

HALLS = """
SELECT h.id, h.cinema_id, h.name, h.seat_plan_id, h.seat_plan_version,
       coalesce(sp.seats, 0) AS capacity, h.formats
FROM hall h LEFT JOIN seat_plan sp ON sp.id = h.seat_plan_id
WHERE h.cinema_id = $1"""
_READ = f"{HALLS} AND h.name = $2"
_READ_BY_ID = f"{HALLS} AND h.id = $2"
_CREATE = "INSERT INTO hall (id, cinema_id, name) VALUES ($1, $2, $3)"
_ADD_PLAN = """
INSERT INTO seat_plan (id, hall_id, version, content_hash, seats, areas, plan, effective_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_APPLIES = """
SELECT content_hash = $2 AND (effective_time IS NULL OR effective_time <= coalesce($3, app_clock()))
FROM seat_plan WHERE id = $1"""
_PACKED = "SELECT plan FROM seat_plan WHERE id = $1"
_AREAS = "SELECT areas FROM seat_plan WHERE id = $1"
_PLAN_AT = "SELECT seat_plan_at($1, $2)"
_SET_FORMATS = "UPDATE hall SET formats = $2 WHERE id = $1"
_USE_PLAN = "UPDATE hall SET seat_plan_id = $2, seat_plan_version = $3 WHERE id = $1"


def hall_of(row: "Record") -> Hall:
    """Read a row of `HALLS`."""
    return Hall(**{**dict(row), "formats": tuple(row["formats"])})


@dataclass(frozen=True, slots=True)
class HallStoreRows:
    """Reads and writes halls; the caller holds the lock on their cinema."""

    driver: "Connection[Any]"

    async def get_or_create(self, cinema_id: str, name: str) -> Hall:
        row = await self.driver.fetchrow(_READ, cinema_id, name)
        if row is not None:
            return hall_of(row)
        hall = Hall(new_id(), cinema_id, name, None, 0, 0)
        await self.driver.execute(_CREATE, hall.id, cinema_id, name)
        return hall

    async def applies(
        self, seat_plan_id: UUID, content_hash: bytes, effective_time: datetime | None
    ) -> bool:
        applies = await self.driver.fetchval(_APPLIES, seat_plan_id, content_hash, effective_time)
        return bool(applies)

    async def find(self, cinema_id: str, hall_id: UUID) -> Hall:
        row = await self.driver.fetchrow(_READ_BY_ID, cinema_id, hall_id)
        if row is None:
            raise HallNotFoundError(hall_id)
        return hall_of(row)

    async def plan_at(self, hall_id: UUID, start: datetime) -> UUID | None:
        seat_plan_id: UUID | None = await self.driver.fetchval(_PLAN_AT, hall_id, start)
        return seat_plan_id

    async def areas_of(self, seat_plan_id: UUID) -> tuple[str, ...]:
        return tuple(await self.driver.fetchval(_AREAS, seat_plan_id) or ())

    async def set_formats(self, hall: Hall, formats: tuple[str, ...]) -> Hall:
        await self.driver.execute(_SET_FORMATS, hall.id, formats)
        return replace(hall, formats=formats)

    async def packed(self, seat_plan_id: UUID) -> bytes:
        plan = await self.driver.fetchval(_PACKED, seat_plan_id)
        if plan is None:
            raise SeatPlanNotFoundError(seat_plan_id)
        return bytes(plan)

    async def publish(
        self, hall: Hall, seat_plan_id: UUID, plan: SeatPlan, effective_time: datetime | None
    ) -> tuple[Hall, bytes]:
        version = hall.seat_plan_version + 1
        packed = pack_seat_plan(plan, PlanVersion(seat_plan_id, hall.id, version, effective_time))
        await self.driver.execute(
            _ADD_PLAN,
            seat_plan_id,
            hall.id,
            version,
            plan.content_hash(),
            plan.capacity,
            plan.areas,
            packed,
            effective_time,
        )
        await self.driver.execute(_USE_PLAN, hall.id, seat_plan_id, version)
        published = replace(
            hall,
            seat_plan_id=seat_plan_id,
            seat_plan_version=version,
            capacity=plan.capacity,
        )
        return published, packed
