"""Seats that staff keep out of sale: on the map, in the claims, in the audit, with the reason."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from cinema.catalog.v1.seat_plan_pb2 import Seat

from services.booking.adapters.seat_blocks import SeatBlockReader
from services.booking.checks import checks
from services.booking.domain.errors import (
    NotSoldOnlineError,
    ScreeningNotFoundError,
    SeatUnavailableError,
    UnknownSeatError,
    WrongCinemaError,
)
from services.booking.domain.seat_block import BlockedSeats, UnblockedSeats
from services.booking.domain.seats import SeatState
from services.booking.domain.staff import Staff
from services.booking.use_cases.block_seats import BlockSeats
from services.booking.use_cases.list_seat_blocks import ListSeatBlocks
from services.booking.use_cases.unblock_seats import UnblockSeats
from services.common.db.checks import run_checks
from services.common.errors import RepeatedRequest
from services.common.requests import RequestKey
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import (
    CINEMA_ID,
    HOLD_SECONDS,
    FakeCatalog,
    a_key,
    a_seat_plan,
    a_wish,
    not_sold,
    sales_facts,
)

REASON = "The hinge is broken."
BLOCKED = SeatState.BLOCKED


def a_cashier(*, cinemas: Sequence[str] = (CINEMA_ID,)) -> Staff:
    return Staff("staff:ana", ("cashier",), frozenset(cinemas), str(uuid4()))


def staff_key(call: str, request_id: UUID | None = None) -> RequestKey:
    key = a_key("staff:ana", call=call, request_id=request_id)
    return RequestKey(key.principal, key.method, key.request_id, key.fingerprint, _pack)


def _pack(result: BlockedSeats | UnblockedSeats) -> bytes:
    return repr(result).encode()


async def block(
    process: Process, screening_id: UUID, *seat_ids: str, reason: str = REASON
) -> BlockedSeats:
    use_case = BlockSeats(process.screenings, process.transactions)
    return await use_case(a_cashier(), screening_id, seat_ids, reason, staff_key("BlockSeats"))


async def unblock(process: Process, screening_id: UUID, *seat_ids: str) -> UnblockedSeats:
    use_case = UnblockSeats(process.screenings, process.transactions)
    return await use_case(a_cashier(), screening_id, seat_ids, staff_key("UnblockSeats"))


async def nothing_is_wrong(process: Process) -> None:
    found = await run_checks({"booking": process.database}, {"booking": checks()}, wait_s=0)
    assert not found


async def audited(process: Process) -> list[tuple[str, str, str]]:
    rows = await process.database.fetch("SELECT actor, action, subject FROM audit ORDER BY number")
    return [(row["actor"], row["action"], row["subject"]) for row in rows]


async def test_a_blocked_seat_is_shown_and_cannot_be_held_until_it_is_unblocked(
    process: Process, screening_id: UUID
) -> None:
    blocked = await block(process, screening_id, "A1", "A2")

    shown = await process.states(screening_id)
    with pytest.raises(SeatUnavailableError) as refused:
        await process.hold_seats(a_wish(screening_id, ["A2", "A3"]), a_key())
    freed = await unblock(process, screening_id, "A1", "A2", "A3")
    hold = await process.hold_seats(a_wish(screening_id, ["A2", "A1"]), a_key())

    assert [(each.seat_id, each.reason, each.blocked_by) for each in blocked.blocks] == [
        ("A1", REASON, "staff:ana"),
        ("A2", REASON, "staff:ana"),
    ]
    assert shown[:3] == [BLOCKED, BLOCKED, SeatState.FREE]
    assert [(v.field, v.description) for v in refused.value.violations] == [("A2", "BLOCKED")]
    assert (freed.freed, freed.blocked_by_plan) == (["A1", "A2"], [])
    assert freed.revision == blocked.revision + 1
    assert len(hold.seats) == 2
    assert await audited(process) == [
        ("staff:ana", "BlockSeats", str(screening_id)),
        ("staff:ana", "UnblockSeats", str(screening_id)),
    ]
    await nothing_is_wrong(process)


async def test_held_and_sold_seats_are_named_and_nothing_is_blocked(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        await tx.board.sell(screening_id, hold.id, uuid4())
        await tx.commit()
    await process.hold_seats(a_wish(screening_id, ["B1"], owner="guest:b"), a_key("guest:b"))

    with pytest.raises(SeatUnavailableError) as refused:
        await block(process, screening_id, "A2", "B1", "C1")

    assert [(v.field, v.description) for v in refused.value.violations] == [
        ("A2", "SOLD"),
        ("B1", "HELD"),
    ]
    assert (await process.states(screening_id))[20] == SeatState.FREE
    assert await audited(process) == []


async def test_seats_of_lapsed_holds_can_be_blocked(process: Process, screening_id: UUID) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    ordered = await process.hold_seats(a_wish(screening_id, ["B1"]), a_key())
    await process.database.execute(
        "UPDATE hold SET state = 'ORDERED', order_id = $1 WHERE id = $2", uuid4(), ordered.id
    )
    await process.move_clock(HOLD_SECONDS)

    await block(process, screening_id, "A1", "B1")

    states = await process.states(screening_id)
    assert (states[0], states[1], states[10]) == (BLOCKED, SeatState.FREE, BLOCKED)
    assert (await process.get_hold(screening_id, hold.id, hold.owner)).state == "EXPIRED"
    claims = await process.database.fetch("SELECT seat_id, state, hold_id FROM seat_claim")
    assert {tuple(claim.values()) for claim in claims} == {
        ("A1", "BLOCKED", None),
        ("B1", "BLOCKED", None),
    }


async def test_a_blocked_seat_keeps_its_first_reason_and_a_repeat_its_answer(
    process: Process, screening_id: UUID
) -> None:
    use_case = BlockSeats(process.screenings, process.transactions)
    key = staff_key("BlockSeats")
    first = await use_case(a_cashier(), screening_id, ["A1"], REASON, key)

    again = await block(process, screening_id, "A1", reason="Painted.")
    with pytest.raises(RepeatedRequest) as repeated:
        await use_case(a_cashier(), screening_id, ["A1"], REASON, key)

    assert [each.reason for each in again.blocks] == [REASON]
    assert again.revision == first.revision
    assert repeated.value.answer == _pack(first)


async def test_what_the_plan_blocks_stays_blocked_when_staff_let_go(
    process: Process, catalog: FakeCatalog
) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=4)
    plan.rows[0].segments[0].seats[1].block_reason = Seat.BLOCK_REASON_OUT_OF_ORDER
    screening_id = catalog.publish(sales_facts(uuid4(), plan=plan))

    await block(process, screening_id, "A1", "A2")
    freed = await unblock(process, screening_id, "A1", "A2")

    assert (freed.freed, freed.blocked_by_plan) == (["A1"], ["A2"])
    assert await process.states(screening_id) == [1, BLOCKED, 1, 1]
    await nothing_is_wrong(process)


async def test_another_plan_keeps_the_blocked_seats_that_it_has(
    process: Process, catalog: FakeCatalog
) -> None:
    old, new = a_seat_plan(rows=2, seats_per_row=4), a_seat_plan(rows=1, seats_per_row=6)
    new.rows[0].segments[0].seats.insert(0, Seat(id="A0", number="0", area="STANDARD"))
    screening_id = catalog.publish(sales_facts(uuid4(), plan=old))
    await block(process, screening_id, "A2", "B1")
    catalog.publish(sales_facts(screening_id, plan=new, version=2))

    await process.screenings.fresh_facts(screening_id)

    assert await process.states(screening_id) == [1, 1, BLOCKED, 1, 1, 1, 1]
    await nothing_is_wrong(process)
    assert (await unblock(process, screening_id, "A2")).freed == ["A2"]
    assert await process.states(screening_id) == [1] * 7


async def test_screenings_of_the_box_office_can_be_blocked_too(
    process: Process, catalog: FakeCatalog
) -> None:
    screening_id = catalog.publish(not_sold(sales_facts(uuid4()), "CATEGORY"))

    await block(process, screening_id, "A1")

    assert await process.database.fetchval("SELECT seat_id FROM seat_claim") == "A1"


async def test_only_staff_of_the_cinema_may_and_only_what_there_is(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    elsewhere = a_cashier(cinemas=["1806"])
    without_plan = sales_facts(uuid4())
    without_plan.screening.seat_plan_id = ""
    without_plan.ClearField("seat_plan")
    use_case = BlockSeats(process.screenings, process.transactions)

    with pytest.raises(WrongCinemaError):
        await use_case(elsewhere, screening_id, ["A1"], REASON, staff_key("BlockSeats"))
    with pytest.raises(WrongCinemaError):
        await ListSeatBlocks(process.screenings, SeatBlockReader(process.database))(
            elsewhere, screening_id, after_index=-1, limit=10
        )
    with pytest.raises(UnknownSeatError):
        await block(process, screening_id, "Z9")
    with pytest.raises(ScreeningNotFoundError):
        await block(process, uuid4(), "A1")
    with pytest.raises(NotSoldOnlineError):
        await block(process, catalog.publish(not_sold(without_plan, "NO_SEAT_PLAN")), "A1")


async def test_blocked_seats_are_listed_with_their_reasons(
    process: Process, screening_id: UUID
) -> None:
    await block(process, screening_id, "B1", "A3")
    await block(process, screening_id, "A1", reason="Painted.")
    await unblock(process, screening_id, "A3")
    list_blocks = ListSeatBlocks(process.screenings, SeatBlockReader(process.database))

    all_of_them = await list_blocks(a_cashier(), screening_id, after_index=-1, limit=10)
    rest = await list_blocks(a_cashier(), screening_id, after_index=0, limit=10)

    assert [(each.seat_id, each.reason) for each in all_of_them] == [
        ("A1", "Painted."),
        ("B1", REASON),
    ]
    assert [each.seat_id for each in rest] == ["B1"]
