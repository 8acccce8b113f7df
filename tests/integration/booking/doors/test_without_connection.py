"""Devices that must do without connection: keys, the manifest, and what they tell afterwards."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1 import admission_service_pb2 as service_pb
from cinema.booking.v1 import ticket_pb2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.booking.domain.ticket import SIGNED_BYTES, Ticket
from tests.integration.booking.doors.conftest import USHER, Doors, a_door, said
from tests.kit.booking_orders import SIGNER, a_contact
from tests.kit.booking_rpc import as_staff, refused
from tests.kit.booking_seats import CINEMA_ID

SEATS = ["A1", "A2", "A3", "A4"]


@pytest.fixture
async def screening_id(doors: Doors) -> UUID:
    return await doors.show()


@pytest.fixture
async def tickets(doors: Doors, screening_id: UUID) -> list[Ticket]:
    tickets = await doors.sell(screening_id, SEATS)
    await doors.open_entry(screening_id)
    return tickets


def entry(
    ticket: Ticket | bytes,
    decision: str = "ADMIT",
    at: datetime | None = None,
    request_id: str = "",
) -> service_pb.OfflineAdmission:
    message = service_pb.OfflineAdmission(
        request_id=request_id or str(uuid4()),
        payload=ticket if isinstance(ticket, bytes) else ticket.qr_payload,
        decision=service_pb.Decision.Value(f"DECISION_{decision}"),
    )
    message.device_time.FromDatetime(at or datetime.now(UTC))
    return message


async def sync(
    doors: Doors,
    *entries: service_pb.OfflineAdmission,
    door: pb.Door | None = None,
    clock: datetime | None = None,
) -> Any:
    request = service_pb.SyncAdmissionsRequest(
        door=door or a_door(), entries=entries, request_id=str(uuid4())
    )
    request.device_time.FromDatetime(clock or datetime.now(UTC))
    return await doors.stub.SyncAdmissions(request, metadata=USHER)


def outcomes(answer: service_pb.SyncAdmissionsResponse) -> list[str]:
    return [
        " ".join(
            [
                service_pb.SyncResult.Outcome.Name(result.outcome).removeprefix("OUTCOME_"),
                *[
                    pb.AdmissionRefusal.Name(result.refusal).removeprefix("ADMISSION_REFUSAL_")
                    for _ in range(bool(result.refusal))
                ],
            ]
        )
        for result in answer.results
    ]


async def manifest(doors: Doors, screening_id: UUID, **fields: Any) -> Any:
    request = service_pb.GetScreeningManifestRequest(
        cinema_id=CINEMA_ID, screening_id=str(screening_id), **fields
    )
    return await doors.stub.GetScreeningManifest(request, metadata=USHER)


async def listed(doors: Doors, screening_id: UUID, **fields: Any) -> Any:
    request = service_pb.ListAdmissionsRequest(
        cinema_id=CINEMA_ID, screening_id=str(screening_id), **fields
    )
    return await doors.stub.ListAdmissions(request, metadata=USHER)


async def test_a_device_verifies_codes_with_the_keys_it_is_given(
    doors: Doors, tickets: Sequence[Ticket]
) -> None:
    answer = await doors.stub.GetAdmissionKeys(service_pb.GetAdmissionKeysRequest(), metadata=USHER)

    (key,) = answer.keys
    payload = tickets[0].qr_payload
    assert (key.key_id, key.is_current) == (payload[1:5], True)
    assert not key.HasField("expire_time")
    assert answer.refresh_after.seconds == 3_600
    Ed25519PublicKey.from_public_bytes(key.public_key).verify(
        payload[SIGNED_BYTES:], payload[:SIGNED_BYTES]
    )


async def test_a_device_tells_afterwards_whom_it_let_in(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    first, second, third, _ = tickets
    entries = [
        entry(first),
        entry(second, "DENY"),
        entry(third, "DENY_FINALLY"),
        entry(first, "RE_ENTRY"),
    ]

    answer = await sync(doors, *entries)

    assert outcomes(answer) == ["RECORDED"] * 4
    assert said(await doors.scan(first)) == "REFUSE ALREADY_ADMITTED"
    assert said(await doors.scan(second)) == "ADMIT"
    assert said(await doors.scan(third)) == "REFUSE DENIED"
    assert (await listed(doors, screening_id)).tickets_admitted == 2


async def test_telling_twice_is_telling_once(doors: Doors, tickets: Sequence[Ticket]) -> None:
    entries = [entry(tickets[0]), entry(tickets[1], "DENY"), entry(tickets[0])]
    first = await sync(doors, *entries)

    again = await sync(doors, *entries)

    assert outcomes(first) == ["RECORDED", "RECORDED", "CONFLICT ALREADY_ADMITTED"]
    assert [result.admission for result in again.results] == [
        result.admission for result in first.results
    ]
    assert outcomes(again) == outcomes(first)
    assert await doors.ask("SELECT count(*) FROM admission") == 3


async def test_a_ticket_that_two_devices_let_in_is_named_with_both_places_and_times(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    earlier, later = (
        datetime(2026, 11, 25, 18, 0, tzinfo=UTC),
        datetime(2026, 11, 25, 18, 9, tzinfo=UTC),
    )
    await sync(doors, entry(tickets[0], at=later), door=a_door("scanner-2"))

    answer = await sync(doors, entry(tickets[0], at=earlier), door=a_door("scanner-1"))

    # The first that arrives counts, whatever the devices' clocks say.
    (result,) = answer.results
    assert outcomes(answer) == ["CONFLICT ALREADY_ADMITTED"]
    assert (result.admission.gate, result.other.gate) == ("Gate of scanner-1", "Gate of scanner-2")
    assert result.admission.device_time.ToDatetime(UTC) == earlier
    assert result.other.device_time.ToDatetime(UTC) == later
    records = (await listed(doors, screening_id, ticket_id=str(tickets[0].id))).admissions
    assert [record.kind for record in records] == [
        pb.Admission.KIND_ADMITTED,
        pb.Admission.KIND_CONFLICT,
    ]
    assert await doors.ask("SELECT count(*) FROM outbox WHERE type = 'TicketAdmitted'") == 1


async def test_who_went_in_with_a_cancelled_ticket_is_named(
    doors: Doors, tickets: Sequence[Ticket]
) -> None:
    await doors.sql("UPDATE ticket SET state = 'CANCELLED' WHERE id = $1", tickets[0].id)

    answer = await sync(doors, entry(tickets[0]))

    assert outcomes(answer) == ["CONFLICT CANCELLED"]
    assert answer.results[0].admission.kind == pb.Admission.KIND_CONFLICT
    assert await doors.ask("SELECT state FROM ticket WHERE id = $1", tickets[0].id) == "CANCELLED"


async def test_the_clock_of_a_device_decides_nothing_and_its_error_is_noted(
    doors: Doors, tickets: Sequence[Ticket]
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=5)

    answer = await sync(doors, entry(tickets[0], at=ahead), clock=ahead)

    noted = answer.results[0].admission
    assert outcomes(answer) == ["RECORDED"]
    assert abs(answer.clock_skew.ToTimedelta() - timedelta(hours=5)) < timedelta(minutes=1)
    assert abs(noted.clock_skew.ToTimedelta() - timedelta(hours=5)) < timedelta(minutes=1)
    assert noted.device_time.ToDatetime(UTC) == ahead
    assert noted.record_time.ToDatetime(UTC) != ahead


async def test_what_is_told_long_after_the_end_is_recorded(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    await doors.clock_to(screening_id, timedelta(days=3))

    assert outcomes(await sync(doors, entry(tickets[0]))) == ["RECORDED"]


async def test_codes_that_are_not_believed_and_other_cinemas_leave_nothing(
    doors: Doors, tickets: Sequence[Ticket], screening_id: UUID
) -> None:
    forged = tickets[0].qr_payload[:-1] + b"\x00"
    unknown = SIGNER.payload(uuid4(), screening_id)
    nowhere = SIGNER.payload(uuid4(), uuid4())
    elsewhere = a_door(cinema_id="1806")
    await doors.sql("UPDATE ticket SET state = 'CANCELLED' WHERE id = $1", tickets[1].id)

    here = await sync(doors, entry(forged), entry(unknown), entry(nowhere))
    request = service_pb.SyncAdmissionsRequest(
        door=elsewhere,
        entries=[entry(tickets[0]), entry(tickets[1])],
        request_id=str(uuid4()),
    )
    request.device_time.GetCurrentTime()
    there = await doors.stub.SyncAdmissions(request, metadata=as_staff("usher", cinemas=("1806",)))

    assert outcomes(here) == ["REFUSED BAD_SIGNATURE", "REFUSED UNKNOWN", "REFUSED UNKNOWN"]
    assert outcomes(there) == ["REFUSED WRONG_CINEMA", "REFUSED CANCELLED"]
    assert await doors.ask("SELECT count(*) FROM admission") == 0


async def test_a_time_of_no_age_is_refused_by_its_field(
    doors: Doors, tickets: Sequence[Ticket]
) -> None:
    wrong = entry(tickets[0], at=datetime(1970, 1, 1, tzinfo=UTC))

    refusal = await refused(sync(doors, entry(tickets[1]), wrong))

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert await doors.ask("SELECT count(*) FROM admission") == 0


async def test_the_manifest_has_what_a_device_needs_and_nothing_about_persons(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    await doors.scan(tickets[1])

    answer = await manifest(doors, screening_id)

    by_id = {ticket.id: ticket for ticket in answer.tickets}
    assert by_id.keys() == {str(ticket.id) for ticket in tickets}
    assert by_id[str(tickets[0].id)].state == ticket_pb2.Ticket.STATE_VALID
    assert by_id[str(tickets[1].id)].state == ticket_pb2.Ticket.STATE_ADMITTED
    assert by_id[str(tickets[2].id)].seat_number == "3"
    assert answer.screening.entry_close_time == answer.screening.end_time
    assert answer.screening.start_time.seconds - answer.screening.entry_open_time.seconds == 1_800
    contact = a_contact()
    raw = answer.SerializeToString() + b"".join(ticket.qr_payload for ticket in tickets)
    for personal in (contact.first_name, contact.last_name, contact.email, contact.ip_address):
        assert personal.encode() not in raw


async def test_the_manifest_comes_in_pages_and_only_when_it_has_changed(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    first = await manifest(doors, screening_id, page_size=3)
    second = await manifest(doors, screening_id, page_size=3, page_token=first.next_page_token)
    same = await manifest(doors, screening_id, etag=first.etag)
    await doors.scan(tickets[0])
    changed = await manifest(doors, screening_id, etag=first.etag)

    seen = [ticket.id for page in (first, second) for ticket in page.tickets]
    assert sorted(seen) == sorted(str(ticket.id) for ticket in tickets)
    assert len(first.tickets) == 3
    assert second.next_page_token == ""
    assert first.etag == second.etag
    assert same.unchanged
    assert len(same.tickets) == 0
    assert not changed.unchanged
    assert len(changed.tickets) == 4
    assert changed.etag != first.etag


async def test_the_manifest_changes_with_its_screening(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    before = await manifest(doors, screening_id)

    def to_another_hall(screening: Any) -> None:
        screening.hall_id, screening.hall_name = "hall-9", "Hall 9"

    await doors.change(screening_id, to_another_hall)
    after = await manifest(doors, screening_id, etag=before.etag)

    assert not after.unchanged
    assert after.screening.hall_name == "Hall 9"
    assert len(after.tickets) == len(tickets)


async def test_what_was_done_is_listed_in_pages_oldest_first(
    doors: Doors, screening_id: UUID, tickets: Sequence[Ticket]
) -> None:
    for ticket in tickets[:3]:
        await doors.scan(ticket)

    first = await listed(doors, screening_id, page_size=2)
    second = await listed(doors, screening_id, page_size=2, page_token=first.next_page_token)
    of_one = await listed(doors, screening_id, ticket_id=str(tickets[2].id))

    in_order = [record.ticket_id for page in (first, second) for record in page.admissions]
    assert in_order == [str(ticket.id) for ticket in tickets[:3]]
    assert (second.tickets, second.tickets_admitted, second.next_page_token) == (4, 3, "")
    assert [record.ticket_id for record in of_one.admissions] == [str(tickets[2].id)]


@pytest.mark.parametrize("call", [manifest, listed])
async def test_another_cinemas_screening_is_as_unknown_as_none(
    doors: Doors, screening_id: UUID, call: Any
) -> None:
    doors.catalog.answers[screening_id].cinema.id = "1806"

    foreign = await refused(call(doors, screening_id))
    unknown = await refused(call(doors, uuid4()))

    assert foreign.code is unknown.code is grpc.StatusCode.NOT_FOUND
    assert foreign.reason == unknown.reason == "SCREENING_NOT_FOUND"
