"""Tickets at the doors in PostgreSQL: each move and its record are one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record, UniqueViolationError
from cinema.booking.v1.events_pb2 import TicketAdmitted

from services.booking.adapters import admission_sql as sql
from services.booking.domain.admission import (
    Admission,
    AdmissionKind,
    AdmissionRefusal,
    CheckKind,
    DoorTicket,
)
from services.booking.domain.ticket import TicketState
from services.booking.use_cases.admission_ports import DoorCounts, Found, Guard, NewAdmission
from services.common.db.audit import AuditEntry, audit_arguments
from services.common.db.database import Database
from services.common.ids import new_id

NO_REQUEST = UUID(int=0)
_REQUEST_TAKEN = "admission_request"
_ACTIONS = {
    AdmissionKind.ADMITTED: "AdmitTicket",
    AdmissionKind.DENIED: "DenyTicket",
    AdmissionKind.DENIED_FINALLY: "DenyTicketFinally",
    AdmissionKind.RE_ENTERED: "ReAdmitTicket",
    AdmissionKind.CONFLICT: "RecordAdmissionConflict",
}


@dataclass(frozen=True, slots=True)
class AdmissionStore:
    """The ports `Admissions` and `Denials`."""

    database: Database

    async def find(self, screening_id: UUID, ticket_id: UUID) -> Found | None:
        row = await self.database.fetchrow(sql.FIND, screening_id, ticket_id, "", NO_REQUEST)
        return None if row is None else _found(row, recorded_at=None)

    async def record(self, new: NewAdmission, guard: Guard) -> Found | None:
        try:
            row = await self.database.fetchrow(sql.RECORD, *self._arguments(new, guard))
        except UniqueViolationError as error:
            if error.constraint_name != _REQUEST_TAKEN:
                raise
            # The same request came twice at the same instant, and the other one was quicker.
            row = await self.database.fetchrow(
                sql.FIND, new.screening_id, new.ticket_id, new.door.device_id, new.request_id
            )
            return None if row is None else _found(row, recorded_at=None)
        return None if row is None else _found(row, recorded_at=row["recorded_at"])

    async def list(
        self,
        screening_id: UUID,
        ticket_id: UUID | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[Admission]:
        place = after or (None, None)
        rows = await self.database.fetch(sql.LIST, screening_id, ticket_id, *place, limit)
        return [admission_of(row["admission"]) for row in rows]

    async def counts(self, screening_id: UUID) -> DoorCounts:
        row = await self.database.fetchrow(sql.COUNTS, screening_id)
        return DoorCounts(0, 0) if row is None else DoorCounts(row["tickets"], row["admitted"])

    async def manifest(
        self, screening_id: UUID, after: UUID | None, limit: int
    ) -> Sequence[DoorTicket]:
        rows = await self.database.fetch(sql.MANIFEST, screening_id, after, limit)
        return [_ticket(row) for row in rows]

    async def etag(self, screening_id: UUID) -> tuple[str, int]:
        row = await self.database.fetchrow(sql.ETAG, screening_id)
        if row is None:
            raise LookupError("a SELECT without FROM has a row")
        return f"{row['facts_version']}-{row['tickets']}", row["facts_version"]

    async def all_denied(self, screening_id: UUID, order_id: UUID) -> bool:
        return bool(await self.database.fetchval(sql.ALL_DENIED, screening_id, order_id))

    def _arguments(self, new: NewAdmission, guard: Guard) -> tuple[Any, ...]:
        door, told, trace = new.door, new.told, self.database.trace()
        audited = AuditEntry(
            actor=new.staff.id,
            roles=new.staff.roles,
            action=_ACTIONS[new.kind],
            subject=str(new.ticket_id),
            request_id=str(new.request_id),
            after=repr(new).encode(),
        )
        return (
            new.screening_id,
            new.ticket_id,
            door.device_id,
            new.request_id,
            guard.to_state,
            new.id,
            list(guard.from_states),
            guard.facts_version,
            guard.allowed,
            guard.opens_at,
            guard.closes_at,
            list(guard.passed),
            list(new.checks),
            new.kind,
            new.refusal or "",
            door.cinema_id,
            new.hall_id,
            door.gate,
            new.staff.id,
            told.device_time if told else None,
            told.clock_skew // timedelta(milliseconds=1) if told else None,
            new_id(),
            _event_of(new),
            trace.correlation_id,
            trace.traceparent,
            *audit_arguments(audited),
        )


def admission_of(text: str) -> Admission:
    """Read a record from its row as JSON."""
    row = json.loads(text)
    device_time, skew_ms = row["device_time"], row["clock_skew_ms"]
    return Admission(
        id=UUID(row["id"]),
        ticket_id=UUID(row["ticket_id"]),
        screening_id=UUID(row["screening_id"]),
        kind=AdmissionKind(row["kind"]),
        refusal=AdmissionRefusal(row["refusal"]) if row["refusal"] else None,
        checks=tuple(CheckKind(kind) for kind in row["checks"]),
        cinema_id=row["cinema_id"],
        hall_id=row["hall_id"],
        gate=row["gate"],
        device_id=row["device_id"],
        request_id=UUID(row["request_id"]),
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        device_time=datetime.fromisoformat(device_time) if device_time else None,
        clock_skew=None if skew_ms is None else timedelta(milliseconds=skew_ms),
    )


def _event_of(new: NewAdmission) -> bytes | None:
    """Give the event without the order's ID, which the statement adds; None without an event."""
    if new.kind is not AdmissionKind.ADMITTED:
        return None
    return TicketAdmitted(
        ticket_id=str(new.ticket_id),
        screening_id=str(new.screening_id),
        cinema_id=new.door.cinema_id,
    ).SerializeToString()


def _found(row: Record, *, recorded_at: datetime | None) -> Found:
    return Found(
        ticket=_ticket(row),
        now=row["now"],
        facts_version=row["facts_version"],
        earlier=admission_of(row["earlier"]) if row["earlier"] else None,
        recorded_at=recorded_at,
    )


def _ticket(row: Record) -> DoorTicket:
    decided = row.get("decided")
    return DoorTicket(
        id=row["id"],
        screening_id=row["screening_id"],
        number=row["number"],
        seat_id=row["seat_id"],
        row_name=row["row_name"],
        seat_number=row["seat_number"],
        ticket_type=row["ticket_type"],
        proof=row["proof"],
        holder_checked=row["holder_checked"],
        state=TicketState(row["state"]),
        order_state=row.get("order_state", ""),
        channel=row.get("channel", ""),
        decided=admission_of(decided) if decided else None,
    )
