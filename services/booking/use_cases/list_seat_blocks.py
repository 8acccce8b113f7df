"""List the seats that staff keep out of sale."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.seat_block import SeatBlock
from services.booking.domain.staff import Staff
from services.booking.use_cases.box_office_ports import BlockList
from services.booking.use_cases.ports import Screenings


@dataclass(frozen=True, slots=True)
class ListSeatBlocks:
    """Read blocks for staff of the screening's cinema; WRONG_CINEMA."""

    screenings: Screenings
    blocks: BlockList

    async def __call__(
        self, staff: Staff, screening_id: UUID, *, after_index: int, limit: int
    ) -> list[SeatBlock]:
        facts = await self.screenings.facts(screening_id)
        staff.must_act_for(facts.cinema_id)
        return await self.blocks.list(screening_id, after_index, limit)
