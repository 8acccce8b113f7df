"""Who is let in: what the door knows of a ticket, and the judgement over it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.domain.ticket import TicketState

PAID_ORDER_STATE = "CONFIRMED"
# An order that is neither paid nor was; a cancelled one is told by its tickets.
_UNPAID = {"", "PLACED", "AWAITING_PAYMENT", "COMPLETING", "EXPIRED", "ABANDONED", "REFUSED"}
_AGE = re.compile(r"\d{1,2}")


class CheckKind(StrEnum):
    """Something that is looked at before a person is let in."""

    AGE = "AGE"
    PROOF = "PROOF"
    HOLDER = "HOLDER"


class AdmissionRefusal(StrEnum):
    """Why a person is not let in."""

    BAD_SIGNATURE = "BAD_SIGNATURE"
    UNKNOWN = "UNKNOWN"
    DENIED = "DENIED"
    NOT_PAID = "NOT_PAID"
    CANCELLED = "CANCELLED"
    SCREENING_OFF = "SCREENING_OFF"
    WRONG_CINEMA = "WRONG_CINEMA"
    WRONG_HALL = "WRONG_HALL"
    WRONG_SCREENING = "WRONG_SCREENING"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    ALREADY_ADMITTED = "ALREADY_ADMITTED"
    NOT_ADMITTED = "NOT_ADMITTED"


class Decision(StrEnum):
    """What is to be done with a ticket."""

    ADMIT = "ADMIT"
    DENY = "DENY"
    DENY_FINALLY = "DENY_FINALLY"
    RE_ENTRY = "RE_ENTRY"

    @property
    def kind(self) -> "AdmissionKind":
        match self:
            case Decision.ADMIT:
                return AdmissionKind.ADMITTED
            case Decision.DENY:
                return AdmissionKind.DENIED
            case Decision.DENY_FINALLY:
                return AdmissionKind.DENIED_FINALLY
            case Decision.RE_ENTRY:
                return AdmissionKind.RE_ENTERED
            case _ as never:
                assert_never(never)


class AdmissionKind(StrEnum):
    """What was done with a ticket at a door."""

    ADMITTED = "ADMITTED"
    DENIED = "DENIED"
    DENIED_FINALLY = "DENIED_FINALLY"
    RE_ENTERED = "RE_ENTERED"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a device stands. `hall_id` "" and no screening: every hall, every open screening."""

    cinema_id: str
    device_id: str
    hall_id: str = ""
    screening_id: UUID | None = None
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """A record of what was done. `device_time` only of what was done without connection."""

    id: UUID
    ticket_id: UUID
    screening_id: UUID
    kind: AdmissionKind
    refusal: AdmissionRefusal | None
    checks: tuple[CheckKind, ...]
    cinema_id: str
    hall_id: str
    gate: str
    device_id: str
    request_id: UUID
    recorded_at: datetime
    device_time: datetime | None = None
    clock_skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DoorTicket:
    """What the door knows of a ticket; nothing about the person.

    `decided` is the record that made the ticket ADMITTED or DENIED.
    """

    id: UUID
    screening_id: UUID
    number: str
    seat_id: str
    row_name: str
    seat_number: str
    ticket_type: str
    proof: str
    holder_checked: bool
    state: TicketState
    order_state: str = PAID_ORDER_STATE
    channel: str = ""
    decided: Admission | None = None


@dataclass(frozen=True, slots=True)
class EntryRules:
    """When the doors are open and what is looked at: settings of the chain.

    `late_limit` is how long after the start somebody may still come; zero: until the end.
    """

    opens_before: timedelta
    late_limit: timedelta
    min_age_checked_years: int

    def opens_at(self, facts: ScreeningFacts) -> datetime:
        return facts.start_time - self.opens_before

    def closes_at(self, facts: ScreeningFacts) -> datetime:
        """Give the first moment at which nobody is let in any more."""
        if not self.late_limit:
            return facts.end_time
        return min(facts.end_time, facts.start_time + self.late_limit)

    def min_age_years(self, facts: ScreeningFacts) -> int:
        """Read the age that is checked from a rating such as `AP-12`; 0 for none."""
        found = _AGE.search(facts.rating)
        age = int(found[0]) if found else 0
        return age if age >= self.min_age_checked_years else 0

    def checks(self, ticket: DoorTicket, facts: ScreeningFacts) -> list[CheckKind]:
        """List what is looked at."""
        wanted = {
            CheckKind.AGE: bool(self.min_age_years(facts)),
            CheckKind.PROOF: bool(ticket.proof),
            CheckKind.HOLDER: ticket.holder_checked,
        }
        return [kind for kind, is_wanted in wanted.items() if is_wanted]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for a ticket at a door, after `checks` were made.

    `is_past`: it was done already, without connection; neither time nor place can undo it.
    """

    decision: Decision
    door: Door
    checks: Collection[CheckKind] = ()
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether it may be done: yes, unless there is a refusal or something to look at first."""

    refusal: AdmissionRefusal | None = None
    checks: Sequence[CheckKind] = ()

    @property
    def allows(self) -> bool:
        return self.refusal is None and not self.checks


def judge(
    wish: Wish, ticket: DoorTicket, facts: ScreeningFacts, rules: EntryRules, now: datetime
) -> Judgement:
    """Judge a ticket whose code is good; the first refusal that holds is told."""
    refusal = (
        _of_the_ticket(ticket)
        or _of_the_place(wish, facts)
        or _of_the_time(wish, facts, rules, now)
        or _of_the_use(wish, ticket)
    )
    if refusal is not None:
        return Judgement(refusal)
    if wish.decision is not Decision.ADMIT or wish.is_past:
        return Judgement()
    left = [kind for kind in rules.checks(ticket, facts) if kind not in wish.checks]
    return Judgement(checks=left)


def allowed_by_facts(wish: Wish, facts: ScreeningFacts, rules: EntryRules) -> bool:
    """Whether place, screening and rating allow it, whatever the ticket and the time are."""
    if _of_the_place(wish, facts) is not None:
        return False
    if wish.decision is not Decision.ADMIT or wish.is_past:
        return True
    return CheckKind.AGE in wish.checks or not rules.min_age_years(facts)


def _of_the_ticket(ticket: DoorTicket) -> AdmissionRefusal | None:
    if ticket.state is TicketState.DENIED:
        return AdmissionRefusal.DENIED
    if ticket.order_state in _UNPAID:
        return AdmissionRefusal.NOT_PAID
    if ticket.state is TicketState.CANCELLED or ticket.order_state != PAID_ORDER_STATE:
        return AdmissionRefusal.CANCELLED
    return None


def _of_the_place(wish: Wish, facts: ScreeningFacts) -> AdmissionRefusal | None:
    door = wish.door
    lets_in = wish.decision in {Decision.ADMIT, Decision.RE_ENTRY} and not wish.is_past
    if lets_in and facts.state is not ScreeningState.SCHEDULED:
        return AdmissionRefusal.SCREENING_OFF
    if door.cinema_id != facts.cinema_id:
        return AdmissionRefusal.WRONG_CINEMA
    if lets_in and door.hall_id not in ("", facts.hall_id):
        return AdmissionRefusal.WRONG_HALL
    if lets_in and door.screening_id not in (None, facts.screening_id):
        return AdmissionRefusal.WRONG_SCREENING
    return None


def _of_the_time(
    wish: Wish, facts: ScreeningFacts, rules: EntryRules, now: datetime
) -> AdmissionRefusal | None:
    opens, closes = window(wish, facts, rules)
    if opens is not None and now < opens:
        return AdmissionRefusal.TOO_EARLY
    if closes is not None and now >= closes:
        return AdmissionRefusal.TOO_LATE
    return None


def window(
    wish: Wish, facts: ScreeningFacts, rules: EntryRules
) -> tuple[datetime | None, datetime | None]:
    """Say from and until when it may be done; None: without end on that side."""
    if wish.is_past or wish.decision in {Decision.DENY, Decision.DENY_FINALLY}:
        return None, None
    again = wish.decision is Decision.RE_ENTRY
    return rules.opens_at(facts), facts.end_time if again else rules.closes_at(facts)


def _of_the_use(wish: Wish, ticket: DoorTicket) -> AdmissionRefusal | None:
    is_in = ticket.state is TicketState.ADMITTED
    if wish.decision is Decision.RE_ENTRY:
        return None if is_in else AdmissionRefusal.NOT_ADMITTED
    return AdmissionRefusal.ALREADY_ADMITTED if is_in else None
