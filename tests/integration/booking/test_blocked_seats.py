"""What a seat plan keeps out of sale cannot be sold."""

from uuid import UUID, uuid4

import pytest
from cinema.catalog.v1.seat_plan_pb2 import Seat, SeatPlan

from services.booking.checks import checks
from services.booking.domain.errors import SeatUnavailableError
from services.booking.domain.seats import SeatState
from services.common.db.checks import run_checks
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import FakeCatalog, a_key, a_seat_plan, a_wish, sales_facts


def a_plan_with_blocked(*seat_ids: str) -> SeatPlan:
    plan = a_seat_plan(rows=1, seats_per_row=4)
    for seat in plan.rows[0].segments[0].seats:
        if seat.id in seat_ids:
            seat.block_reason = Seat.BLOCK_REASON_OUT_OF_ORDER
    return plan


@pytest.fixture
def screening_id(catalog: FakeCatalog) -> UUID:
    return catalog.publish(sales_facts(uuid4(), plan=a_plan_with_blocked("A2")))


async def claims(process: Process) -> list[tuple[str, str]]:
    rows = await process.database.fetch("SELECT seat_id, state FROM seat_claim ORDER BY seat_id")
    return [(row["seat_id"], row["state"]) for row in rows]


async def assert_checks_pass(process: Process) -> None:
    assert not await run_checks({"booking": process.database}, {"booking": checks()}, wait_s=0)


async def test_a_seat_that_the_plan_blocks_is_shown_as_blocked_and_never_held(
    process: Process, screening_id: UUID
) -> None:
    seat_map = await process.get_seat_map(screening_id, epoch=0, min_revision=0)

    with pytest.raises(SeatUnavailableError) as refused:
        await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    assert list(seat_map.states) == [1, SeatState.BLOCKED, 1, 1]
    assert [(each.field, each.description) for each in refused.value.violations] == [
        ("A2", "BLOCKED")
    ]
    assert await claims(process) == [("A2", "BLOCKED")]
    await assert_checks_pass(process)


async def test_the_claim_keeps_a_blocked_seat_even_when_the_board_hides_it(
    process: Process, screening_id: UUID
) -> None:
    await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    await process.database.execute(
        "UPDATE screening_board SET seat_states = set_byte(seat_states, 1, 1)"
    )

    with pytest.raises(SeatUnavailableError):
        await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    assert await claims(process) == [("A2", "BLOCKED")]


async def test_the_seats_around_a_blocked_one_are_sold(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A3", "A4"]), a_key())

    assert [seat.seat_id for seat in hold.seats] == ["A1", "A3", "A4"]
    await assert_checks_pass(process)


async def test_another_plan_brings_its_own_blocked_seats(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    catalog.publish(sales_facts(screening_id, plan=a_plan_with_blocked("A3", "A4"), version=2))

    await process.screenings.fresh_facts(screening_id)

    assert list(await process.states(screening_id)) == [1, 1, 4, 4]
    assert await claims(process) == [("A3", "BLOCKED"), ("A4", "BLOCKED")]
    await assert_checks_pass(process)
