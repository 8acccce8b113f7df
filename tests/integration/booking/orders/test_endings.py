"""Declined payments, orders given up and orders that lapse."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.booking.domain.errors import HoldHasOrderError
from services.booking.domain.hold import HoldState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    OrderNotAbandonableError,
    OrderNotFoundError,
    OrderNotPayableError,
    PaymentStillOpenError,
    ProviderUnavailableError,
    TooLittleTimeError,
)
from services.booking.domain.order_leg import LegState
from services.booking.domain.seats import SeatState
from services.booking.order_composition import orders_of
from services.booking.use_cases.confirm_order import (
    Captured,
    ConfirmOrder,
    ConfirmPayments,
    FailPayment,
)
from services.booking.use_cases.order_ports import Reader
from services.booking.use_cases.payment_ports import PaymentAnswer
from services.common.errors import RepeatedRequest
from services.common.requests import RequestKey
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.conftest import AS_ACCOUNT, AS_GUEST, Shop
from tests.kit.booking_desk import a_clerk
from tests.kit.booking_orders import (
    ACCOUNT,
    SIGNER,
    TOKENS,
    FakePayments,
    a_purchase,
    an_order_key,
    lost,
)


def retry_key(owner: str = AS_GUEST.principal) -> RequestKey:
    return an_order_key(owner, method="RetryPayment")


def abandon_key() -> RequestKey:
    return an_order_key(method="AbandonOrder")


async def declined(shop: Shop, order: Order, attempt: int = 1) -> None:
    """Payment tells that the attempt was declined."""
    shop.payments.decline(order, attempt)
    async with shop.process.database.transaction() as tx:
        await FailPayment()(orders_of(tx), order.id, attempt)
        await tx.commit()


async def test_a_declined_payment_is_tried_again_within_the_hold_and_paid(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)

    again = await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    refused = await shop.decide(order.id, 1, order.money_due)
    await shop.pay(again, attempt=2)
    bought = await shop.drive(order)

    assert again.state is OrderState.AWAITING_PAYMENT
    assert again.redirect_url.endswith("/2")
    assert not refused.granted
    assert bought.state is OrderState.CONFIRMED
    assert [entry.what for entry in bought.timeline][:5] == [
        "ORDER_PLACED",
        "PAYMENT_OPENED",
        "PAYMENT_DECLINED",
        "PAYMENT_RETRIED",
        "PAYMENT_OPENED",
    ]


async def test_payment_is_asked_when_no_notice_of_the_decline_has_come(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    shop.payments.decline(order)

    again = await shop.use.retry_payment(order.id, AS_GUEST, retry_key())

    assert again.leg("payment").attempt == 2


async def test_while_an_attempt_can_be_paid_there_is_no_other(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)

    with pytest.raises(PaymentStillOpenError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())

    assert list(shop.payments.attempts[order.id]) == [1]


@pytest.mark.rule("OTC-15")
async def test_a_retry_needs_a_minute_and_a_live_hold(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    await shop.process.move_clock(545)

    with pytest.raises(TooLittleTimeError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    await shop.process.move_clock(60)
    with pytest.raises(OrderNotPayableError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())


async def test_a_retry_sent_twice_opens_one_attempt(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    key = retry_key()
    await shop.use.retry_payment(order.id, AS_GUEST, key)

    with pytest.raises(RepeatedRequest) as repeated:
        await shop.use.retry_payment(order.id, AS_GUEST, key)

    assert repeated.value.answer == f"{order.id} AWAITING_PAYMENT".encode()
    assert list(shop.payments.attempts[order.id]) == [1, 2]


async def test_a_retry_whose_answer_was_lost_is_driven_on_by_its_repeat(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    key = retry_key()
    shop.payments.trouble.before["create"] = ConnectionResetError()  # The process dies here.
    with pytest.raises(ConnectionResetError):
        await shop.use.retry_payment(order.id, AS_GUEST, key)

    again = await shop.use.retry_payment(order.id, AS_GUEST, key)

    assert again.leg("payment").attempt == 2
    assert again.leg("payment").state is LegState.OPEN


class PaymentsThatTakeTime(FakePayments):
    """Lets something happen while a payment is being opened."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def create(self, order: Order, time_left: timedelta) -> PaymentAnswer:
        if self.meanwhile is not None:
            await self.meanwhile()
        return await super().create(order, time_left)


async def test_a_retry_is_answered_with_the_order_as_somebody_else_left_it_meanwhile(
    process: Process, screening_id: UUID
) -> None:
    payments = PaymentsThatTakeTime()
    shop = Shop(process, payments=payments)
    order = await shop.place(screening_id)
    await declined(shop, order)
    key = retry_key()
    payments.meanwhile = lambda: shop.use.abandon_order(order.id, AS_GUEST, abandon_key())

    again = await shop.use.retry_payment(order.id, AS_GUEST, key)

    assert again.state is OrderState.ABANDONED
    with pytest.raises(RepeatedRequest) as repeated:
        await shop.use.retry_payment(order.id, AS_GUEST, key)
    assert repeated.value.answer == f"{order.id} ABANDONED".encode()


async def test_a_retry_while_the_provider_is_down_may_be_sent_again(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    key = retry_key()
    shop.payments.trouble.before["create"] = ProviderUnavailableError()
    with pytest.raises(ProviderUnavailableError):
        await shop.use.retry_payment(order.id, AS_GUEST, key)

    again = await shop.use.retry_payment(order.id, AS_GUEST, key)

    assert again.state is OrderState.AWAITING_PAYMENT
    assert again.redirect_url


async def test_an_abandoned_orders_seats_are_free_at_once_and_its_payment_is_cancelled(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)

    abandoned = await shop.use.abandon_order(order.id, AS_GUEST, abandon_key())
    states = await shop.process.states(screening_id)
    late = await shop.pay(order)
    ended = await shop.drive(order)

    assert abandoned.state is OrderState.ABANDONED
    assert states[:2] == [SeatState.FREE, SeatState.FREE]
    assert not late.granted
    assert order.id in shop.payments.cancelled
    assert [leg.state for leg in ended.legs] == [LegState.UNDONE]
    hold = await shop.process.get_hold(screening_id, order.hold_id, order.owner)
    assert hold.state is HoldState.RELEASED
    assert await shop.events(order) == ["OrderPlaced", "OrderAbandoned"]


async def test_giving_up_twice_is_fine_and_after_the_grant_refused(
    shop: Shop, screening_id: UUID
) -> None:
    first = await shop.place(screening_id)
    second = await shop.place(screening_id, ["B1"])
    await shop.pay(second)

    await shop.use.abandon_order(first.id, AS_GUEST, abandon_key())
    again = await shop.use.abandon_order(first.id, AS_GUEST, abandon_key())
    with pytest.raises(OrderNotAbandonableError):
        await shop.use.abandon_order(second.id, AS_GUEST, abandon_key())

    assert again.state is OrderState.ABANDONED
    assert (await shop.read(second)).state is OrderState.COMPLETING


async def test_a_lapsed_orders_seats_are_bought_by_somebody_else(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()

    bought = await shop.buy(screening_id)
    ended = await shop.drive(order)

    assert bought.state is OrderState.CONFIRMED
    assert ended.state is OrderState.EXPIRED
    assert order.id in shop.payments.cancelled
    assert await shop.events(order) == ["OrderPlaced", "OrderExpired"]
    hold = await shop.process.get_hold(screening_id, order.hold_id, order.owner)
    assert hold.state is HoldState.EXPIRED


@pytest.mark.parametrize("call", ["release", "cancel"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_undoing_is_retried_until_done(
    shop: Shop, screening_id: UUID, call: str, moment: str
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    key = an_order_key(ACCOUNT, method="AbandonOrder")
    await shop.use.abandon_order(order.id, AS_ACCOUNT, key)
    trouble = shop.wallet.trouble if call == "release" else shop.payments.trouble
    getattr(trouble, moment)[call] = lost("peer")

    halted = await shop.drive(order)
    ended = await shop.drive(order)

    assert LegState.UNDOING in [leg.state for leg in halted.legs]
    assert {leg.state for leg in ended.legs} == {LegState.UNDONE}
    assert shop.wallet.places[card_id] == 3


@pytest.mark.parametrize("leg", ["reserve", "create"])
async def test_an_order_that_a_crash_left_before_any_leg_expires_clean(
    shop: Shop, screening_id: UUID, leg: str
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    trouble = shop.wallet.trouble if leg == "reserve" else shop.payments.trouble
    trouble.before[leg] = ConnectionResetError()  # The process dies here.
    with pytest.raises(ConnectionResetError):
        await shop.place_by_card(hold, card_id, ["A1"])

    await shop.past_deadline()
    await shop.expire_due()
    order_id = await shop.process.database.fetchval("SELECT id FROM customer_order")
    await shop.use.drive_order(order_id, is_leased=True)

    ended = await shop.use.store.read(order_id)
    assert ended.state is OrderState.EXPIRED
    assert {leg.state for leg in ended.legs} == {LegState.UNDONE}
    assert shop.wallet.places[card_id] == 3
    assert order_id in shop.payments.cancelled


async def test_a_crash_while_placing_is_driven_on_by_the_repeat(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    key = an_order_key()
    shop.payments.trouble.after["create"] = ConnectionResetError()  # The process dies here.
    with pytest.raises(ConnectionResetError):
        await shop.use.place_order(a_purchase(hold), key)
    with pytest.raises(HoldHasOrderError):
        await shop.use.place_order(a_purchase(hold), an_order_key())

    order = await shop.use.place_order(a_purchase(hold), key)

    assert order.state is OrderState.AWAITING_PAYMENT
    assert await shop.count("customer_order") == 1
    assert list(shop.payments.attempts[order.id]) == [1]


async def test_a_captured_payment_makes_tickets_once_however_it_is_told(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.pay(order)
    confirm = ConfirmPayments(ConfirmOrder(SIGNER))
    captured = Captured(order.id, 1, order.money_due)

    for _ in range(3):
        async with shop.process.database.transaction() as tx:
            await confirm(orders_of(tx), [captured])
            await tx.commit()
    bought = await shop.drive(order)

    assert bought.state is OrderState.CONFIRMED
    assert await shop.count("ticket") == 2
    assert await shop.count("mail") == 1
    assert await shop.events(order) == ["OrderPlaced", "OrderConfirmed"]


async def test_an_order_is_read_by_its_owner_by_its_token_and_by_customer_service(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    token = TOKENS.token_of(order.id)
    readers = [
        AS_GUEST,
        Reader("guest:elsewhere", order_token=token),
        Reader("staff:1", staff=a_clerk("1818")),
        Reader("staff:2", staff=a_clerk("*")),
    ]
    strangers = [
        Reader("guest:elsewhere"),
        Reader("guest:elsewhere", order_token=TOKENS.token_of(uuid4())),
        Reader("staff:3", staff=a_clerk("1806")),
        AS_ACCOUNT,
    ]

    for reader in readers:
        assert (await shop.use.get_order(order.id, reader)).id == order.id
    for stranger in strangers:
        with pytest.raises(OrderNotFoundError):
            await shop.use.get_order(order.id, stranger)
    with pytest.raises(OrderNotFoundError):
        await shop.use.abandon_order(order.id, readers[2], abandon_key())


async def test_an_accounts_order_is_opened_by_no_token(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(1)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])

    with pytest.raises(OrderNotFoundError):
        await shop.use.get_order(order.id, Reader("guest:x", order_token=TOKENS.token_of(order.id)))

    assert (await shop.use.get_order(order.id, AS_ACCOUNT)).id == order.id
