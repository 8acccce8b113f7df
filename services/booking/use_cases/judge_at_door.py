"""Judge a ticket at a door and record what may be done."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.booking.domain.admission import (
    Admission,
    AdmissionKind,
    AdmissionRefusal,
    CheckKind,
    Decision,
    DoorTicket,
    EntryRules,
    Judgement,
    Wish,
    allowed_by_facts,
    judge,
    window,
)
from services.booking.domain.errors import ScreeningNotFoundError
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.staff import Staff
from services.booking.domain.ticket import TicketState
from services.booking.use_cases.admission_ports import (
    Admissions,
    DoorScreenings,
    Found,
    Guard,
    NewAdmission,
    Told,
)
from services.common.errors import ConcurrentChangeError, RequestIdReusedError
from services.common.ids import new_id

# Each time something is different: the facts, the ticket, or a repeat of the request was quicker.
MAX_TRIES = 5
_FROM_TO = {
    Decision.ADMIT: (TicketState.VALID, TicketState.ADMITTED),
    Decision.DENY: (TicketState.VALID, None),
    Decision.DENY_FINALLY: (TicketState.VALID, TicketState.DENIED),
    Decision.RE_ENTRY: (TicketState.ADMITTED, None),
}
_UNGUARDED = Guard(
    facts_version=None,
    allowed=True,
    from_states=tuple(TicketState),
    to_state=None,
    opens_at=None,
    closes_at=None,
    passed=tuple(CheckKind),
)


@dataclass(frozen=True, slots=True)
class AtDoor:
    """A request about one ticket: by whom, and under which ID of the device."""

    wish: Wish
    screening_id: UUID
    ticket_id: UUID
    staff: Staff
    request_id: UUID
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class DoorAnswer:
    """How it was judged. `admission`: what is recorded, by this request now or before.

    Without ticket and facts the code is not believed, or unknown.
    """

    judgement: Judgement
    ticket: DoorTicket | None = None
    facts: ScreeningFacts | None = None
    admission: Admission | None = None
    now: datetime | None = None


def refused(refusal: AdmissionRefusal) -> DoorAnswer:
    """Answer about a code that nothing is known of."""
    return DoorAnswer(Judgement(refusal))


@dataclass(frozen=True, slots=True)
class JudgeAtDoor:
    """Record what is wished if it may be, in one statement; else say why not.

    The statement is guarded by all that the judgement rests on, so that nothing is judged by what
    was so a moment ago: two doors, or a door and a cancellation, are decided by the ticket's row.
    """

    screenings: DoorScreenings
    admissions: Admissions
    rules: EntryRules

    async def __call__(self, asked: AtDoor) -> DoorAnswer:
        facts_version = 0
        for _ in range(MAX_TRIES):
            try:
                facts = await self.screenings.facts(asked.screening_id, facts_version=facts_version)
            except ScreeningNotFoundError:
                return refused(AdmissionRefusal.UNKNOWN)
            new = _new(asked, facts)
            found = await self.admissions.record(new, self._guard(asked.wish, facts))
            if found is None:
                return refused(AdmissionRefusal.UNKNOWN)
            answer = self._answer(asked, new, found, facts)
            if answer is not None:
                return answer
            facts_version = found.facts_version
        raise ConcurrentChangeError

    async def look(self, wish: Wish, screening_id: UUID, ticket_id: UUID) -> DoorAnswer:
        """Judge and record nothing."""
        found = await self.admissions.find(screening_id, ticket_id)
        if found is None:
            return refused(AdmissionRefusal.UNKNOWN)
        facts = await self.screenings.facts(screening_id, facts_version=found.facts_version)
        judgement = judge(wish, found.ticket, facts, self.rules, found.now)
        return DoorAnswer(judgement, found.ticket, facts, found.ticket.decided, found.now)

    async def conflict(self, asked: AtDoor, answer: DoorAnswer) -> Admission:
        """Record that a device did what could not be done any more."""
        if answer.facts is None:
            raise LookupError("a conflict is about a known ticket")
        new = _new(asked, answer.facts, refusal=answer.judgement.refusal)
        found = await self.admissions.record(new, _UNGUARDED)
        if found is not None and found.earlier is not None:
            _must_be_the_same(asked, found.earlier)
            return found.earlier
        if found is None or found.recorded_at is None:
            raise ConcurrentChangeError
        return admission_of(new, found.recorded_at)

    def _answer(
        self, asked: AtDoor, new: NewAdmission, found: Found, facts: ScreeningFacts
    ) -> DoorAnswer | None:
        """Give the answer, or None when the statement and the judgement saw different things."""
        ticket, now = found.ticket, found.now
        if found.earlier is not None:
            _must_be_the_same(asked, found.earlier)
            judgement = Judgement(found.earlier.refusal)
            return DoorAnswer(judgement, ticket, facts, found.earlier, found.earlier.recorded_at)
        if found.recorded_at is not None:
            done = admission_of(new, found.recorded_at)
            state = _FROM_TO[asked.wish.decision][1] or ticket.state
            after = replace(ticket, state=state)
            return DoorAnswer(Judgement(), after, facts, done, found.recorded_at)
        if found.facts_version > facts.facts_version:
            return None
        judgement = judge(asked.wish, ticket, facts, self.rules, now)
        if judgement.allows:
            return None
        return DoorAnswer(judgement, ticket, facts, ticket.decided, now)

    def _guard(self, wish: Wish, facts: ScreeningFacts) -> Guard:
        from_state, to_state = _FROM_TO[wish.decision]
        opens_at, closes_at = window(wish, facts, self.rules)
        needs_checks = wish.decision is Decision.ADMIT and not wish.is_past
        return Guard(
            facts_version=facts.facts_version,
            allowed=allowed_by_facts(wish, facts, self.rules),
            from_states=(from_state,),
            to_state=to_state,
            opens_at=opens_at,
            closes_at=closes_at,
            passed=tuple(wish.checks) if needs_checks else tuple(CheckKind),
        )


def _new(
    asked: AtDoor, facts: ScreeningFacts, *, refusal: AdmissionRefusal | None = None
) -> NewAdmission:
    return NewAdmission(
        id=new_id(),
        screening_id=asked.screening_id,
        ticket_id=asked.ticket_id,
        kind=asked.wish.decision.kind if refusal is None else AdmissionKind.CONFLICT,
        door=asked.wish.door,
        hall_id=facts.hall_id,
        staff=asked.staff,
        request_id=asked.request_id,
        checks=tuple(asked.wish.checks),
        refusal=refusal,
        told=asked.told,
    )


def admission_of(new: NewAdmission, recorded_at: datetime) -> Admission:
    """Make the record that was just written."""
    return Admission(
        id=new.id,
        ticket_id=new.ticket_id,
        screening_id=new.screening_id,
        kind=new.kind,
        refusal=new.refusal,
        checks=new.checks,
        cinema_id=new.door.cinema_id,
        hall_id=new.hall_id,
        gate=new.door.gate,
        device_id=new.door.device_id,
        request_id=new.request_id,
        recorded_at=recorded_at,
        device_time=new.told.device_time if new.told else None,
        clock_skew=new.told.clock_skew if new.told else None,
    )


def _must_be_the_same(asked: AtDoor, earlier: Admission) -> None:
    kinds = {asked.wish.decision.kind}
    if asked.told is not None:
        kinds.add(AdmissionKind.CONFLICT)
    if earlier.ticket_id != asked.ticket_id or earlier.kind not in kinds:
        raise RequestIdReusedError(asked.request_id)
