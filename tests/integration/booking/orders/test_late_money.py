"""Money that was paid in time, or not at all, and of which nobody has heard at the deadline."""

from uuid import UUID

import pytest

from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import ProviderUnavailableError
from services.booking.domain.order_leg import LegState
from services.booking.domain.seats import SeatState
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import lost

pytestmark = pytest.mark.rule("OTC-15")

PATIENCE_S = 16
RESCUE_WINDOW_S = 1_800


async def lapsed(shop: Shop, screening_id: UUID) -> Order:
    """An order whose deadline is over, and so long that its payment is looked at."""
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()
    await shop.process.move_clock(PATIENCE_S)
    return await shop.read(order)


async def test_money_that_nobody_has_heard_of_is_found_before_the_payment_is_given_up(
    shop: Shop, screening_id: UUID
) -> None:
    order = await lapsed(shop, screening_id)
    shop.payments.authorize(order)

    asked = await shop.drive(order)
    decision = await shop.pay(order)
    bought = await shop.drive(order)

    assert order.id not in shop.payments.cancelled
    assert asked.leg("payment").last_error == "AWAITS_DECISION"
    assert decision.granted
    assert bought.state is OrderState.CONFIRMED


async def test_a_payment_that_nobody_made_is_given_up_and_then_refused(
    shop: Shop, screening_id: UUID
) -> None:
    order = await lapsed(shop, screening_id)

    ended = await shop.drive(order)
    late = await shop.decide(order.id, 1, order.money_due)

    assert order.id in shop.payments.cancelled
    assert ended.leg("payment").state is LegState.UNDONE
    assert late == Decision(1, Refusal.HOLD_EXPIRED)


async def test_money_for_seats_that_are_gone_is_refused_and_then_given_up(
    shop: Shop, screening_id: UUID
) -> None:
    order = await lapsed(shop, screening_id)
    await shop.buy(screening_id)
    shop.payments.authorize(order)
    await shop.drive(order)

    decision = await shop.decide(order.id, 1, order.money_due)
    shop.payments.decline(order)  # Payment gives back what was refused.
    ended = await shop.drive(order)

    assert not decision.granted
    assert ended.state is OrderState.EXPIRED
    assert order.id in shop.payments.cancelled


@pytest.mark.parametrize("silence", [ProviderUnavailableError(), lost("payment")])
async def test_nothing_is_given_up_while_nobody_knows_and_money_may_still_come(
    shop: Shop, screening_id: UUID, silence: Exception
) -> None:
    order = await lapsed(shop, screening_id)
    shop.payments.trouble.before["cancel"] = silence

    unknown = await shop.drive(order)
    await shop.process.move_clock(RESCUE_WINDOW_S - PATIENCE_S - 10)
    late = await shop.pay(order)

    assert unknown.decisions == {}
    assert unknown.leg("payment").state is LegState.UNDOING
    assert late.granted
    assert (await shop.process.states(screening_id))[:2] == [SeatState.SOLD, SeatState.SOLD]


async def test_after_the_window_a_payment_is_given_up_whatever_became_of_it(
    shop: Shop, screening_id: UUID
) -> None:
    order = await lapsed(shop, screening_id)
    shop.payments.authorize(order)
    await shop.process.move_clock(RESCUE_WINDOW_S)

    ended = await shop.drive(order)

    assert order.id in shop.payments.cancelled
    assert ended.decisions == {1: Decision(1, Refusal.HOLD_EXPIRED)}
    assert ended.leg("payment").state is LegState.UNDONE
