"""What the use cases of the doors need of storage, keys and catalog's facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.booking.domain.admission import (
    Admission,
    AdmissionKind,
    AdmissionRefusal,
    CheckKind,
    Door,
    DoorTicket,
)
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.staff import Staff
from services.booking.domain.ticket import TicketClaim, TicketKey, TicketState


@dataclass(frozen=True, slots=True)
class Told:
    """When a device says that it did something without connection, and how far its clock is off."""

    device_time: datetime
    clock_skew: timedelta


@dataclass(frozen=True, slots=True)
class NewAdmission:
    """What is to be recorded of a ticket."""

    id: UUID
    screening_id: UUID
    ticket_id: UUID
    kind: AdmissionKind
    door: Door
    hall_id: str
    staff: Staff
    request_id: UUID
    checks: tuple[CheckKind, ...] = ()
    refusal: AdmissionRefusal | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold in the instant of recording, besides that the order is paid.

    `facts_version` None: whatever is known of the screening. `passed`: checks of the ticket's own
    that need not be made any more.
    """

    facts_version: int | None
    allowed: bool
    from_states: tuple[TicketState, ...]
    to_state: TicketState | None
    opens_at: datetime | None
    closes_at: datetime | None
    passed: tuple[CheckKind, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket as the database has it, by its clock.

    `earlier` is what this request of this device recorded before; `recorded_at` is set when the new
    record was written just now.
    """

    ticket: DoorTicket
    now: datetime
    facts_version: int
    earlier: Admission | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoorCounts:
    """How many tickets a screening has that are not cancelled, and how many let somebody in."""

    tickets: int
    admitted: int


class TicketVerifier(Protocol):
    """The keys of tickets' codes."""

    def verify(self, payload: bytes) -> TicketClaim | None:
        """Read a code whose signature is good under a key that is believed now; else None."""
        ...

    def list_keys(self) -> Sequence[TicketKey]:
        """List the keys that are believed now, the one that signs first."""
        ...


class DoorScreenings(Protocol):
    """What is known of a screening, for doors that must open even when catalog is silent."""

    async def facts(self, screening_id: UUID, *, facts_version: int = 0) -> ScreeningFacts:
        """Give facts no older than the version, as new as they can be had; SCREENING_NOT_FOUND."""
        ...


class Admissions(Protocol):
    """Tickets as doors see them, and what was done at doors."""

    async def find(self, screening_id: UUID, ticket_id: UUID) -> Found | None:
        """Read a ticket; None when there is none."""
        ...

    async def record(self, new: NewAdmission, guard: Guard) -> Found | None:
        """Move the ticket and record it, with its event and the audit, in one statement.

        Nothing is written unless the guard holds, by the database's clock, and the request recorded
        nothing before. Of several at the same instant, one finds the ticket as it must be.
        """
        ...

    async def list(
        self,
        screening_id: UUID,
        ticket_id: UUID | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[Admission]:
        """List what was done, oldest first."""
        ...

    async def counts(self, screening_id: UUID) -> DoorCounts:
        """Count a screening's tickets."""
        ...

    async def manifest(
        self, screening_id: UUID, after: UUID | None, limit: int
    ) -> Sequence[DoorTicket]:
        """List a screening's tickets by ID."""
        ...

    async def etag(self, screening_id: UUID) -> tuple[str, int]:
        """Give a text that changes with every change of tickets or facts, and the facts' version."""
        ...


class Denials(Protocol):
    """Whom staff refused at the doors."""

    async def all_denied(self, screening_id: UUID, order_id: UUID) -> bool:
        """Whether an order has tickets, and staff refused the holder of each and let none in."""
        ...
