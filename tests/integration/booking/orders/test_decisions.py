"""Deciding about authorised payments: once for each attempt, by the database's clock."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order import OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.seats import SeatState
from services.booking.use_cases.get_leg_decision import LegWord
from services.common.errors import DomainError
from services.common.money import Money
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.kit.booking_orders import ACCOUNT, an_order_key
from tests.kit.booking_seats import FakeCatalog, sales_facts

ROUNDS = 8
FIVE_SECONDS_EARLY = 595


@pytest.mark.rule("OTC-14.4b")
async def test_just_before_ten_minutes_a_payment_is_granted_and_the_seats_are_sold(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.process.move_clock(FIVE_SECONDS_EARLY)

    decision = await shop.pay(order)

    decided = await shop.read(order)
    assert decision == Decision(1)
    assert decided.state is OrderState.COMPLETING
    assert (await shop.process.states(screening_id))[:2] == [SeatState.SOLD, SeatState.SOLD]


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
async def test_at_ten_minutes_the_seats_are_free_and_a_payment_is_refused_once_they_are_taken(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()

    expired = await shop.expire_due()
    states = await shop.process.states(screening_id)
    await shop.hold(screening_id, ["A1"], owner="guest:another")
    decision = await shop.pay(order)

    ended = await shop.read(order)
    assert expired == 1
    assert states[:2] == [SeatState.FREE, SeatState.FREE]
    assert decision == Decision(1, Refusal.HOLD_EXPIRED)
    assert ended.state is OrderState.EXPIRED
    assert shop.payments.captures == []
    assert await shop.count("ticket") == 0


@pytest.mark.parametrize("swept", [True, False])
async def test_a_late_payment_is_rescued_while_all_its_seats_are_free(
    shop: Shop, screening_id: UUID, *, swept: bool
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    if swept:
        await shop.expire_due()

    decision = await shop.pay(order)
    bought = await shop.drive(order)

    assert decision.granted
    assert bought.state is OrderState.CONFIRMED
    assert "PAYMENT_RESCUED" in [entry.what for entry in bought.timeline]
    assert (await shop.process.states(screening_id))[:2] == [SeatState.SOLD, SeatState.SOLD]


async def test_an_expired_orders_payment_is_not_cancelled_while_it_may_be_rescued(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()

    await shop.use.drive_order(order.id)
    at_once = await shop.use.store.take_due(10, 0)
    await shop.process.move_clock(20)
    later = await shop.use.store.take_due(10, 0)

    assert order.id not in shop.payments.cancelled
    assert (at_once, later) == ([], [order.id])


async def test_after_the_rescue_window_nothing_is_rescued(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline(1_800)

    decision = await shop.pay(order)

    assert decision == Decision(1, Refusal.HOLD_EXPIRED)
    assert (await shop.read(order)).state is OrderState.EXPIRED


async def test_a_buyer_with_a_newer_order_is_not_rescued(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()
    await shop.buy(screening_id, ["C1"])

    decision = await shop.pay(order)

    assert not decision.granted


async def test_a_screening_that_moved_is_not_rescued(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    catalog.answers[screening_id].screening.start_time.seconds += 1_800
    catalog.answers[screening_id].screening.version += 1  # Nobody has told us.

    decision = await shop.pay(order)

    assert decision == Decision(1, Refusal.SCREENING_CHANGED)


async def test_an_order_with_places_is_never_rescued_because_they_are_freed(
    shop: Shop, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    await shop.past_deadline()
    await shop.expire_due()

    decision = await shop.pay(order)
    await shop.drive(order)

    assert decision == Decision(1, Refusal.HOLD_EXPIRED)
    assert shop.wallet.places[card_id] == 3
    assert (await shop.use.get_leg_decision(order.id, "places-1", 1)).word is LegWord.RELEASE


async def test_once_the_payment_is_given_up_nothing_is_rescued(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()
    ended = await shop.drive(order)

    decision = await shop.decide(order.id, 1, order.money_due)

    assert [leg.state for leg in ended.legs] == [LegState.UNDONE]
    assert order.id in shop.payments.cancelled
    assert decision == Decision(1, Refusal.HOLD_EXPIRED)


@pytest.mark.rule("OTC-13b")
async def test_a_wrong_amount_is_refused_and_stays_refused(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)

    first = await shop.decide(order.id, 1, Money("RON", 6_399))
    second = await shop.decide(order.id, 1, order.money_due)

    assert first == second == Decision(1, Refusal.WRONG_AMOUNT)


async def test_an_unknown_order_or_attempt_is_refused_and_leaves_no_trace(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)

    unknown_order = await shop.decide(uuid4(), 1, order.money_due)
    unknown_attempt = await shop.decide(order.id, 2, order.money_due)

    assert unknown_order == Decision(1, Refusal.UNKNOWN_REFERENCE)
    assert unknown_attempt == Decision(2, Refusal.UNKNOWN_REFERENCE)
    assert await shop.count("payment_decision") == 0


async def test_the_same_question_at_once_from_many_gets_one_answer_for_ever(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    other = new_shop(like=shop)
    order = await shop.place(screening_id)

    questions = [
        each.decide(order.id, 1, order.money_due) for each in (shop, other, shop, other, shop)
    ]
    decisions = await asyncio.gather(*questions)
    await shop.past_deadline(1_000)
    later = await other.decide(order.id, 1, order.money_due)

    assert set(decisions) == {Decision(1)}
    assert later == Decision(1)
    assert await shop.count("payment_decision") == 1


async def test_giving_up_and_paying_at_once_end_one_way_or_the_other(
    shop: Shop, new_shop: Callable[..., Shop], catalog: FakeCatalog
) -> None:
    other = new_shop(like=shop)
    for _ in range(ROUNDS):
        screening_id = catalog.publish(sales_facts(uuid4()))
        order = await shop.place(screening_id, ["A1"])

        decision, abandoned = await asyncio.gather(
            shop.pay(order),
            other.use.abandon_order(order.id, AS_GUEST, an_order_key(method="AbandonOrder")),
            return_exceptions=True,
        )

        ended = await shop.drive(order)
        assert isinstance(decision, Decision)
        if decision.granted:
            assert isinstance(abandoned, DomainError)
            assert ended.state is OrderState.CONFIRMED
        else:
            assert decision.refusal is Refusal.ABANDONED
            assert ended.state is OrderState.ABANDONED
        sold = (await shop.process.states(screening_id))[0] == SeatState.SOLD
        assert sold == decision.granted


async def test_expiring_and_paying_at_once_end_one_way_or_the_other(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    other = new_shop(like=shop)
    orders = [await shop.place(screening_id, [f"C{number + 1}"]) for number in range(ROUNDS)]
    await shop.past_deadline(1_800)  # Too late for any rescue.
    other_order = await shop.place(screening_id, ["D1"])

    outcomes = await asyncio.gather(
        *(shop.pay(order) for order in orders), other.expire_due(), shop.pay(other_order)
    )

    assert outcomes[-1] == Decision(1)
    assert outcomes[:ROUNDS] == [Decision(1, Refusal.HOLD_EXPIRED)] * ROUNDS
    ended = [await shop.read(order) for order in orders]
    assert {order.state for order in ended} == {OrderState.EXPIRED}
    assert (await shop.process.states(screening_id))[20:30] == [SeatState.FREE] * 10
    assert await shop.count("payment_decision") == ROUNDS + 1


async def test_a_grant_in_time_is_one_statement_and_all_or_nothing(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    lapsed = await shop.place(screening_id, ["B1", "B2"])
    moved = await shop.place(screening_id, ["C1"])
    revision = await shop.revision(screening_id)

    order.grant(1)
    granted = await shop.use.store.save_granted(order)
    moved.version += 1
    moved.grant(1)
    granted_moved = await shop.use.store.save_granted(moved)
    await shop.process.database.execute("DELETE FROM seat_claim WHERE seat_id = 'B2'")
    lapsed.grant(1)
    granted_without_a_seat = await shop.use.store.save_granted(lapsed)

    assert (granted, granted_moved, granted_without_a_seat) == (True, False, False)
    stored = await shop.read(order)
    assert stored.state is OrderState.COMPLETING
    assert stored.version == order.version
    assert stored.decisions == {1: Decision(1)}
    assert (await shop.read(lapsed)).state is OrderState.AWAITING_PAYMENT
    assert (await shop.process.states(screening_id))[:2] == [SeatState.SOLD, SeatState.SOLD]
    assert (await shop.process.states(screening_id))[10] == SeatState.HELD
    assert await shop.revision(screening_id) == revision + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_board SET sales_state = 'STOPPED'",
        "UPDATE app_clock_offset SET offset_seconds = offset_seconds + 600",
        "UPDATE seat_claim SET hold_id = gen_random_uuid() WHERE seat_id = 'A2'",
    ],
)
async def test_a_grant_that_came_too_late_for_its_statement_is_none(
    shop: Shop, screening_id: UUID, statement: str
) -> None:
    order = await shop.place(screening_id)
    await shop.process.database.execute(statement)

    order.grant(1)
    granted = await shop.use.store.save_granted(order)

    assert not granted
    assert (await shop.read(order)).state is OrderState.AWAITING_PAYMENT
    assert await shop.count("payment_decision") == 0
    assert await shop.count("seat_claim WHERE state = 'SOLD'") == 0


async def test_a_granted_order_never_expires(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await shop.pay(order)
    await shop.past_deadline(3_600)

    expired = await shop.use.expire_order(order.screening_id, order.id)
    bought = await shop.drive(order)

    assert not expired
    assert bought.state is OrderState.CONFIRMED


async def test_a_decision_and_what_was_bought_are_never_rewritten(
    shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id)

    for statement in (
        "UPDATE payment_decision SET decision = 'REFUSE', refusal = 'ABANDONED'",
        "UPDATE customer_order SET lines = '[]'",
    ):
        with pytest.raises(Exception, match="is never changed"):
            await shop.process.database.execute(statement)


@pytest.mark.rule("OTC-18")
async def test_a_captured_payment_that_was_never_granted_makes_no_ticket(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    stored = await shop.read(order)

    with pytest.raises(RuntimeError, match="is not the one granted"):
        stored.payment_captured(1, order.money_due)
    with pytest.raises(RuntimeError, match="cannot go from"):
        stored.confirm([])

    assert await shop.count("ticket") == 0
