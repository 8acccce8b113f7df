"""What orders do with seats under the board's lock: sell, free, take again."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.booking.domain.errors import HoldNotFoundError, ScreeningNotFoundError
from services.booking.domain.hold import Hold, HoldState
from services.booking.domain.seats import SeatState
from tests.integration.booking.conftest import Process, somebody_waits
from tests.integration.booking.test_hold_seats import assert_board_and_claims_agree
from tests.kit.booking_seats import HOLD_SECONDS, a_key, a_wish


@pytest.fixture
async def hold(process: Process, screening_id: UUID) -> Hold:
    return await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())


async def sell(process: Process, hold: Hold) -> bool:
    async with process.transactions() as tx:
        await tx.board.lock(hold.screening_id)
        sold = await tx.board.sell(hold.screening_id, hold.id, uuid4())
        await tx.commit()
    return sold


async def test_the_seats_of_a_hold_are_sold_together(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    sold = await sell(process, hold)

    seat_map = await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    assert sold
    assert list(seat_map.states[:3]) == [SeatState.SOLD, SeatState.SOLD, SeatState.FREE]
    assert seat_map.revision == hold.revision + 1
    await assert_board_and_claims_agree(process, screening_id)


async def test_sold_seats_are_never_sold_again(process: Process, hold: Hold) -> None:
    await sell(process, hold)

    assert not await sell(process, hold)


@pytest.mark.rule("OTC-14.4b")
async def test_a_lapsed_hold_sells_nothing(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.move_clock(HOLD_SECONDS)

    sold = await sell(process, hold)

    states = await process.states(screening_id)
    assert not sold
    assert SeatState.SOLD not in states


async def test_a_hold_that_lost_one_seat_sells_none(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.database.execute("DELETE FROM seat_claim WHERE seat_id = 'A2'")

    sold = await sell(process, hold)

    states = await process.database.fetch("SELECT state FROM seat_claim")
    assert not sold
    assert [row["state"] for row in states] == ["HELD"]


async def test_what_a_transaction_does_not_commit_is_undone(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        await tx.board.sell(screening_id, hold.id, uuid4())

    assert (await process.states(screening_id))[:2] == [SeatState.HELD, SeatState.HELD]


async def test_freed_seats_are_free_at_once_and_sold_ones_stay(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    other = await process.hold_seats(a_wish(screening_id, ["B1"], owner="guest:b"), a_key("b"))
    await sell(process, other)

    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        await tx.board.free(screening_id, hold.id)
        await tx.board.free(screening_id, other.id)
        await tx.commit()

    states = await process.states(screening_id)
    assert (states[0], states[1], states[10]) == (1, 1, SeatState.SOLD)
    await assert_board_and_claims_agree(process, screening_id)


async def test_seats_are_taken_again_while_nobody_else_has_them(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.move_clock(HOLD_SECONDS)
    await process.expire_holds()

    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        taken = await tx.board.retake(screening_id, hold.id, uuid4(), ["A1", "A2"])
        await tx.commit()

    assert taken
    assert (await process.states(screening_id))[:2] == [SeatState.SOLD, SeatState.SOLD]
    await assert_board_and_claims_agree(process, screening_id)


async def test_seats_are_not_taken_again_from_a_new_buyer(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.move_clock(HOLD_SECONDS)
    await process.hold_seats(a_wish(screening_id, ["A1"], owner="guest:b"), a_key("guest:b"))

    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        taken = await tx.board.retake(screening_id, hold.id, uuid4(), ["A1", "A2"])
        await tx.commit()

    assert not taken
    assert (await process.states(screening_id))[:2] == [SeatState.HELD, SeatState.FREE]


async def test_selling_at_the_deadline_and_taking_over_exclude_each_other(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.move_clock(HOLD_SECONDS - 1)

    async def take_over() -> Hold:
        await process.move_clock(1)
        wish = a_wish(screening_id, ["A1", "A2"], owner="guest:b")
        return await process.hold_seats(wish, a_key("guest:b"))

    outcomes = await asyncio.gather(sell(process, hold), take_over(), return_exceptions=True)

    taken_over = isinstance(outcomes[1], Hold)
    assert outcomes[0] is not taken_over
    await assert_board_and_claims_agree(process, screening_id)


async def test_a_hold_is_read_with_the_clock_of_the_lock(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    await process.move_clock(60)

    async with process.transactions() as tx:
        lock = await tx.board.lock(screening_id)
        read = await tx.board.hold_for_update(screening_id, hold.id)
        read.place_order(uuid4())
        await tx.board.save_hold_state(read)
        await tx.commit()

    stored = await process.get_hold(screening_id, hold.id, hold.owner)
    assert read.read_at == lock.now
    assert lock.revision == hold.revision
    assert (stored.state, stored.order_id) == (HoldState.ORDERED, read.order_id)


async def test_a_later_clock_is_read_after_waiting_for_the_lock(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    del hold
    async with process.transactions() as first:
        before = await first.board.lock(screening_id)
        async with process.transactions() as second:
            waiting = asyncio.ensure_future(second.board.lock(screening_id))
            await somebody_waits(process)
            released_at = await process.database.fetchval("SELECT app_clock()")
            await first.commit()
            after = await waiting

    assert before.now < released_at <= after.now


async def test_what_is_unknown_is_not_found(process: Process, screening_id: UUID) -> None:
    await process.screenings.facts(screening_id)

    async with process.transactions() as tx:
        with pytest.raises(ScreeningNotFoundError):
            await tx.board.lock(uuid4())
        await tx.board.lock(screening_id)
        with pytest.raises(HoldNotFoundError):
            await tx.board.hold_for_update(screening_id, uuid4())


async def test_nothing_is_done_to_a_board_that_is_not_locked(
    process: Process, screening_id: UUID, hold: Hold
) -> None:
    async with process.transactions() as tx:
        with pytest.raises(LookupError):
            await tx.board.free(screening_id, hold.id)
