"""The best seats under contention, with a real database's locks and clock."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.booking.domain.best_seats import Party
from services.booking.domain.errors import NotEnoughSeatsError
from services.booking.domain.hold import Hold
from services.booking.domain.seat_wish import Wish
from services.booking.domain.seats import SeatState
from services.booking.domain.ticket_choice import TicketCount
from services.common.errors import RepeatedRequest
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import (
    HOLD_SECONDS,
    FakeCatalog,
    a_key,
    a_seat_plan,
    a_wish,
    sales_facts,
)

BUYERS = 30


def told(hold: Hold) -> bytes:
    return repr((hold.id, hold.suggestion)).encode()


def best(screening_id: UUID, count: int, owner: str) -> Wish:
    return replace(
        a_wish(screening_id, (), owner=owner, tickets=[TicketCount("ADULT", count)]),
        party=Party(count),
    )


@pytest.mark.rule("OTC-14.4a")
async def test_a_crowd_of_two_processes_gets_pairs_until_the_hall_is_full(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]

    outcomes = await asyncio.gather(
        *(
            processes[number % 2].hold_seats(
                best(screening_id, 2, f"guest:{number}"), a_key(f"guest:{number}")
            )
            for number in range(BUYERS)
        ),
        return_exceptions=True,
    )

    holds = [each for each in outcomes if isinstance(each, Hold)]
    refused = [each for each in outcomes if isinstance(each, NotEnoughSeatsError)]
    seats = [seat_id for hold in holds for seat_id in hold.seat_ids]
    states = await processes[0].states(screening_id)
    assert (len(holds), len(refused)) == (25, BUYERS - 25), outcomes
    assert len(set(seats)) == len(seats) == states.count(SeatState.HELD) == 50


async def test_losers_who_take_anything_all_sit_somewhere(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]

    holds = await asyncio.gather(
        *(
            processes[number % 2].hold_seats(
                replace(
                    a_wish(screening_id, ["C5", "C6"], owner=f"guest:{number}"), or_suggest=True
                ),
                a_key(f"guest:{number}"),
            )
            for number in range(20)
        )
    )

    seats = [seat_id for hold in holds for seat_id in hold.seat_ids]
    suggested = [hold for hold in holds if hold.suggestion is not None]
    assert len(set(seats)) == len(seats) == 40
    assert len(suggested) == 19
    assert {hold.suggestion.reason for hold in suggested if hold.suggestion} == {"SEAT_UNAVAILABLE"}


async def test_lapsed_seats_are_chosen_before_they_are_swept(
    process: Process, catalog: FakeCatalog
) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=3)
    screening_id = catalog.publish(sales_facts(uuid4(), plan=plan))
    await process.hold_seats(best(screening_id, 3, "guest:a"), a_key("guest:a"))
    await process.move_clock(HOLD_SECONDS)

    hold = await process.hold_seats(best(screening_id, 3, "guest:b"), a_key("guest:b"))

    assert hold.seat_ids == ["A1", "A2", "A3"]


@pytest.mark.parametrize("locked", [False, True])
async def test_a_suggestion_is_told_again_as_it_was(
    process: Process, screening_id: UUID, *, locked: bool
) -> None:
    await process.hold_seats(a_wish(screening_id, ["C5", "C6"]), a_key())
    if locked:  # Lapsed seats in the row are judged under the board's lock.
        await process.hold_seats(a_wish(screening_id, ["C1", "C2"]), a_key())
        await process.database.execute(
            "UPDATE seat_claim SET expires_at = app_clock() WHERE seat_id IN ('C1', 'C2')"
        )
    wish = replace(a_wish(screening_id, ["C4", "C5"], owner="guest:b"), or_suggest=True)
    key = a_key("guest:b")
    hold = await process.hold_seats(wish, key)

    stored = await process.holds.get(screening_id, hold.id)
    with pytest.raises(RepeatedRequest) as repeated:
        await process.hold_seats(wish, replace(key, pack=told))

    assert hold.suggestion is not None
    assert hold.suggestion.lost == [("C5", SeatState.HELD)]
    assert stored.suggestion is None
    assert repeated.value.answer == told(hold)
