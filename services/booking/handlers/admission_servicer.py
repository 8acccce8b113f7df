"""AdmissionService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.booking.v1 import admission_service_pb2 as pb
from cinema.booking.v1.admission_service_pb2_grpc import AdmissionServiceServicer

from services.booking.domain.admission import Admission, DoorTicket, EntryRules, Wish
from services.booking.domain.ticket import TicketKey
from services.booking.handlers.admission_converters import (
    admission_to_proto,
    checks_of,
    clock_skew_of,
    decision_of,
    door_of,
    screening_to_proto,
    sync_result_to_proto,
    ticket_to_proto,
    verdict_to_proto,
)
from services.booking.handlers.door_metrics import DoorMeter
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.admission_ports import TicketVerifier
from services.booking.use_cases.get_screening_manifest import GetScreeningManifest
from services.booking.use_cases.judge_at_door import AtDoor
from services.booking.use_cases.list_admissions import ListAdmissions
from services.booking.use_cases.record_verdict import RecordVerdict
from services.booking.use_cases.scan_ticket import InspectTicket, ScanTicket
from services.booking.use_cases.sync_admissions import OfflineEntry, SyncAdmissions
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.times import moment_of, timestamp_of

MAX_MANIFEST_PAGE = 500
KEYS_REFRESH_AFTER = timedelta(hours=1)

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class AdmissionServicer(AdmissionServiceServicer):
    """One use case for each call."""

    scan_ticket: ScanTicket
    inspect_ticket: InspectTicket
    record_verdict: RecordVerdict
    sync_admissions: SyncAdmissions
    list_admissions: ListAdmissions
    get_screening_manifest: GetScreeningManifest
    verifier: TicketVerifier
    rules: EntryRules
    page_tokens: PageTokens
    meter: DoorMeter

    async def ScanTicket(
        self, request: pb.ScanTicketRequest, context: Context
    ) -> pb.ScanTicketResponse:
        del context
        answer = await self.scan_ticket(
            door_of(request.door), request.payload, staff_of_call(), UUID(request.request_id)
        )
        self.meter.record(answer)
        return pb.ScanTicketResponse(verdict=verdict_to_proto(answer, self.rules))

    async def InspectTicket(
        self, request: pb.InspectTicketRequest, context: Context
    ) -> pb.InspectTicketResponse:
        del context
        answer = await self.inspect_ticket(door_of(request.door), request.payload, staff_of_call())
        return pb.InspectTicketResponse(verdict=verdict_to_proto(answer, self.rules))

    async def RecordVerdict(
        self, request: pb.RecordVerdictRequest, context: Context
    ) -> pb.RecordVerdictResponse:
        del context
        wish = Wish(decision_of(request.decision), door_of(request.door), checks_of(request.checks))
        asked = AtDoor(
            wish,
            UUID(request.screening_id),
            UUID(request.ticket_id),
            staff_of_call(),
            UUID(request.request_id),
        )
        answer = await self.record_verdict(asked)
        self.meter.record(answer)
        return pb.RecordVerdictResponse(verdict=verdict_to_proto(answer, self.rules))

    async def SyncAdmissions(
        self, request: pb.SyncAdmissionsRequest, context: Context
    ) -> pb.SyncAdmissionsResponse:
        del context
        device_time = moment_of(request.device_time, "device_time")
        skew = clock_skew_of(device_time, datetime.now(UTC))
        entries = [_entry(entry, n) for n, entry in enumerate(request.entries)]
        results = await self.sync_admissions(door_of(request.door), entries, staff_of_call(), skew)
        response = pb.SyncAdmissionsResponse(
            results=[
                sync_result_to_proto(entry.request_id, result)
                for entry, result in zip(request.entries, results, strict=True)
            ]
        )
        response.clock_skew.FromTimedelta(skew)
        return response

    async def GetAdmissionKeys(
        self, request: pb.GetAdmissionKeysRequest, context: Context
    ) -> pb.GetAdmissionKeysResponse:
        del request, context
        keys = [_key_to_proto(key) for key in self.verifier.list_keys()]
        response = pb.GetAdmissionKeysResponse(keys=keys)
        response.refresh_after.FromTimedelta(KEYS_REFRESH_AFTER)
        return response

    async def ListAdmissions(
        self, request: pb.ListAdmissionsRequest, context: Context
    ) -> pb.ListAdmissionsResponse:
        del context
        size = page_size_of(request.page_size)
        found, counts = await self.list_admissions(
            request.cinema_id,
            UUID(request.screening_id),
            staff_of_call(),
            ticket_id=UUID(request.ticket_id) if request.ticket_id else None,
            after=_after_admission(self.page_tokens.open(request.page_token, request)),
            limit=size + 1,
        )
        page, token = self.page_tokens.cut(found, size, _place_of_admission, request)
        return pb.ListAdmissionsResponse(
            admissions=[admission_to_proto(admission) for admission in page],
            next_page_token=token,
            tickets=counts.tickets,
            tickets_admitted=counts.admitted,
        )

    async def GetScreeningManifest(
        self, request: pb.GetScreeningManifestRequest, context: Context
    ) -> pb.GetScreeningManifestResponse:
        del context
        size = page_size_of(request.page_size, default=MAX_MANIFEST_PAGE, largest=MAX_MANIFEST_PAGE)
        keyset = self.page_tokens.open(request.page_token, request)
        manifest = await self.get_screening_manifest(
            request.cinema_id,
            UUID(request.screening_id),
            staff_of_call(),
            etag=request.etag,
            after=UUID(str(keyset[0])) if keyset else None,
            limit=size + 1,
        )
        tickets = manifest.tickets or ()
        page, token = self.page_tokens.cut(tickets, size, _place_of_ticket, request)
        return pb.GetScreeningManifestResponse(
            tickets=[ticket_to_proto(ticket) for ticket in page],
            next_page_token=token,
            screening=screening_to_proto(manifest.facts, self.rules),
            etag=manifest.etag,
            unchanged=manifest.tickets is None,
        )


def _entry(entry: pb.OfflineAdmission, number: int) -> OfflineEntry:
    return OfflineEntry(
        request_id=UUID(entry.request_id),
        payload=entry.payload,
        decision=decision_of(entry.decision),
        checks=checks_of(entry.checks),
        device_time=moment_of(entry.device_time, f"entries[{number}].device_time"),
    )


def _key_to_proto(key: TicketKey) -> pb.AdmissionKey:
    message = pb.AdmissionKey(
        key_id=key.key_id, public_key=key.public_key, is_current=key.is_current
    )
    if key.valid_until is not None:
        message.expire_time.CopyFrom(timestamp_of(key.valid_until))
    return message


def _place_of_admission(admission: Admission) -> Keyset:
    return [admission.recorded_at.isoformat(), str(admission.id)]


def _after_admission(keyset: Keyset | None) -> tuple[datetime, UUID] | None:
    if keyset is None:
        return None
    recorded_at, admission_id = keyset
    return datetime.fromisoformat(str(recorded_at)), UUID(str(admission_id))


def _place_of_ticket(ticket: DoorTicket) -> Keyset:
    return [str(ticket.id)]
