"""Take over what a device did without connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.booking.domain.admission import (
    Admission,
    AdmissionKind,
    AdmissionRefusal,
    CheckKind,
    Decision,
    Door,
    Wish,
)
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import TicketVerifier, Told
from services.booking.use_cases.door_limit import DoorLimit
from services.booking.use_cases.judge_at_door import AtDoor, DoorAnswer, JudgeAtDoor


@dataclass(frozen=True, slots=True)
class OfflineEntry:
    """What a device says that it did."""

    request_id: UUID
    payload: bytes
    decision: Decision
    checks: tuple[CheckKind, ...]
    device_time: datetime


class SyncOutcome(StrEnum):
    """How an entry ended."""

    RECORDED = "RECORDED"
    CONFLICT = "CONFLICT"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of an entry; `other` is the record that it is in conflict with."""

    outcome: SyncOutcome
    refusal: AdmissionRefusal | None = None
    admission: Admission | None = None
    other: Admission | None = None


@dataclass(frozen=True, slots=True)
class SyncAdmissions:
    """Record each entry if it still can be; else record it as a conflict beside what is so.

    What a device did is past: neither hall nor time undo it. The first that arrives counts, because
    clocks of devices are not to be trusted; how far a clock is off is noted with each record.
    """

    limit: DoorLimit
    verifier: TicketVerifier
    judge: JudgeAtDoor

    async def __call__(
        self, door: Door, entries: Sequence[OfflineEntry], staff: Staff, clock_skew: timedelta
    ) -> list[SyncResult]:
        staff.must_act_for(door.cinema_id)
        await self.limit(door)
        return [await self._take(door, entry, staff, clock_skew) for entry in entries]

    async def _take(
        self, door: Door, entry: OfflineEntry, staff: Staff, clock_skew: timedelta
    ) -> SyncResult:
        claim = self.verifier.verify(entry.payload)
        if claim is None:
            return SyncResult(SyncOutcome.REFUSED, AdmissionRefusal.BAD_SIGNATURE)
        asked = AtDoor(
            Wish(entry.decision, door, entry.checks, is_past=True),
            claim.screening_id,
            claim.ticket_id,
            staff,
            entry.request_id,
            Told(entry.device_time, clock_skew),
        )
        answer = await self.judge(asked)
        refusal = answer.judgement.refusal
        if refusal is None:
            return SyncResult(SyncOutcome.RECORDED, admission=answer.admission)
        if answer.facts is None or answer.facts.cinema_id != door.cinema_id:
            # There is no ticket of this cinema to write it to.
            return SyncResult(SyncOutcome.REFUSED, refusal)
        return await self._conflict(asked, answer)

    async def _conflict(self, asked: AtDoor, answer: DoorAnswer) -> SyncResult:
        own = answer.admission
        if own is None or own.kind is not AdmissionKind.CONFLICT:
            own = await self.judge.conflict(asked, answer)
        other = answer.ticket.decided if answer.ticket is not None else None
        return SyncResult(SyncOutcome.CONFLICT, own.refusal, own, other)
