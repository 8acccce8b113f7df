"""What the door says to a ticket, over a real channel: each reason, and which of two comes first."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1 import order_pb2, ticket_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.booking.adapters.ticket_keys import TicketKeys
from services.booking.domain.ticket import Ticket
from tests.integration.booking.doors.conftest import Doors, NewDoors, a_door, said
from tests.kit.booking_orders import SIGNER
from tests.kit.booking_rpc import as_staff, refused


@dataclass
class Case:
    """A ticket at a door, with everything right until it is spoilt."""

    doors: Doors
    screening_id: UUID
    ticket: Ticket
    payload: bytes
    door: dict[str, Any] = field(default_factory=dict)

    async def scan(self) -> str:
        return said(await self.doors.scan(self.payload, a_door(**self.door)))


async def unsigned(case: Case) -> None:
    case.payload = case.payload[:-1] + bytes([case.payload[-1] ^ 1])


async def unknown(case: Case) -> None:
    case.payload = SIGNER.payload(uuid4(), case.screening_id)


async def denied(case: Case) -> None:
    await case.doors.decide(case.screening_id, case.ticket, "DENY_FINALLY", "AGE")


async def unpaid(case: Case) -> None:
    await case.doors.sql("UPDATE customer_order SET state = 'COMPLETING'")


async def cancelled(case: Case) -> None:
    # What a cancellation does; of a ticket that was denied nothing is left to cancel.
    await case.doors.sql("UPDATE ticket SET state = 'CANCELLED' WHERE state = 'VALID'")


async def off(case: Case) -> None:
    def cancel(screening: Screening) -> None:
        screening.state = Screening.STATE_CANCELLED

    await case.doors.change(case.screening_id, cancel)


async def at_another_cinema(case: Case) -> None:
    def move(screening: Screening) -> None:
        screening.cinema_id = "1806"

    case.doors.catalog.answers[case.screening_id].cinema.id = "1806"
    await case.doors.change(case.screening_id, move)


async def at_another_hall(case: Case) -> None:
    case.door["hall_id"] = "another-hall"


async def at_another_screening(case: Case) -> None:
    case.door["screening_id"] = str(uuid4())


async def too_early(case: Case) -> None:
    await case.doors.clock_to(case.screening_id, timedelta(minutes=-31))


async def too_late(case: Case) -> None:
    await case.doors.clock_to(case.screening_id, timedelta(hours=2))


async def used(case: Case) -> None:
    await case.doors.sql("UPDATE customer_order SET state = 'CONFIRMED'")
    assert said(await case.doors.scan(case.ticket)) == "ADMIT"


# In the order in which they are told.
SPOILT: dict[str, Callable[[Case], Awaitable[None]]] = {
    "BAD_SIGNATURE": unsigned,
    "UNKNOWN": unknown,
    "DENIED": denied,
    "NOT_PAID": unpaid,
    "CANCELLED": cancelled,
    "SCREENING_OFF": off,
    "WRONG_CINEMA": at_another_cinema,
    "WRONG_HALL": at_another_hall,
    "WRONG_SCREENING": at_another_screening,
    "TOO_EARLY": too_early,
    "TOO_LATE": too_late,
    "ALREADY_ADMITTED": used,
}
ORDER = list(SPOILT)


@pytest.fixture
async def case(doors: Doors) -> Case:
    screening_id = await doors.show()
    (ticket,) = await doors.sell(screening_id)
    await doors.open_entry(screening_id)
    return Case(doors, screening_id, ticket, ticket.qr_payload)


@pytest.mark.rule("OTC-17")
async def test_a_good_ticket_is_let_in(case: Case) -> None:
    verdict = await case.doors.scan(case.ticket)

    assert said(verdict) == "ADMIT"
    assert verdict.ticket.number == case.ticket.number
    assert verdict.ticket.state == ticket_pb2.Ticket.STATE_ADMITTED
    assert (verdict.ticket.row_name, verdict.ticket.seat_number) == ("A", "1")
    assert verdict.screening.film_title == "Alpha"
    assert verdict.admission.kind == pb.Admission.KIND_ADMITTED
    assert verdict.admission.gate == "Gate of scanner-1"


@pytest.mark.rule("OTC-22")
@pytest.mark.rule("OTC-24")
@pytest.mark.rule("OTC-30")
@pytest.mark.parametrize("reason", SPOILT)
async def test_what_is_wrong_with_a_ticket_is_told_and_consumes_nothing(
    case: Case, reason: str
) -> None:
    await SPOILT[reason](case)
    before = await case.doors.ask("SELECT count(*) FROM admission")

    told = await case.scan()

    assert told == f"REFUSE {reason}"
    assert await case.doors.ask("SELECT count(*) FROM admission") == before


# Every pair is judged in tests/unit/booking/test_admission.py; here each next to the one before it.
NEIGHBOURS = [pair for pair in pairwise(ORDER) if pair != ("TOO_EARLY", "TOO_LATE")]
# What can be done only while all is well, and what only changes the code that is shown.
_FIRST, _LAST = {"DENIED", "ALREADY_ADMITTED"}, {"BAD_SIGNATURE"}


@pytest.mark.parametrize(("first", "second"), NEIGHBOURS)
async def test_of_two_things_that_are_wrong_the_first_is_told(
    case: Case, first: str, second: str
) -> None:
    pair = sorted((first, second), key=lambda each: (each in _LAST, each not in _FIRST))
    for reason in pair:
        await SPOILT[reason](case)

    assert await case.scan() == f"REFUSE {first}"


async def test_who_comes_again_is_told_when_and_where_the_ticket_was_used(case: Case) -> None:
    first = await case.doors.scan(case.ticket, a_door("scanner-7", gate="Hall 3 left"))

    second = await case.doors.scan(case.ticket, a_door("scanner-2"))

    assert said(second) == "REFUSE ALREADY_ADMITTED"
    assert second.admission == first.admission
    assert second.admission.gate == "Hall 3 left"
    assert second.admission.record_time == first.judge_time


@pytest.mark.parametrize("seconds", [-1_800, 0, 7_199])
async def test_doors_are_open_from_half_an_hour_before_to_the_end(case: Case, seconds: int) -> None:
    await case.doors.clock_to(case.screening_id, timedelta(seconds=seconds, milliseconds=1))

    assert await case.scan() == "ADMIT"


async def test_a_cinema_may_close_its_doors_to_those_who_are_late(new_doors: NewDoors) -> None:
    doors = await new_doors(late_limit=timedelta(minutes=15))
    screening_id = await doors.show()
    first, second = await doors.sell(screening_id, ["A1", "A2"])
    await doors.clock_to(screening_id, timedelta(minutes=14, seconds=50))
    in_time = await doors.scan(first)

    await doors.clock_to(screening_id, timedelta(minutes=15))
    late = await doors.scan(second)

    assert said(in_time) == "ADMIT"
    assert said(late) == "REFUSE TOO_LATE"
    assert late.screening.entry_close_time.seconds == late.screening.start_time.seconds + 900


@pytest.mark.rule("OTC-22")
async def test_the_ticket_follows_its_screening_to_another_hall_and_time(case: Case) -> None:
    def move(screening: Screening) -> None:
        screening.hall_id, screening.hall_name = "hall-9", "Hall 9"
        screening.start_time.seconds += 3_600
        screening.end_time.seconds += 3_600

    await case.doors.change(case.screening_id, move)
    # What seats of the other hall's plan became of those that were sold.
    await case.doors.sql("UPDATE ticket SET seat_id = 'C7', row_name = 'C', seat_number = '7'")
    before = await case.doors.scan(case.ticket)
    await case.doors.open_entry(case.screening_id)

    old_hall = await case.doors.scan(case.ticket, a_door(hall_id="hall-3"))
    new_hall = await case.doors.scan(case.ticket, a_door(hall_id="hall-9"))

    assert said(before) == "REFUSE TOO_EARLY"
    assert said(old_hall) == "REFUSE WRONG_HALL"
    assert said(new_hall) == "ADMIT"
    assert new_hall.screening.hall_name == old_hall.screening.hall_name == "Hall 9"
    assert new_hall.admission.hall_id == "hall-9"
    assert (new_hall.ticket.row_name, new_hall.ticket.seat_number) == ("C", "7")


@pytest.mark.rule("OTC-24")
async def test_a_ticket_never_admits_to_the_next_screening(doors: Doors) -> None:
    screening_id, next_id = await doors.show(), await doors.show()
    (ticket,) = await doors.sell(screening_id)
    doors.catalog.answers[next_id].screening.start_time.seconds += 7_200
    await doors.sell(next_id)
    await doors.clock_to(screening_id, timedelta(hours=2, minutes=5))

    verdict = await doors.scan(ticket)
    for_the_next = await doors.scan(ticket, a_door(screening_id=str(next_id)))

    assert said(verdict) == "REFUSE TOO_LATE"
    assert said(for_the_next) == "REFUSE WRONG_SCREENING"


@pytest.mark.rule("OTC-19")
@pytest.mark.parametrize("channel", ["WEB", "APP", "BOX_OFFICE", "KIOSK"])
async def test_tickets_of_every_origin_are_let_in(case: Case, channel: str) -> None:
    await case.doors.sql("UPDATE customer_order SET channel = $1", channel)

    verdict = await case.doors.scan(case.ticket)

    assert said(verdict) == "ADMIT"
    assert order_pb2.Channel.Name(verdict.ticket.channel) == f"CHANNEL_{channel}"


async def test_tickets_of_a_former_key_are_let_in_until_its_time_is_over(
    new_doors: NewDoors, tmp_path: Path
) -> None:
    file = tmp_path / "former.json"
    x = urlsafe_b64encode(SIGNER.key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    former = {"kty": "OKP", "crv": "Ed25519", "x": x}
    file.write_text(json.dumps({"keys": [former]}))
    keys = TicketKeys(Ed25519PrivateKey.generate().public_key(), file)
    doors = await new_doors(verifier=keys)
    screening_id = await doors.show()
    first, second = await doors.sell(screening_id, ["A1", "A2"])
    await doors.open_entry(screening_id)
    while_it_is_believed = await doors.scan(first)

    file.write_text(json.dumps({"keys": [former | {"exp": 1}]}))
    keys._look_again_at = 0.0
    afterwards = await doors.scan(second)

    assert said(while_it_is_believed) == "ADMIT"
    assert said(afterwards) == "REFUSE BAD_SIGNATURE"


async def test_what_doors_were_told_is_counted(case: Case) -> None:
    for ticket in (case.payload, case.payload, b"forged"):
        await case.doors.scan(ticket)

    (verdicts,) = case.doors.meter.collectors
    counted = {
        sample.labels["verdict"]: sample.value
        for metric in verdicts.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
    assert counted == {"ADMITTED": 1, "ALREADY_ADMITTED": 1, "BAD_SIGNATURE": 1}


@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-42")
async def test_the_same_code_shown_from_another_phone_is_still_one_admission(case: Case) -> None:
    copied = bytes(case.payload)

    assert said(await case.doors.scan(case.ticket)) == "ADMIT"
    assert said(await case.doors.scan(copied, a_door("scanner-2"))) == "REFUSE ALREADY_ADMITTED"


async def test_inspecting_tells_the_same_and_consumes_nothing(case: Case) -> None:
    looked = [said(await case.doors.inspect(case.ticket)) for _ in range(3)]
    scanned = await case.doors.scan(case.ticket)

    assert looked == ["ADMIT"] * 3
    assert said(scanned) == "ADMIT"
    assert said(await case.doors.inspect(case.ticket)) == "REFUSE ALREADY_ADMITTED"


async def test_doors_stay_open_while_catalog_is_silent(case: Case) -> None:
    case.doors.catalog.is_down = True
    await case.doors.tell_of_change(case.screening_id)

    assert await case.scan() == "ADMIT"


async def test_a_change_that_catalog_told_of_counts_at_once(case: Case) -> None:
    assert said(await case.doors.inspect(case.ticket)) == "ADMIT"

    await off(case)

    assert await case.scan() == "REFUSE SCREENING_OFF"


async def test_a_screening_that_was_stopped_lets_nobody_in(case: Case) -> None:
    def stop(screening: Screening) -> None:
        screening.state = Screening.STATE_TERMINATED

    await case.doors.change(case.screening_id, stop)

    assert await case.scan() == "REFUSE SCREENING_OFF"


async def test_staff_of_another_cinema_are_refused_before_anything_is_looked_at(
    case: Case,
) -> None:
    call = case.doors.scan(b"", caller=as_staff("usher", cinemas=("1806",)))

    refusal = await refused(call)

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "WRONG_CINEMA",
    )


@pytest.mark.parametrize("role", ["finance", "programme_editor", "account"])
async def test_others_than_the_cinemas_staff_do_not_scan(case: Case, role: str) -> None:
    refusal = await refused(case.doors.scan(case.ticket, caller=as_staff(role)))

    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_device_that_asks_too_often_is_told_to_wait(case: Case) -> None:
    case.doors.limiter.wait = 1_500

    refusal = await refused(case.doors.scan(case.ticket))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_REQUESTS",
    )
    assert case.doors.limiter.keys == ["1818:scanner-1"]


@pytest.mark.parametrize("payload", [b"", b"\x01", b"hello", bytes(101), b"\xff" * 1_024])
async def test_anything_that_is_no_code_is_refused_kindly(doors: Doors, payload: bytes) -> None:
    assert said(await doors.scan(payload)) == "REFUSE BAD_SIGNATURE"
