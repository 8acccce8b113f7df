"""Read a seat plan from a file and show what it is, without storing anything."""

import asyncio
from dataclasses import dataclass, replace

from services.catalog.domain.cinema import Staff
from services.catalog.domain.seat_plan_drawing import draw_seat_plan
from services.catalog.domain.seat_plan_rules import with_bound_companions
from services.catalog.domain.seat_plan_source import ReadPlan
from services.catalog.use_cases.import_ports import PackSeatPlan, ReadSeatPlan
from services.catalog.use_cases.import_seat_plan import SeatPlanFile


@dataclass(frozen=True, slots=True)
class PreviewedPlan:
    """What was read, serialised and drawn."""

    read: ReadPlan
    packed_plan: bytes
    svg: str


@dataclass(frozen=True, slots=True)
class PreviewSeatPlan:
    """The dry run of ImportSeatPlan. WRONG_CINEMA; INVALID_SEAT_PLAN names the places."""

    read: ReadSeatPlan
    pack: PackSeatPlan

    async def __call__(self, staff: Staff, file: SeatPlanFile) -> PreviewedPlan:
        staff.must_act_for(file.cinema_id)
        return await asyncio.to_thread(self._preview, file)

    def _preview(self, file: SeatPlanFile) -> PreviewedPlan:
        read = self.read(file.content, file.options)
        plan = with_bound_companions(read.plan)
        return PreviewedPlan(replace(read, plan=plan), self.pack(plan), draw_seat_plan(plan))
