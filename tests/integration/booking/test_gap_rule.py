"""The gap rule where it is decided: with the seats as they are at the moment they are taken."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.booking.domain.errors import SingleSeatLeftError
from services.booking.domain.hold import Hold
from services.booking.domain.seat_choice import terms_of
from services.booking.domain.seats import SeatMap, SeatState
from services.booking.domain.ticket_choice import quote_seats
from services.booking.use_cases.new_hold import NewHold
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import HOLD_SECONDS, FakeCatalog, a_key, a_wish, sales_facts

ROUNDS = 25


async def judged(
    process: Process, screening_id: UUID, seat_ids: list[str]
) -> tuple[NewHold, SeatMap]:
    """A hold that was found good on the board as it is now, and not written yet."""
    wish = a_wish(screening_id, seat_ids, owner="guest:judged")
    sale = await process.screenings.sale(screening_id, max_age_ms=0)
    prices = sale.facts.prices
    chosen = [sale.plan.seat(seat_id) for seat_id in wish.seat_ids]
    quotes = quote_seats(chosen, wish.tickets, prices, sale.facts.currency)
    terms = terms_of(sale.facts, prices, await process.price_tables.note(prices))
    new = NewHold(uuid4(), screening_id, wish.owner, wish.channel, quotes, terms, sale.plan)
    new.judge(sale.seat_map.states)
    return new, sale.seat_map


@pytest.mark.rule("OTC-14.4a")
async def test_two_choices_at_the_same_instant_never_leave_a_seat_alone_together(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    processes = [new_process(), new_process()]
    for number in range(ROUNDS):
        screening_id = catalog.publish(sales_facts(uuid4()))
        for process in processes:
            await process.screenings.sale(screening_id, max_age_ms=0)

        # Each is fine by itself; between both A3 would be left alone.
        outcomes = await asyncio.gather(
            *(
                process.hold_seats(
                    a_wish(screening_id, seats, owner=f"guest:{number}-{seats[0]}"),
                    a_key(f"guest:{number}-{seats[0]}"),
                )
                for process, seats in zip(processes, (["A1", "A2"], ["A4", "A5"]), strict=True)
            ),
            return_exceptions=True,
        )

        states = await processes[0].states(screening_id)
        refused = [each for each in outcomes if isinstance(each, SingleSeatLeftError)]
        assert sum(isinstance(each, Hold) for each in outcomes) == 1, outcomes
        assert [each.metadata["seat_ids"] for each in refused] == ["A3"]
        assert states.count(SeatState.HELD) == 2


@pytest.mark.rule("OTC-14.4a")
async def test_a_choice_that_was_judged_before_a_neighbour_came_is_not_written(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    slow, quick = new_process(), new_process()
    new, seen = await judged(slow, screening_id, ["A4", "A5"])
    await quick.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    attempt = await slow.holds.write_at_once(new, seen, a_key("guest:judged"))

    assert attempt.hold is None
    assert (await slow.states(screening_id)).count(SeatState.HELD) == 2


async def test_who_buys_elsewhere_in_the_hall_is_nobodys_concern(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    slow, quick = new_process(), new_process()
    new, seen = await judged(slow, screening_id, ["B1", "B2"])
    await quick.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await quick.hold_seats(a_wish(screening_id, ["C1"]), a_key())

    attempt = await slow.holds.write_at_once(new, seen, a_key("guest:judged"))

    states = await slow.states(screening_id)
    assert attempt.hold is not None
    assert attempt.hold.revision == seen.revision + 3
    assert [index for index, state in enumerate(states) if state == SeatState.HELD] == [
        0, 10, 11, 20,
    ]  # fmt: skip


async def test_a_write_that_comes_too_late_brings_the_board_as_it_is(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    slow, quick = new_process(), new_process()
    new, seen = await judged(slow, screening_id, ["A4", "A5"])
    await quick.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    await slow.holds.write_at_once(new, seen, a_key("guest:judged"))

    there = await slow.maps.read(screening_id, max_age_ms=60_000)
    assert there is not None
    assert there.revision == seen.revision + 1
    assert there.states[:2] == bytes([SeatState.HELD] * 2)


@pytest.mark.rule("OTC-14.4a")
async def test_under_the_boards_lock_the_rule_is_judged_too(
    process: Process, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.move_clock(HOLD_SECONDS)

    with pytest.raises(SingleSeatLeftError) as refused:
        await process.hold_seats(a_wish(screening_id, ["A2", "A3"], owner="guest:b"), a_key("b"))

    assert refused.value.metadata["seat_ids"] == "A1"
    assert await process.database.fetchval("SELECT count(*) FROM hold") == 1


@pytest.mark.rule("OTC-14.4a")
async def test_the_seats_of_a_lapsed_hold_count_as_free_before_they_are_swept(
    process: Process, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A3", "A4"]), a_key())
    wish, key = a_wish(screening_id, ["A1"], owner="guest:b"), a_key("guest:b")
    with pytest.raises(SingleSeatLeftError):
        await process.hold_seats(wish, key)
    await process.move_clock(HOLD_SECONDS)

    hold = await process.hold_seats(wish, key)

    assert hold.seat_ids == ["A1"]
    assert (await process.states(screening_id))[:4] == [2, 1, 1, 1]
