"""Import the seat plan of a hall from a file."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from services.catalog.domain.cinema import Staff
from services.catalog.domain.seat_plan_source import ReadOptions, ReadPlan
from services.catalog.use_cases.import_ports import ReadSeatPlan
from services.catalog.use_cases.ports import NewId, Transactions
from services.catalog.use_cases.publish_seat_plan import NewPlan, PublishedPlan, publish_plan
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class SeatPlanFile:
    """A file with the plan of a hall, and how it is read."""

    cinema_id: str
    hall_name: str
    content: bytes
    options: ReadOptions
    effective_time: datetime | None


@dataclass(frozen=True, slots=True)
class ImportedPlan:
    """What was read, and what was published of it."""

    read: ReadPlan
    published: PublishedPlan


@dataclass(frozen=True, slots=True)
class ImportSeatPlan:
    """Publish the plan that a file holds, just as PublishSeatPlan does.

    WRONG_CINEMA, CINEMA_NOT_FOUND; INVALID_SEAT_PLAN names the places in the file.
    """

    transactions: Transactions
    new_id: NewId
    read: ReadSeatPlan

    async def __call__(self, key: RequestKey, staff: Staff, file: SeatPlanFile) -> ImportedPlan:
        staff.must_act_for(file.cinema_id)
        # Reading takes a while; other calls are served meanwhile.
        read = await asyncio.to_thread(self.read, file.content, file.options)
        new = NewPlan(file.cinema_id, file.hall_name, read.plan, file.effective_time)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            hall, published = await publish_plan(tx, new, self.new_id)
            imported = ImportedPlan(read, published)
            await tx.audit.add(staff, "ImportSeatPlan", new.subject, before=hall, after=new)
            await tx.requests.store(key, imported)
            await tx.commit()
        return imported
