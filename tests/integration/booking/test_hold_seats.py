"""Holding seats: at most once each, all of them or none, until the deadline."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.booking.domain.caller_errors import TooManyHoldsError
from services.booking.domain.errors import (
    ChoiceRefusedError,
    NotSoldOnlineError,
    SalesClosedError,
    SalesPausedError,
    ScreeningNotFoundError,
    SeatUnavailableError,
)
from services.booking.domain.hold import HoldState
from services.booking.domain.seats import SeatState
from services.common.errors import RepeatedRequest, RequestIdReusedError
from tests.integration.booking.conftest import Process, somebody_waits
from tests.kit.booking_seats import HOLD_SECONDS, FakeCatalog, a_key, a_wish, not_sold, sales_facts

ROUNDS = 25


async def test_held_seats_are_held_for_ten_minutes_from_the_databases_clock(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    stored = await process.get_hold(screening_id, hold.id, "guest:somebody")
    assert hold.expires_at - hold.created_at == timedelta(seconds=HOLD_SECONDS)
    assert stored.expires_at == hold.expires_at
    assert stored.seats == hold.seats
    assert stored.terms == hold.terms
    assert (await process.states(screening_id))[:3] == [2, 2, 1]


@pytest.mark.rule("OTC-14.2")
async def test_two_buyers_at_the_same_instant_never_get_the_same_seat(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    processes = [new_process(), new_process()]
    for number in range(ROUNDS):
        screening_id = catalog.publish(sales_facts(uuid4()))
        wishes = [
            processes[buyer % 2].hold_seats(
                a_wish(screening_id, ["A1", "A2"], owner=f"guest:{number}-{buyer}"),
                a_key(f"guest:{number}-{buyer}"),
            )
            for buyer in range(6)
        ]

        outcomes = await asyncio.gather(*wishes, return_exceptions=True)

        won = [each for each in outcomes if not isinstance(each, BaseException)]
        lost = [each for each in outcomes if isinstance(each, SeatUnavailableError)]
        assert (len(won), len(lost)) == (1, 5), outcomes
        await assert_board_and_claims_agree(processes[0], screening_id)


async def test_a_whole_hall_is_sold_once_to_a_crowd_from_two_processes(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]
    seats = [f"{row}{number}" for row in "ABCDE" for number in range(1, 11)]

    async def buy(buyer: int) -> int:
        owner = f"guest:{buyer}"
        wish = a_wish(screening_id, [seats[buyer % 50], seats[(buyer + 1) % 50]], owner=owner)
        try:
            await processes[buyer % 2].hold_seats(wish, a_key(owner))
        except ChoiceRefusedError:
            return 0
        return 1

    won = sum(await asyncio.gather(*(buy(buyer) for buyer in range(100))))

    states = await processes[0].states(screening_id)
    assert states.count(SeatState.HELD) == 2 * won
    await assert_board_and_claims_agree(processes[0], screening_id)


async def test_all_seats_are_held_or_none(process: Process, screening_id: UUID) -> None:
    await process.hold_seats(a_wish(screening_id, ["A3"], owner="guest:first"), a_key("first"))

    with pytest.raises(SeatUnavailableError) as refused:
        await process.hold_seats(a_wish(screening_id, ["A1", "A2", "A3", "A4"]), a_key())

    assert [(v.field, v.description) for v in refused.value.violations] == [("A3", "HELD")]
    assert (await process.states(screening_id))[:4] == [1, 1, 2, 1]
    assert await process.database.fetchval("SELECT count(*) FROM hold") == 1


async def test_a_claim_that_the_board_hides_undoes_the_whole_hold(
    process: Process, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A3"], owner="guest:first"), a_key("first"))
    await process.database.execute(
        "UPDATE screening_board SET seat_states = set_byte(seat_states, 2, 1)"
    )
    seen = await process.screenings.sale(screening_id, max_age_ms=0)
    assert seen.seat_map.states[2] == SeatState.FREE

    with pytest.raises(SeatUnavailableError):
        await process.hold_seats(a_wish(screening_id, ["A1", "A2", "A3", "A4"]), a_key())

    claims = await process.database.fetch("SELECT seat_id FROM seat_claim")
    assert [claim["seat_id"] for claim in claims] == ["A3"]
    assert await process.database.fetchval("SELECT count(*) FROM hold") == 1


async def test_the_database_refuses_a_second_claim_on_a_seat(
    process: Process, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())

    with pytest.raises(asyncpg.UniqueViolationError):
        await process.database.execute(
            "INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)"
            " VALUES ($1, 'A1', 0, 'HELD', $2, app_clock())",
            screening_id,
            uuid4(),
        )


async def test_the_same_request_again_gets_the_first_answer_and_holds_nothing_more(
    process: Process, screening_id: UUID
) -> None:
    wish, key = a_wish(screening_id, ["A1"]), a_key()
    hold = await process.hold_seats(wish, key)
    await process.move_clock(30)
    await process.release_hold(screening_id, hold.id, wish.owner, a_key(call="ReleaseHold"))

    with pytest.raises(RepeatedRequest) as repeated:
        await process.hold_seats(wish, key)

    assert repeated.value.answer == key.pack(hold)
    assert await process.database.fetchval("SELECT count(*) FROM hold") == 1


async def test_the_same_request_sent_at_once_holds_once(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]
    wish, key = a_wish(screening_id, ["A1"]), a_key()

    outcomes = await asyncio.gather(
        *(processes[number % 2].hold_seats(wish, key) for number in range(6)),
        return_exceptions=True,
    )

    answers = {
        each.answer if isinstance(each, RepeatedRequest) else key.pack(each) for each in outcomes
    }
    assert len(answers) == 1
    assert await processes[0].database.fetchval("SELECT count(*) FROM hold") == 1


async def test_a_request_id_with_another_body_is_refused(
    process: Process, screening_id: UUID
) -> None:
    request_id = uuid4()
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key(request_id=request_id))

    with pytest.raises(RequestIdReusedError):
        await process.hold_seats(
            a_wish(screening_id, ["B1"]), a_key(request_id=request_id, body=b"other")
        )


@pytest.mark.rule("OTC-14.4b")
async def test_a_hold_is_live_until_its_last_instant_and_not_a_moment_longer(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await process.move_clock(HOLD_SECONDS - 5)
    live = await process.get_hold(screening_id, hold.id, hold.owner)
    with pytest.raises(SeatUnavailableError):
        await process.hold_seats(a_wish(screening_id, ["A1"], owner="guest:b"), a_key("guest:b"))

    await process.move_clock(5)
    dead = await process.get_hold(screening_id, hold.id, hold.owner)

    assert live.visible_state is HoldState.ACTIVE
    assert dead.visible_state is HoldState.EXPIRED


@pytest.mark.rule("OTC-14.4b")
async def test_a_lapsed_hold_is_taken_over_whole_and_expires(
    process: Process, screening_id: UUID
) -> None:
    old = await process.hold_seats(a_wish(screening_id, ["A1", "A2", "A3"]), a_key())
    await process.move_clock(HOLD_SECONDS)

    new = await process.hold_seats(
        a_wish(screening_id, ["A3", "A4"], owner="guest:b"), a_key("guest:b")
    )

    claims = await process.database.fetch("SELECT seat_id, hold_id FROM seat_claim ORDER BY 1")
    expired = await process.get_hold(screening_id, old.id, old.owner)
    assert [tuple(claim) for claim in claims] == [("A3", new.id), ("A4", new.id)]
    assert expired.state is HoldState.EXPIRED
    assert (await process.states(screening_id))[:4] == [1, 1, 2, 2]
    await assert_board_and_claims_agree(process, screening_id)


async def test_seats_of_a_lapsed_hold_with_an_order_are_taken_over_in_place(
    process: Process, screening_id: UUID
) -> None:
    old = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    order_id = uuid4()
    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        hold = await tx.board.hold_for_update(screening_id, old.id)
        hold.place_order(order_id)
        await tx.board.save_hold_state(hold)
        await tx.commit()
    await process.move_clock(HOLD_SECONDS)

    new = await process.hold_seats(a_wish(screening_id, ["A2"], owner="guest:b"), a_key("guest:b"))

    async with process.transactions() as tx:
        await tx.board.lock(screening_id)
        sold = await tx.board.sell(screening_id, old.id, order_id)
    claims = await process.database.fetch("SELECT seat_id, hold_id FROM seat_claim ORDER BY 1")
    assert not sold
    assert [tuple(claim) for claim in claims] == [("A1", old.id), ("A2", new.id)]


@pytest.mark.rule("OTC-14.4b")
async def test_the_sweeper_frees_lapsed_seats_and_nothing_else(
    process: Process, screening_id: UUID
) -> None:
    lapsed = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.move_clock(HOLD_SECONDS)
    live = await process.hold_seats(a_wish(screening_id, ["B1"], owner="guest:b"), a_key("guest:b"))

    expired = await process.expire_holds()

    assert expired == 1
    assert (await process.get_hold(screening_id, lapsed.id, lapsed.owner)).state == "EXPIRED"
    assert (await process.get_hold(screening_id, live.id, live.owner)).state == "ACTIVE"
    assert (await process.states(screening_id))[:2] == [1, 1]
    await assert_board_and_claims_agree(process, screening_id)


async def test_a_board_that_stays_locked_keeps_no_other_from_being_swept(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    process = new_process(lock_timeout_ms=100)
    stuck, other = (catalog.publish(sales_facts(uuid4())) for _ in range(2))
    for screening_id in (stuck, other):
        await process.hold_seats(a_wish(screening_id), a_key())
    await process.move_clock(HOLD_SECONDS)

    async with process.transactions() as tx:
        await tx.board.lock(stuck)
        while_locked = await process.expire_holds()
    afterwards = await process.expire_holds()

    assert (while_locked, afterwards) == (1, 1)


async def test_a_caller_has_so_many_live_holds_and_no_more(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    process = new_process(max_holds=2)
    screenings = [catalog.publish(sales_facts(uuid4())) for _ in range(6)]

    outcomes = await asyncio.gather(
        *(process.hold_seats(a_wish(each), a_key()) for each in screenings), return_exceptions=True
    )

    refused = [each for each in outcomes if isinstance(each, TooManyHoldsError)]
    assert len(refused) == 4
    assert refused[0].metadata["max_holds"] == "2"


async def test_a_released_hold_no_longer_counts(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    process = new_process(max_holds=1)
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await process.release_hold(screening_id, hold.id, hold.owner, a_key(call="ReleaseHold"))

    again = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())

    assert again.state is HoldState.ACTIVE


async def test_sales_end_by_the_databases_clock(process: Process, screening_id: UUID) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await process.move_clock(3 * 3_600)

    with pytest.raises(SalesClosedError):
        await process.hold_seats(a_wish(screening_id, ["A2"]), a_key())


async def test_sales_that_end_while_the_board_is_waited_for_have_ended(
    process: Process, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())

    async with process.database.transaction() as tx:
        await tx.driver.execute(
            "SELECT FROM screening_board WHERE screening_id = $1 FOR UPDATE", screening_id
        )
        wish = a_wish(screening_id, ["C1"], owner="guest:other")
        holding = asyncio.ensure_future(process.hold_seats(wish, a_key("guest:other")))
        await somebody_waits(process)
        await process.move_clock(3 * 3_600)
        await tx.commit()

    with pytest.raises(SalesClosedError):
        await holding
    assert (await process.states(screening_id))[20] == SeatState.FREE


@pytest.mark.rule("OTC-1b")
@pytest.mark.rule("OTC-7")
async def test_a_screening_of_the_box_office_is_not_sold_online(
    process: Process, catalog: FakeCatalog
) -> None:
    screening_id = catalog.publish(not_sold(sales_facts(uuid4()), "CATEGORY"))

    with pytest.raises(NotSoldOnlineError) as refused:
        await process.hold_seats(a_wish(screening_id), a_key())

    assert refused.value.metadata["not_sold_reason"] == "CATEGORY"


async def test_an_unknown_screening_is_not_found(process: Process) -> None:
    with pytest.raises(ScreeningNotFoundError):
        await process.hold_seats(a_wish(uuid4()), a_key())


async def test_a_silent_catalog_pauses_sales_of_what_is_not_known(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    catalog.is_down = True

    with pytest.raises(SalesPausedError) as refused:
        await process.hold_seats(a_wish(screening_id), a_key())

    assert refused.value.retry_after_ms


async def assert_board_and_claims_agree(process: Process, screening_id: UUID) -> None:
    states = await process.states(screening_id)
    rows = await process.database.fetch(
        "SELECT seat_index, state FROM seat_claim WHERE screening_id = $1", screening_id
    )
    claimed = {row["seat_index"]: SeatState[row["state"]] for row in rows}
    assert states == [claimed.get(index, SeatState.FREE) for index in range(len(states))]
