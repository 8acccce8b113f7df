"""What staff see of BlockSeats, UnblockSeats and ListSeatBlocks."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1.box_office_service_pb2_grpc import (
    BoxOfficeServiceStub,
    add_BoxOfficeServiceServicer_to_server,
)
from cinema.catalog.v1.seat_plan_pb2 import Seat

from services.booking.domain.seats import SeatState
from services.booking.handlers.box_office_servicer import BoxOfficeServicer
from services.booking.use_cases.block_seats import BlockSeats
from services.booking.use_cases.list_seat_blocks import ListSeatBlocks
from services.booking.use_cases.unblock_seats import UnblockSeats
from services.common.rpc.paging import PageTokens
from tests.kit.booking_blocks import FakeBoxOffice
from tests.kit.booking_fakes import FakeSeats
from tests.kit.booking_rpc import as_account, as_guest, as_staff, refused, served
from tests.kit.booking_seats import CINEMA_ID, a_seat_plan, sales_facts

CASHIER = as_staff("cashier", cinemas=[CINEMA_ID])
REASON = "The hinge is broken."


@dataclass
class Office:
    """A running service: its stub, and what it keeps in memory."""

    stub: Any
    memory: FakeBoxOffice

    def states(self, screening_id: UUID) -> bytes:
        return self.memory.seats.maps[screening_id].states


@pytest.fixture
async def office(seats: FakeSeats) -> AsyncIterator[Office]:
    memory = FakeBoxOffice(seats)
    nobody: Any = None  # Orders, complaints and remedies are not called here.
    servicer = BoxOfficeServicer(
        block_seats=BlockSeats(memory, memory),
        unblock_seats=UnblockSeats(memory, memory),
        list_seat_blocks=ListSeatBlocks(seats, memory),
        complaints=nobody,
        remedies=nobody,
        counter=nobody,
        page_tokens=PageTokens.from_secret(b"pages"),
    )
    async with served(partial(add_BoxOfficeServiceServicer_to_server, servicer)) as channel:
        yield Office(BoxOfficeServiceStub(channel), memory)


def block_request(
    screening_id: UUID | str, seat_ids: Sequence[str] = ("A1",), **fields: Any
) -> pb.BlockSeatsRequest:
    values: dict[str, Any] = {"reason": REASON, "request_id": str(uuid4()), **fields}
    return pb.BlockSeatsRequest(screening_id=str(screening_id), seat_ids=seat_ids, **values)


def unblock_request(screening_id: UUID, *seat_ids: str) -> pb.UnblockSeatsRequest:
    return pb.UnblockSeatsRequest(
        screening_id=str(screening_id), seat_ids=seat_ids, request_id=str(uuid4())
    )


async def test_seats_are_blocked_with_a_reason_and_an_audit_row(
    office: Office, screening_id: UUID
) -> None:
    answer = await office.stub.BlockSeats(
        block_request(screening_id, ["A1", "A2"]), metadata=CASHIER
    )

    assert [(block.seat_id, block.reason) for block in answer.blocks] == [
        ("A1", REASON),
        ("A2", REASON),
    ]
    assert all(block.blocked_by and block.block_time.seconds for block in answer.blocks)
    assert (answer.epoch, answer.revision) == (1, 2)
    assert list(office.states(screening_id)[:3]) == [SeatState.BLOCKED, SeatState.BLOCKED, 1]
    assert [entry[1:] for entry in office.memory.audit] == [("BlockSeats", str(screening_id))]


async def test_a_repeat_gets_the_same_bytes_and_leaves_no_second_audit_row(
    office: Office, screening_id: UUID
) -> None:
    request = block_request(screening_id)

    first = await office.stub.BlockSeats(request, metadata=CASHIER)
    second = await office.stub.BlockSeats(request, metadata=CASHIER)

    assert second.SerializeToString() == first.SerializeToString()
    assert len(office.memory.audit) == 1


async def test_unblocking_tells_which_seats_are_free_and_which_are_the_plans(
    office: Office, seats: FakeSeats
) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=4)
    plan.rows[0].segments[0].seats[1].block_reason = Seat.BLOCK_REASON_OUT_OF_ORDER
    screening_id = seats.publish(sales_facts(uuid4(), plan=plan))
    await office.stub.BlockSeats(block_request(screening_id, ["A1", "A2"]), metadata=CASHIER)

    answer = await office.stub.UnblockSeats(
        unblock_request(screening_id, "A1", "A2", "A3"), metadata=CASHIER
    )

    assert list(answer.freed_seat_ids) == ["A1"]
    assert list(answer.plan_blocked_seat_ids) == ["A2"]
    assert list(office.states(screening_id)) == [1, SeatState.BLOCKED, 1, 1]


async def test_blocked_seats_are_listed_by_page(office: Office, screening_id: UUID) -> None:
    await office.stub.BlockSeats(block_request(screening_id, ["B1", "A2", "A1"]), metadata=CASHIER)
    request = pb.ListSeatBlocksRequest(screening_id=str(screening_id), page_size=2)

    first = await office.stub.ListSeatBlocks(request, metadata=CASHIER)
    request.page_token = first.next_page_token
    second = await office.stub.ListSeatBlocks(request, metadata=CASHIER)

    assert [block.seat_id for block in first.blocks] == ["A1", "A2"]
    assert [block.seat_id for block in second.blocks] == ["B1"]
    assert second.next_page_token == ""


async def test_seats_that_somebody_has_are_named_with_their_state(
    office: Office, seats: FakeSeats, screening_id: UUID
) -> None:
    seat_map = seats.maps[screening_id]
    states = bytes([SeatState.HELD, SeatState.SOLD]) + seat_map.states[2:]
    seats.maps[screening_id] = replace(seat_map, states=states)

    refusal = await refused(
        office.stub.BlockSeats(block_request(screening_id, ["A1", "A2", "A3"]), metadata=CASHIER)
    )

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "SEAT_UNAVAILABLE",
    )
    assert refusal.violations == (("A1", "HELD"), ("A2", "SOLD"))
    assert office.states(screening_id)[2] == SeatState.FREE
    assert not office.memory.audit


@pytest.mark.parametrize(
    ("caller", "code", "reason"),
    [
        (as_staff("cashier", cinemas=["1806"]), "PERMISSION_DENIED", "WRONG_CINEMA"),
        (as_staff("usher", cinemas=[CINEMA_ID]), "PERMISSION_DENIED", "PERMISSION_DENIED"),
        (as_account(uuid4()), "PERMISSION_DENIED", "PERMISSION_DENIED"),
        (as_guest(), "PERMISSION_DENIED", "PERMISSION_DENIED"),
        ((), "UNAUTHENTICATED", "UNAUTHENTICATED"),
    ],
)
async def test_only_the_cinemas_own_cashiers_and_managers_may(
    office: Office, screening_id: UUID, caller: Any, code: str, reason: str
) -> None:
    calls = [
        office.stub.BlockSeats(block_request(screening_id), metadata=caller),
        office.stub.UnblockSeats(unblock_request(screening_id, "A1"), metadata=caller),
        office.stub.ListSeatBlocks(
            pb.ListSeatBlocksRequest(screening_id=str(screening_id)), metadata=caller
        ),
    ]

    refusals = [await refused(call) for call in calls]

    assert {(refusal.code.name, refusal.reason) for refusal in refusals} == {(code, reason)}
    assert not office.memory.audit


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"seat_ids": []}, "seat_ids"),
        ({"seat_ids": ["A1", "A1"]}, "seat_ids"),
        ({"seat_ids": ["A" * 17]}, "seat_ids[0]"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"request_id": "now"}, "request_id"),
    ],
)
async def test_bad_fields_are_named(
    office: Office, screening_id: UUID, fields: dict[str, Any], field: str
) -> None:
    refusal = await refused(
        office.stub.BlockSeats(block_request(screening_id, **fields), metadata=CASHIER)
    )

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert [violation[0] for violation in refusal.violations] == [field]


async def test_what_there_is_not_cannot_be_blocked(office: Office, screening_id: UUID) -> None:
    seat = await refused(
        office.stub.BlockSeats(block_request(screening_id, ["Z9"]), metadata=CASHIER)
    )
    screening = await refused(office.stub.BlockSeats(block_request(uuid4()), metadata=CASHIER))

    assert (seat.code.name, seat.reason) == ("INVALID_ARGUMENT", "UNKNOWN_SEAT")
    assert (screening.code.name, screening.reason) == ("NOT_FOUND", "SCREENING_NOT_FOUND")
