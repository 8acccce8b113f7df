"""What the provider tells by itself: in any order, any number of times, true or not."""

import asyncio
import hashlib
from uuid import uuid4

import pytest

from services.common.money import Money
from services.payment.domain.report import Effect, OrderReport
from services.payment.domain.states import AttemptState, Decision, OrderStatus, PaymentState
from services.payment.use_cases.ports import (
    NewOrder,
    NotificationFacts,
    OpenedOrder,
    OutcomeUnknownError,
    Verdict,
)
from tests.integration.payment.fakes import Open, report_of
from tests.integration.payment.shop import PRICE, Shop


async def test_an_authorisation_is_kept_and_the_owner_asked_at_once(shop: Shop) -> None:
    payment = await shop.authorized()

    assert payment.state is PaymentState.AUTHORIZED
    assert payment.attempts[1].decision is Decision.GRANT
    assert shop.owners.asked == [("booking", shop.reference_id, 1, PRICE)]
    assert await shop.events() == ["PaymentAuthorized"]


async def test_the_same_bytes_have_one_effect(shop: Shop) -> None:
    await shop.create()
    known = await shop.order()
    known.status = OrderStatus.AUTHORIZED
    digest = hashlib.sha256(uuid4().bytes).digest()

    effects = await asyncio.gather(
        *(shop.notify(report_of(known), digest=digest) for _ in range(5))
    )

    assert sorted(effects) == sorted([Effect.AUTHORIZED] + [Effect.REPEATED] * 4)
    assert await shop.events() == ["PaymentAuthorized"]


async def test_the_same_news_in_other_bytes_has_one_effect(shop: Shop) -> None:
    await shop.authorized()

    assert await shop.tell(OrderStatus.AUTHORIZED) is Effect.REPEATED
    assert await shop.events() == ["PaymentAuthorized"]


async def test_news_before_our_own_answer_was_stored_finds_the_attempt_by_its_name(
    shop: Shop,
) -> None:
    shop.provider.after["open"].append(OutcomeUnknownError("cut off"))
    await shop.create()
    (known,) = shop.provider.orders.values()
    known.status = OrderStatus.AUTHORIZED

    await shop.notify(report_of(known))
    await shop.step()

    attempt = await shop.attempt()
    assert attempt.state is AttemptState.AUTHORIZED
    assert attempt.provider_order_id == known.order_id
    assert attempt.opening is None


async def test_an_authorisation_overtaking_the_answer_is_not_undone_by_it(shop: Shop) -> None:
    open_at_once: Open = shop.provider.open_order

    async def overtaken(order: NewOrder) -> OpenedOrder:
        opened = await open_at_once(order)
        known = shop.provider.orders[opened.provider_order_id]
        known.status = OrderStatus.AUTHORIZED
        await shop.cases.receive_notification(_facts(report_of(known)), report_of(known))
        return opened

    shop.provider.open_order = overtaken
    await shop.create()
    await shop.idle()

    attempt = await shop.attempt()
    assert attempt.state is AttemptState.AUTHORIZED
    assert attempt.redirect_url is not None


@pytest.mark.parametrize("stale", [OrderStatus.CANCELLED, OrderStatus.AUTHORIZED])
async def test_stale_news_never_demotes_a_captured_payment(shop: Shop, stale: OrderStatus) -> None:
    await shop.captured()
    known = await shop.order()

    await shop.notify(report_of(known, status=stale))

    assert (await shop.payment()).state is PaymentState.CAPTURED
    assert await shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]


async def test_a_stale_cancel_is_proved_before_it_ends_a_capture(shop: Shop) -> None:
    await shop.authorized()
    await shop.capture()
    known = await shop.order()

    effect = await shop.notify(report_of(known, status=OrderStatus.CANCELLED))
    await shop.step()

    assert effect is Effect.TO_BE_PROVED
    assert (await shop.payment()).state is PaymentState.CAPTURED


async def test_a_decline_fails_the_attempt(shop: Shop) -> None:
    await shop.create()

    await shop.tell(OrderStatus.CANCELLED)

    assert (await shop.attempt()).state is AttemptState.FAILED
    assert (await shop.payment()).state is PaymentState.OPEN
    assert await shop.events() == ["PaymentFailed"]


async def test_a_page_that_closed_unpaid_expires_the_attempt(shop: Shop) -> None:
    await shop.create()
    await shop.database.execute(
        "UPDATE payment_attempt SET expire_time = app_clock() WHERE reference_id = $1",
        shop.reference_id,
    )

    await shop.tell(OrderStatus.CANCELLED)

    assert await shop.events() == ["PaymentExpired"]


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("amount", [Money("RON", 6399), Money("EUR", 6400)])
async def test_a_wrong_amount_is_put_aside_and_never_captured(shop: Shop, amount: Money) -> None:
    await shop.create()

    effect = await shop.tell(OrderStatus.AUTHORIZED, amount=amount)
    await shop.step()

    assert effect is Effect.QUARANTINED
    assert (await shop.attempt()).state is AttemptState.QUARANTINED
    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert await shop.exceptions() == ["WRONG_AMOUNT"]
    assert await shop.events() == ["PaymentQuarantined"]
    assert shop.owners.asked == []


async def test_money_taken_without_a_grant_is_a_named_exception_on_the_books(shop: Shop) -> None:
    await shop.create()

    await shop.tell(OrderStatus.CAPTURED)
    await shop.tell(OrderStatus.CAPTURED)

    payment = await shop.payment()
    assert payment.attempts[1].state is AttemptState.QUARANTINED
    assert payment.captured == 0
    assert await shop.exceptions() == ["CAPTURED_WITHOUT_GRANT"]
    assert await shop.balances() == {
        "provider_clearing": 6400,
        "exceptions": 0,
        "refunds_payable": -6400,
    }


async def test_an_order_that_we_never_made_is_an_exception_once(shop: Shop) -> None:
    report = OrderReport(
        pos_id="300746",
        provider_order_id=f"X{uuid4()}",
        ext_order_id=f"{shop.reference_id}-9",
        status=OrderStatus.CAPTURED,
        amount=PRICE,
    )

    assert await shop.notify(report) is Effect.QUARANTINED
    assert await shop.notify(report) is Effect.QUARANTINED

    assert await shop.exceptions() == ["UNKNOWN_ORDER"]


async def test_a_report_of_another_point_of_sale_does_not_touch_the_attempt(shop: Shop) -> None:
    await shop.create()

    effect = await shop.tell(OrderStatus.AUTHORIZED, pos_id="300747")

    assert effect is Effect.QUARANTINED
    assert (await shop.attempt()).state is AttemptState.AWAITING_CUSTOMER


async def test_a_refused_authorisation_is_cancelled_at_the_provider(shop: Shop) -> None:
    shop.owners.verdict = Verdict(Decision.REFUSE, "HOLD_EXPIRED")
    await shop.create()

    await shop.tell(OrderStatus.AUTHORIZED)

    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert (await shop.order()).captures == 0
    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert await shop.events() == ["PaymentAuthorized", "PaymentCancelled"]


async def test_an_owner_that_does_not_answer_is_asked_again_by_the_worker(shop: Shop) -> None:
    shop.owners.verdict = None
    await shop.authorized()
    assert (await shop.attempt()).decision is None

    shop.owners.verdict = Verdict(Decision.GRANT, None)
    await shop.step()

    assert (await shop.attempt()).decision is Decision.GRANT


async def test_lost_notifications_are_made_up_for_by_asking(shop: Shop) -> None:
    await shop.create()
    (await shop.order()).status = OrderStatus.AUTHORIZED

    await shop.step()

    attempt = await shop.attempt()
    assert attempt.state is AttemptState.AUTHORIZED
    assert attempt.decision is Decision.GRANT


async def test_a_page_left_open_past_its_time_is_closed_by_us(shop: Shop) -> None:
    await shop.create()
    await shop.database.execute(
        "UPDATE payment_attempt SET expire_time = app_clock() - interval '1 minute'"
        " WHERE reference_id = $1",
        shop.reference_id,
    )

    await shop.step()

    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert await shop.events() == ["PaymentExpired"]


async def test_who_pays_while_the_page_is_being_closed_is_not_granted(shop: Shop) -> None:
    await shop.create()
    await shop.database.execute(
        "UPDATE payment_attempt SET expire_time = app_clock() - interval '1 minute'"
        " WHERE reference_id = $1",
        shop.reference_id,
    )
    shop.provider.before["void"].append(OutcomeUnknownError("void"))
    await shop.step()

    await shop.tell(OrderStatus.AUTHORIZED)
    await shop.step()

    attempt = await shop.attempt()
    assert (attempt.state, attempt.decision) == (AttemptState.CANCELLED, None)
    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert await shop.events() == ["PaymentExpired"]


async def test_auto_receive_is_believed_only_when_the_provider_proves_it(shop: Shop) -> None:
    price = Money("EUR", 1500)
    await shop.create(amount=price)
    known = await shop.order()

    lie = await shop.notify(report_of(known, status=OrderStatus.CAPTURED))
    assert lie is Effect.TO_BE_PROVED
    assert (await shop.attempt()).state is AttemptState.AWAITING_CUSTOMER

    await shop.tell(OrderStatus.CAPTURED)
    await shop.capture()

    payment = await shop.payment()
    assert payment.state is PaymentState.CAPTURED
    assert known.captures == 0
    assert await shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]


async def test_auto_received_money_that_is_refused_becomes_a_named_exception(shop: Shop) -> None:
    shop.owners.verdict = Verdict(Decision.REFUSE, "HOLD_EXPIRED")
    await shop.create(amount=Money("EUR", 1500))

    await shop.tell(OrderStatus.CAPTURED)

    assert (await shop.attempt()).state is AttemptState.QUARANTINED
    assert await shop.exceptions() == ["CAPTURED_WITHOUT_GRANT"]
    assert await shop.balances() == {
        "provider_clearing": 1500,
        "exceptions": 0,
        "refunds_payable": -1500,
    }


def _facts(report: OrderReport) -> NotificationFacts:
    return NotificationFacts(
        hashlib.sha256(uuid4().bytes).digest(),
        report.pos_id,
        report.ext_order_id,
        report.provider_order_id,
        report.status,
    )
