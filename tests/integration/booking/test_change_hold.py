"""Changing a hold: seats, tickets or both, all of it or nothing, and the deadline stays."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from services.booking.checks import checks
from services.booking.domain.errors import (
    HoldExpiredError,
    SalesClosedError,
    SeatsDoNotMatchTicketsError,
    SeatUnavailableError,
    SingleSeatLeftError,
    TooManyTicketsError,
)
from services.booking.domain.hold import Hold
from services.booking.domain.ticket_choice import TicketCount
from services.common.db.checks import run_checks
from services.common.errors import (
    ConcurrentChangeError,
    DomainError,
    RepeatedRequest,
    RequestIdReusedError,
)
from tests.integration.booking.conftest import Process
from tests.kit.booking_changes import a_change, change_key
from tests.kit.booking_prices import FAMILY, PROMOTION_ID, with_family_package
from tests.kit.booking_seats import HOLD_SECONDS, FakeCatalog, a_key, a_wish, sales_facts


async def nothing_is_wrong(process: Process) -> None:
    found = await run_checks({"booking": process.database}, {"booking": checks()}, wait_s=0)
    assert not found


def types_of(hold: Hold) -> list[tuple[str, str]]:
    return [(seat.seat_id, seat.ticket_type) for seat in hold.seats]


@pytest.mark.rule("OTC-14.4b")
async def test_other_seats_are_taken_the_old_ones_given_back_and_the_deadline_stays(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A3", "A4"]), a_key())
    await process.move_clock(120)

    changed = await process.change_hold(a_change(hold, ["A4", "A5"]), change_key())

    stored = await process.get_hold(screening_id, hold.id, hold.owner)
    assert types_of(changed) == types_of(stored) == [("A4", "ADULT"), ("A5", "ADULT")]
    assert changed.expires_at == stored.expires_at == hold.expires_at
    assert changed.revision == stored.revision == hold.revision + 1
    assert (await process.states(screening_id))[:6] == [1, 1, 1, 2, 2, 1]
    await nothing_is_wrong(process)


@pytest.mark.rule("OTC-14.3")
async def test_seats_come_first_and_their_tickets_later(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"], tickets=[]), a_key())

    changed = await process.change_hold(
        a_change(hold, tickets=[("CHILD", 1), ("ADULT", 1)]), change_key()
    )

    assert types_of(hold) == [("A1", ""), ("A2", "")]
    assert types_of(changed) == [("A1", "CHILD"), ("A2", "ADULT")]
    assert changed.total.minor_units == 1_500 + 3_000 + 2 * 200
    assert changed.revision == hold.revision
    await nothing_is_wrong(process)


@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-9")
async def test_prices_of_after_the_hold_do_not_change_what_its_tickets_cost(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"], tickets=[]), a_key())
    plan = catalog.answers[screening_id].seat_plan
    dearer = sales_facts(screening_id, plan=plan, price_minor_units=9_900)
    for quote in dearer.quotes:
        quote.service_fee.minor_units = 500
    catalog.publish(dearer)
    await process.screenings.fresh_facts(screening_id)
    await process.database.execute("UPDATE screening_copy SET stale = true")
    await process.database.execute("UPDATE screening_board SET facts_version = facts_version + 1")

    changed = await process.change_hold(
        a_change(hold, ["A1", "B1"], [("ADULT", 1), ("STUDENT", 1)]), change_key()
    )
    anew = await process.hold_seats(a_wish(screening_id, ["C1"]), a_key())

    assert [seat.total.minor_units for seat in changed.seats] == [3_200, 2_200]
    assert [seat.total.minor_units for seat in anew.seats] == [10_400]
    assert changed.terms.policy == hold.terms.policy


async def test_a_change_is_made_whole_or_not_at_all(process: Process, screening_id: UUID) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.hold_seats(a_wish(screening_id, ["A5"], owner="guest:b"), a_key("guest:b"))

    with pytest.raises(SeatUnavailableError) as refused:
        await process.change_hold(a_change(hold, ["A4", "A5"], [("CHILD", 2)]), change_key())

    stored = await process.get_hold(screening_id, hold.id, hold.owner)
    assert [(v.field, v.description) for v in refused.value.violations] == [("A5", "HELD")]
    assert types_of(stored) == types_of(hold)
    assert (await process.states(screening_id))[:5] == [2, 2, 1, 1, 2]
    await nothing_is_wrong(process)


@pytest.mark.rule("OTC-13a")
async def test_tickets_are_counted_together_with_what_the_hold_has(
    process: Process, screening_id: UUID
) -> None:
    row_a = [f"A{number}" for number in range(1, 11)]
    hold = await process.hold_seats(a_wish(screening_id, row_a), a_key())

    with pytest.raises(TooManyTicketsError):
        await process.change_hold(a_change(hold, [*row_a, "B1"], [("ADULT", 11)]), change_key())
    changed = await process.change_hold(
        a_change(hold, [*row_a, "B1"], [("ADULT", 10), ("CHILD", 1)]), change_key()
    )

    assert len(changed.seats) == 11


@pytest.mark.rule("OTC-31c")
async def test_no_part_of_a_package_can_be_taken_out(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    with_family_package(catalog.answers[screening_id])
    seats = ["A1", "A2", "A3", "A4"]
    wish = a_wish(screening_id, seats, tickets=[TicketCount(FAMILY, 1)])
    hold = await process.hold_seats(wish, a_key())

    with pytest.raises(SeatsDoNotMatchTicketsError):
        await process.change_hold(a_change(hold, seats[:3]), change_key())
    moved = await process.change_hold(a_change(hold, ["B1", "B2", "B3", "B4"]), change_key())
    single = await process.change_hold(a_change(moved, ["B1", "B2"], [("ADULT", 2)]), change_key())

    assert moved.total == hold.total
    assert [(seat.package, seat.package_number) for seat in moved.seats] == [(FAMILY, 1)] * 4
    assert [(seat.package, seat.price.minor_units) for seat in single.seats] == [("", 3_000)] * 2


@pytest.mark.rule("OTC-48.7")
async def test_a_promotion_is_kept_with_its_rules_when_it_ends_meanwhile(
    process: Process, screening_id: UUID
) -> None:
    wish = a_wish(screening_id, ["A1"], promotion_code="SPRING")
    hold = await process.hold_seats(wish, a_key())
    process.promotions.percent_off.clear()

    changed = await process.change_hold(
        a_change(hold, ["A1", "A2"], [("ADULT", 1), ("CHILD", 1)]), change_key()
    )

    adult, child = changed.seats
    assert (adult.price.minor_units, adult.regular_price) == (2_400, hold.seats[0].regular_price)
    assert (child.price.minor_units, child.regular_price) == (1_500, None)
    assert changed.terms.promotion == hold.terms.promotion
    assert changed.terms.promotion is not None
    assert (changed.terms.promotion.id, changed.terms.promotion.regulations_version) == (
        PROMOTION_ID,
        "2026-11",
    )


@pytest.mark.rule("OTC-48.7")
async def test_a_promotion_may_come_later_and_another_one_takes_its_place(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())

    spring = await process.change_hold(a_change(hold, promotion_code="SPRING"), change_key())
    autumn = await process.change_hold(a_change(hold, promotion_code="AUTUMN"), change_key())

    prices = [each.seats[0].price.minor_units for each in (hold, spring, autumn)]
    assert prices == [3_000, 2_400, 2_700]


async def test_the_first_answers_stay_what_they_were(process: Process, screening_id: UUID) -> None:
    wish, key, first_change = a_wish(screening_id, ["A1"]), a_key(), change_key()
    hold = await process.hold_seats(wish, key)
    answer = key.pack(hold)
    changed = await process.change_hold(a_change(hold, ["B1"]), first_change)
    change_answer = first_change.pack(changed)
    await process.change_hold(a_change(hold, ["C1"], promotion_code="SPRING"), change_key())

    with pytest.raises(RepeatedRequest) as held_again:
        await process.hold_seats(wish, key)
    with pytest.raises(RepeatedRequest) as changed_again:
        await process.change_hold(a_change(hold, ["B1"]), first_change)

    made = (await process.holds.get(screening_id, hold.id)).as_made()
    assert held_again.value.answer == answer
    assert changed_again.value.answer == change_answer
    assert (made.seats, made.revision, made.terms.promotion) == (hold.seats, hold.revision, None)


async def test_a_request_id_with_another_change_is_refused(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    key = change_key()
    await process.change_hold(a_change(hold, ["B1"]), key)
    other = a_key(request_id=key.request_id, body=b"other", call="ChangeHold")

    with pytest.raises(RequestIdReusedError):
        await process.change_hold(a_change(hold, ["C1"]), other)


async def test_a_repeat_is_answered_when_the_hold_is_over(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    key = change_key()
    await process.change_hold(a_change(hold, ["B1"]), key)
    await process.move_clock(HOLD_SECONDS)

    with pytest.raises(RepeatedRequest):
        await process.change_hold(a_change(hold, ["B1"]), key)
    with pytest.raises(HoldExpiredError):
        await process.change_hold(a_change(hold, ["B1"]), change_key())


async def test_lapsed_seats_are_taken_over_by_a_change(
    process: Process, screening_id: UUID
) -> None:
    old = await process.hold_seats(
        a_wish(screening_id, ["B1"], owner="guest:old"), a_key("guest:old")
    )
    await process.move_clock(HOLD_SECONDS - 60)
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await process.move_clock(60)

    changed = await process.change_hold(a_change(hold, ["B1"]), change_key())

    lapsed = await process.get_hold(screening_id, old.id, old.owner)
    assert types_of(changed) == [("B1", "ADULT")]
    assert lapsed.state == "EXPIRED"
    await nothing_is_wrong(process)


@pytest.mark.rule("OTC-14.4a")
async def test_the_gap_rule_is_judged_again_with_the_holds_own_seats_free(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A3", "A4"]), a_key())

    with pytest.raises(SingleSeatLeftError) as refused:
        await process.change_hold(a_change(hold, ["A2", "A3"]), change_key())
    changed = await process.change_hold(a_change(hold, ["A1", "A2"]), change_key())

    assert refused.value.metadata == {"seat_ids": "A1"}
    assert [seat.seat_id for seat in changed.seats] == ["A1", "A2"]


@pytest.mark.rule("OTC-14.4a")
async def test_who_keeps_their_seats_may_choose_other_tickets_whatever_has_become_free(
    process: Process, screening_id: UUID
) -> None:
    row = [f"A{number}" for number in range(1, 11)]
    others = await process.hold_seats(a_wish(screening_id, row[3:], owner="guest:b"), a_key("b"))
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.release_hold(screening_id, others.id, others.owner, a_key("b"))

    changed = await process.change_hold(a_change(hold, tickets=[("CHILD", 2)]), change_key())

    assert types_of(changed) == [("A1", "CHILD"), ("A2", "CHILD")]


async def test_after_the_end_of_sales_tickets_may_change_and_seats_may_not_grow(
    process: Process, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.database.execute("UPDATE app_clock_offset SET offset_seconds = 0")
    facts = await process.screenings.facts(screening_id)
    late = (facts.sales_end_time - hold.created_at).total_seconds() + 1
    await process.database.execute(
        "UPDATE hold SET expires_at = expires_at + make_interval(secs => $1)", late
    )
    await process.database.execute(
        "UPDATE seat_claim SET expires_at = expires_at + make_interval(secs => $1)", late
    )
    await process.move_clock(late)

    with pytest.raises(SalesClosedError):
        await process.change_hold(a_change(hold, ["A1", "A3"]), change_key())
    changed = await process.change_hold(a_change(hold, ["A1"], [("CHILD", 1)]), change_key())

    assert types_of(changed) == [("A1", "CHILD")]


async def test_changes_and_holds_at_the_same_instant_leave_each_seat_with_one_buyer(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    processes = [new_process(), new_process()]
    holds = [
        await processes[number % 2].hold_seats(
            a_wish(screening_id, [f"{'ACDE'[number]}1"], owner=f"guest:{number}"),
            a_key(f"guest:{number}"),
        )
        for number in range(4)
    ]

    async def buy(number: int) -> Hold:
        process, owner = processes[number % 2], f"guest:{number}"
        if number < len(holds):
            change = a_change(holds[number], ["B1", "B2"], [("ADULT", 2)])
            return await process.change_hold(change, change_key(owner))
        return await process.hold_seats(
            a_wish(screening_id, ["B1", "B2"], owner=owner), a_key(owner)
        )

    outcomes = await asyncio.gather(*(buy(number) for number in range(8)), return_exceptions=True)

    won = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len(won) == 1, outcomes
    assert all(
        isinstance(each, SeatUnavailableError | ConcurrentChangeError)
        for each in outcomes
        if isinstance(each, DomainError)
    )
    await nothing_is_wrong(processes[0])
