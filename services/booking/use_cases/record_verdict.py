"""Record what staff decided about a ticket."""

from dataclasses import dataclass

from services.booking.use_cases.door_limit import DoorLimit
from services.booking.use_cases.judge_at_door import AtDoor, DoorAnswer, JudgeAtDoor


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """Let in after looking, refuse, or let in again. All that a scan judges is judged again."""

    limit: DoorLimit
    judge: JudgeAtDoor

    async def __call__(self, asked: AtDoor) -> DoorAnswer:
        asked.staff.must_act_for(asked.wish.door.cinema_id)
        await self.limit(asked.wish.door)
        return await self.judge(asked)
