"""Scan a ticket at a door."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.admission import AdmissionRefusal, Decision, Door, Wish
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import TicketVerifier
from services.booking.use_cases.door_limit import DoorLimit
from services.booking.use_cases.judge_at_door import AtDoor, DoorAnswer, JudgeAtDoor, refused


@dataclass(frozen=True, slots=True)
class ScanTicket:
    """Let in who comes with a good ticket that nothing is to be looked at for: once, ever."""

    limit: DoorLimit
    verifier: TicketVerifier
    judge: JudgeAtDoor

    async def __call__(
        self, door: Door, payload: bytes, staff: Staff, request_id: UUID
    ) -> DoorAnswer:
        staff.must_act_for(door.cinema_id)
        await self.limit(door)
        claim = self.verifier.verify(payload)
        if claim is None:
            return refused(AdmissionRefusal.BAD_SIGNATURE)
        wish = Wish(Decision.ADMIT, door)
        return await self.judge(
            AtDoor(wish, claim.screening_id, claim.ticket_id, staff, request_id)
        )


@dataclass(frozen=True, slots=True)
class InspectTicket:
    """Say what a scan would say; nothing is consumed."""

    limit: DoorLimit
    verifier: TicketVerifier
    judge: JudgeAtDoor

    async def __call__(self, door: Door, payload: bytes, staff: Staff) -> DoorAnswer:
        staff.must_act_for(door.cinema_id)
        await self.limit(door)
        claim = self.verifier.verify(payload)
        if claim is None:
            return refused(AdmissionRefusal.BAD_SIGNATURE)
        return await self.judge.look(
            Wish(Decision.ADMIT, door), claim.screening_id, claim.ticket_id
        )
