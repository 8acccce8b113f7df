"""What one caller may hold is decided by the database, in whatever process they ask."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.booking.domain.caller_errors import (
    HoldsReleasedTooOftenError,
    TooManyHoldsError,
    TooManySeatsHeldError,
)
from services.booking.domain.errors import TooManyTicketsError
from services.booking.domain.hold import Hold
from services.booking.domain.ticket_choice import TicketCount
from tests.integration.booking.conftest import Process
from tests.integration.booking.test_hold_seats import assert_board_and_claims_agree
from tests.kit.booking_changes import a_change, change_key
from tests.kit.booking_seats import HOLD_SECONDS, FakeCatalog, a_key, a_wish, sales_facts

ROUNDS = 8


async def test_a_caller_who_asks_several_processes_at_once_gets_no_more_holds(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    processes = [new_process(max_holds=2) for _ in range(3)]
    screenings = [catalog.publish(sales_facts(uuid4())) for _ in range(9)]
    for number in range(ROUNDS):
        owner = f"guest:{number}"
        wishes = [
            processes[each % 3].hold_seats(
                a_wish(
                    screening_id, [f"{'ABCDE'[number % 5]}{1 + 5 * (number // 5)}"], owner=owner
                ),
                a_key(owner),
            )
            for each, screening_id in enumerate(screenings)
        ]

        outcomes = await asyncio.gather(*wishes, return_exceptions=True)

        won = [each for each in outcomes if isinstance(each, Hold)]
        lost = [each for each in outcomes if isinstance(each, TooManyHoldsError)]
        assert (len(won), len(lost)) == (2, 7), outcomes


@pytest.mark.rule("OTC-13a")
async def test_live_holds_of_a_screening_count_together_for_the_ten_of_a_type(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]
    wishes = [a_wish(screening_id, [f"{row}{n}" for n in range(1, 7)]) for row in "AB"]

    outcomes = await asyncio.gather(
        *(
            process.hold_seats(wish, a_key())
            for process, wish in zip(processes, wishes, strict=True)
        ),
        return_exceptions=True,
    )
    children = await processes[0].hold_seats(
        a_wish(screening_id, ["C1", "C2"], tickets=[TicketCount("CHILD", 2)]), a_key()
    )

    assert [type(each) for each in outcomes if not isinstance(each, Hold)] == [TooManyTicketsError]
    with pytest.raises(TooManyTicketsError):
        await processes[1].change_hold(
            a_change(children, ["C1", "C2", "C3", "C4", "C5"], [("ADULT", 5)]), change_key()
        )
    await assert_board_and_claims_agree(processes[0], screening_id)


@pytest.mark.rule("OTC-13a")
async def test_another_transaction_may_follow_when_the_first_hold_is_over(
    process: Process, screening_id: UUID
) -> None:
    rows = [[f"{row}{n}" for n in range(1, 11)] for row in "AB"]
    await process.hold_seats(a_wish(screening_id, rows[0]), a_key())
    await process.move_clock(HOLD_SECONDS)

    hold = await process.hold_seats(a_wish(screening_id, rows[1]), a_key())

    assert len(hold.seats) == 10


async def test_a_caller_holds_so_many_seats_of_a_screening_and_others_elsewhere(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    process = new_process(max_seats=6)
    other_screening_id = catalog.publish(sales_facts(uuid4()))
    seats = [f"A{n}" for n in range(1, 5)]
    await process.hold_seats(a_wish(screening_id, seats, tickets=[]), a_key())

    with pytest.raises(TooManySeatsHeldError) as together:
        await process.hold_seats(a_wish(screening_id, ["B1", "B2", "B3"], tickets=[]), a_key())
    with pytest.raises(TooManySeatsHeldError):
        await process.hold_seats(
            a_wish(other_screening_id, [f"A{n}" for n in range(1, 8)], tickets=[]), a_key()
        )
    two = await process.hold_seats(a_wish(screening_id, ["B1", "B2"], tickets=[]), a_key())
    elsewhere = await process.hold_seats(a_wish(other_screening_id, seats, tickets=[]), a_key())

    assert together.value.metadata == {"max_seats": "6"}
    assert together.value.retry_after_ms
    assert (len(two.seats), len(elsewhere.seats)) == (2, 4)


async def test_holding_and_releasing_over_and_over_is_told_to_wait(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    process = new_process(max_released_holds=3, released_holds_period_s=60)
    for _ in range(3):
        hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
        await process.release_hold(screening_id, hold.id, hold.owner, a_key(call="ReleaseHold"))

    with pytest.raises(HoldsReleasedTooOftenError) as refused:
        await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    stranger = await process.hold_seats(
        a_wish(screening_id, ["A1"], owner="guest:b"), a_key("guest:b")
    )
    await process.move_clock(60)
    later = await process.hold_seats(a_wish(screening_id, ["B1"]), a_key())

    assert refused.value.metadata == {"max_holds": "3", "period_seconds": "60"}
    assert refused.value.retry_after_ms == 60_000
    assert stranger.seats
    assert later.seats


async def test_orders_that_are_not_paid_yet_are_bounded_too(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    process = new_process(max_ordered_holds=2)
    screenings = [catalog.publish(sales_facts(uuid4())) for _ in range(3)]
    for screening_id in screenings[:2]:
        await process.hold_seats(a_wish(screening_id), a_key())
    await process.database.execute("UPDATE hold SET state = 'ORDERED', order_id = $1", uuid4())

    with pytest.raises(TooManyHoldsError):
        await process.hold_seats(a_wish(screenings[2]), a_key())
    await process.move_clock(HOLD_SECONDS)

    assert (await process.hold_seats(a_wish(screenings[2]), a_key())).seats
