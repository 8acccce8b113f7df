"""Opening attempts: once, whatever is repeated, lost or slow."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from services.common.db.database import Database
from services.common.money import Money
from services.payment.domain.errors import (
    AmountNotPositiveError,
    AttemptDiffersError,
    AttemptStillOpenError,
    CurrencyNotSupportedError,
    PaymentClosedError,
    ProviderUnavailableError,
)
from services.payment.domain.states import AttemptState, OrderStatus, PaymentState
from services.payment.use_cases.ports import (
    NewOrder,
    OpenedOrder,
    OutcomeUnknownError,
    ProviderDownError,
    ProviderRefusedError,
)
from tests.integration.payment.fakes import Open
from tests.integration.payment.shop import PRICE, Shop


async def test_an_attempt_opens_with_the_page_of_the_provider(shop: Shop) -> None:
    payment = await shop.create()

    attempt = payment.attempts[1]
    assert payment.state is PaymentState.OPEN
    assert attempt.state is AttemptState.AWAITING_CUSTOMER
    assert attempt.redirect_url == f"https://pay.example/{attempt.provider_order_id}"
    assert (await shop.order()).order.ext_order_id == f"{shop.reference_id}-1"


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
async def test_the_page_closes_a_margin_before_the_hold_does(shop: Shop) -> None:
    payment = await shop.create(left_s=500)

    valid_s = (await shop.order()).order.valid_s
    assert 478 <= valid_s <= 480
    lasts = payment.attempts[1].expire_time - payment.create_time
    assert timedelta(seconds=479) < lasts <= timedelta(seconds=480)


async def test_the_same_attempt_asked_five_times_at_once_is_one_provider_order(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.create() for _ in range(5)))

    assert len({payment.id for payment in answers}) == 1
    assert len(shop.provider.orders) == 1
    assert (await shop.attempt()).state is AttemptState.AWAITING_CUSTOMER


async def test_the_buyer_is_forgotten_once_the_page_is_open(shop: Shop, database: Database) -> None:
    await shop.create()

    kept = await database.fetchval(
        "SELECT json_agg(a) FROM payment_attempt a WHERE reference_id = $1", shop.reference_id
    )
    assert "AWAITING_CUSTOMER" in str(kept)
    assert "ana@example.com" not in str(kept)


async def test_a_provider_that_is_down_leaves_the_attempt_free(shop: Shop) -> None:
    shop.provider.before["open"].append(ProviderDownError("down", was_sent=False))

    with pytest.raises(ProviderUnavailableError):
        await shop.create()

    assert (await shop.payment()).attempts == {}
    assert (await shop.create()).attempts[1].state is AttemptState.AWAITING_CUSTOMER


async def test_a_fault_after_sending_leaves_a_stray_that_is_cancelled_when_it_shows(
    shop: Shop,
) -> None:
    shop.provider.after["open"].append(ProviderDownError("HTTP 503", was_sent=True))
    with pytest.raises(ProviderUnavailableError):
        await shop.create()
    (stray,) = shop.provider.orders.values()

    await shop.create()
    await shop.step()

    assert stray.status is OrderStatus.CANCELLED
    attempt = await shop.attempt()
    assert attempt.state is AttemptState.AWAITING_CUSTOMER
    assert attempt.provider_order_id != stray.order_id


async def test_a_lost_answer_is_recovered_under_a_sub_number(shop: Shop) -> None:
    shop.provider.after["open"].append(OutcomeUnknownError("cut off"))

    first = await shop.create()
    assert first.attempts[1].state is AttemptState.OPENING
    await shop.step()

    attempt = await shop.attempt()
    lost, opened = shop.provider.orders.values()
    assert attempt.state is AttemptState.AWAITING_CUSTOMER
    assert attempt.provider_order_id == opened.order_id
    assert opened.order.ext_order_id == f"{shop.reference_id}-1.2"
    assert lost.status is OrderStatus.CANCELLED


async def test_a_slow_provider_is_answered_as_opening_and_resolves_behind(shop: Shop) -> None:
    answered = asyncio.Event()
    open_at_once: Open = shop.provider.open_order

    async def slow(order: NewOrder) -> OpenedOrder:
        await answered.wait()
        return await open_at_once(order)

    shop.provider.open_order = slow
    object.__setattr__(shop.cases.create_payment, "max_wait_s", 0.05)
    payment = await shop.create()
    answered.set()
    await shop.idle()

    assert payment.attempts[1].state is AttemptState.OPENING
    assert (await shop.attempt()).state is AttemptState.AWAITING_CUSTOMER


async def test_an_order_that_the_provider_refuses_fails_the_attempt(shop: Shop) -> None:
    shop.provider.before["open"].append(ProviderRefusedError("ERROR_VALUE_INVALID"))

    payment = await shop.create()

    assert payment.attempts[1].state is AttemptState.FAILED
    assert await shop.events() == ["PaymentFailed"]


async def test_a_second_attempt_waits_for_the_first_to_end(shop: Shop) -> None:
    await shop.create()

    with pytest.raises(AttemptStillOpenError):
        await shop.create(2)
    await shop.tell(OrderStatus.CANCELLED)
    payment = await shop.create(2)

    assert payment.attempts[1].state is AttemptState.FAILED
    assert payment.attempts[2].state is AttemptState.AWAITING_CUSTOMER


@pytest.mark.rule("OTC-13b")
async def test_a_captured_payment_takes_no_second_attempt(shop: Shop) -> None:
    await shop.captured()

    with pytest.raises(PaymentClosedError):
        await shop.create(2)


async def test_the_same_attempt_with_another_amount_is_refused(shop: Shop) -> None:
    await shop.create()

    with pytest.raises(AttemptDiffersError):
        await shop.create(amount=PRICE + Money("RON", 1))


async def test_nothing_to_pay_and_a_strange_currency_are_refused(shop: Shop) -> None:
    with pytest.raises(AmountNotPositiveError):
        await shop.create(amount=Money("RON", 0))
    with pytest.raises(CurrencyNotSupportedError):
        await shop.create(amount=Money("HUF", 100))


async def test_a_cancelled_reference_takes_no_late_payment(shop: Shop) -> None:
    shop.reference_id = uuid4()
    assert await shop.cases.cancel_payment("booking", shop.reference_id) is None
    assert await shop.cases.cancel_payment("booking", shop.reference_id) is None

    with pytest.raises(PaymentClosedError):
        await shop.create()

    assert shop.provider.orders == {}


async def test_an_opening_that_nobody_finished_in_time_expires(shop: Shop) -> None:
    shop.provider.after["open"].append(OutcomeUnknownError("cut off"))
    await shop.create()
    await shop.database.execute(
        "UPDATE payment_attempt SET expire_time = app_clock() WHERE reference_id = $1",
        shop.reference_id,
    )

    await shop.step()

    assert (await shop.attempt()).state is AttemptState.FAILED
    assert await shop.events() == ["PaymentExpired"]
