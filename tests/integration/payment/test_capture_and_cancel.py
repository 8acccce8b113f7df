"""Taking the money once, giving it up for certain, and both at once."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.common.errors import RequestIdReusedError
from services.common.money import Money
from services.payment.domain.budget import Purpose
from services.payment.domain.errors import (
    BudgetExceededError,
    PaymentAuthorizedError,
    PaymentClosedError,
    PaymentNotAuthorizedError,
    PaymentNotFoundError,
    ProviderUnavailableError,
)
from services.payment.domain.states import AttemptState, Decision, OrderStatus, PaymentState
from services.payment.use_cases.ports import (
    OutcomeUnknownError,
    ProviderDownError,
    Verdict,
)
from tests.integration.payment.fakes import report_of
from tests.integration.payment.shop import PRICE, Shop


@pytest.mark.rule("OTC-18")
async def test_a_payment_is_captured_only_when_the_provider_proves_it(shop: Shop) -> None:
    await shop.authorized()

    sent = await shop.capture()
    await shop.tell(OrderStatus.CAPTURED)

    assert sent.state is PaymentState.CAPTURING
    payment = await shop.payment()
    assert payment.state is PaymentState.CAPTURED
    assert payment.captured == 6400
    assert await shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]
    assert await shop.balances() == {"provider_clearing": 6400, "ticket_sales": -6400}


@pytest.mark.rule("OTC-13b")
async def test_a_grant_that_nothing_goes_before_is_captured_in_the_same_step(shop: Shop) -> None:
    shop.owners.verdict = Verdict(Decision.GRANT, None, capture_now=True)

    payment = await shop.authorized()

    assert (payment.state, payment.attempts[1].state) == ("CAPTURING", "CAPTURE_SENT")
    assert payment.attempts[1].decision is Decision.GRANT
    assert (await shop.order()).captures == 1


async def test_what_is_granted_at_once_is_durable_before_the_provider_hears_of_it(
    shop: Shop,
) -> None:
    shop.owners.verdict = Verdict(Decision.GRANT, None, capture_now=True)
    shop.provider.before["capture"].append(ProviderDownError("down", was_sent=False))

    payment = await shop.authorized()
    await shop.capture()

    assert payment.attempts[1].state == "CAPTURE_SENT"
    assert (await shop.order()).captures == 0


async def test_capturing_again_and_at_once_takes_the_money_once(shop: Shop) -> None:
    await shop.authorized()

    await asyncio.gather(*(shop.capture() for _ in range(5)))
    await shop.tell(OrderStatus.CAPTURED)
    await shop.capture()
    await shop.step()

    assert (await shop.order()).captures == 1
    assert await shop.balances() == {"provider_clearing": 6400, "ticket_sales": -6400}


async def test_nothing_is_captured_that_nobody_granted(shop: Shop) -> None:
    shop.owners.verdict = None
    await shop.authorized()

    with pytest.raises(PaymentNotAuthorizedError):
        await shop.capture()
    with pytest.raises(PaymentNotAuthorizedError):
        await shop.capture(2)

    assert (await shop.order()).captures == 0


async def test_the_database_itself_refuses_a_capture_without_a_grant(
    shop: Shop, service_database: ServiceDatabase
) -> None:
    shop.owners.verdict = None
    await shop.authorized()
    driver = await asyncpg.connect(service_database.owner_url)

    for state in ("CAPTURE_SENT", "CAPTURED"):
        with pytest.raises(asyncpg.CheckViolationError):
            await driver.execute(
                "UPDATE payment_attempt SET state = $2, capture_sent_time = app_clock()"
                " WHERE reference_id = $1",
                shop.reference_id,
                state,
            )
    await driver.close()


async def test_the_database_itself_refuses_to_go_back_and_to_change_a_decision(
    shop: Shop, service_database: ServiceDatabase
) -> None:
    await shop.captured()
    driver = await asyncpg.connect(service_database.owner_url)

    for change in ("state = 'AUTHORIZED'", "state = 'CANCELLED'", "decision = 'REFUSE'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await driver.execute(
                f"UPDATE payment_attempt SET {change} WHERE reference_id = $1", shop.reference_id
            )
    await driver.close()


async def test_a_capture_whose_answer_was_lost_is_found_out_by_asking(shop: Shop) -> None:
    await shop.authorized()
    shop.provider.after["capture"].append(OutcomeUnknownError("killed in between"))

    sent = await shop.capture()
    await shop.step()

    assert sent.state is PaymentState.CAPTURING
    assert (await shop.payment()).state is PaymentState.CAPTURED
    assert (await shop.order()).captures == 1


async def test_a_capture_that_never_arrived_is_sent_again(shop: Shop) -> None:
    await shop.authorized()
    shop.provider.before["capture"].append(ProviderDownError("down", was_sent=False))
    await shop.capture()
    await shop.database.execute(
        "UPDATE payment_attempt SET capture_sent_time = app_clock() - interval '1 minute'"
        " WHERE reference_id = $1",
        shop.reference_id,
    )

    await shop.step()

    assert (await shop.payment()).state is PaymentState.CAPTURED
    assert (await shop.order()).captures == 1


async def test_a_granted_authorisation_that_lapsed_is_a_named_exception(shop: Shop) -> None:
    await shop.authorized()
    (await shop.order()).status = OrderStatus.CANCELLED

    await shop.capture()
    await shop.step()

    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert await shop.exceptions() == ["CAPTURE_LOST"]
    assert (await shop.payment()).captured == 0


async def test_cancelling_an_open_page_closes_it(shop: Shop) -> None:
    await shop.create()

    await shop.cases.cancel_payment("booking", shop.reference_id)
    await shop.idle()

    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert (await shop.payment()).state is PaymentState.CANCELLED
    assert await shop.events() == ["PaymentCancelled"]


async def test_cancelling_is_retried_until_the_provider_did_it(shop: Shop) -> None:
    await shop.authorized()
    shop.provider.before["void"] += [ProviderDownError("down", was_sent=False)] * 2

    await shop.cases.cancel_payment("booking", shop.reference_id)
    await shop.idle()
    assert (await shop.attempt()).state is AttemptState.CANCELLING
    await shop.step()
    await shop.step()

    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert (await shop.order()).status is OrderStatus.CANCELLED


async def test_cancelling_while_opening_finds_the_order_and_cancels_it(shop: Shop) -> None:
    shop.provider.after["open"].append(OutcomeUnknownError("cut off"))
    await shop.create()

    await shop.cases.cancel_payment("booking", shop.reference_id)
    await shop.idle()

    (known,) = shop.provider.orders.values()
    assert known.status is OrderStatus.CANCELLED
    assert (await shop.attempt()).state is AttemptState.CANCELLED


async def test_a_captured_payment_cannot_be_cancelled(shop: Shop) -> None:
    await shop.captured()

    with pytest.raises(PaymentClosedError):
        await shop.cases.cancel_payment("booking", shop.reference_id)


async def test_an_authorisation_after_the_cancel_is_cancelled_too(shop: Shop) -> None:
    await shop.create()
    shop.provider.before["void"].append(ProviderDownError("down", was_sent=False))
    await shop.cases.cancel_payment("booking", shop.reference_id)
    await shop.idle()

    await shop.tell(OrderStatus.AUTHORIZED)

    assert (await shop.order()).status is OrderStatus.CANCELLED
    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert shop.owners.asked == []


@pytest.mark.parametrize("round_", range(4))
async def test_a_cancel_racing_an_authorisation_never_takes_money(shop: Shop, round_: int) -> None:
    await shop.create()
    known = await shop.order()
    known.status = OrderStatus.AUTHORIZED
    cancel = shop.cases.cancel_payment("booking", shop.reference_id)

    race = [shop.notify(report_of(known)), cancel]
    await asyncio.gather(*(race if round_ % 2 else reversed(race)))
    await shop.idle()
    await shop.step()

    assert (await shop.payment()).state is PaymentState.CANCELLED
    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert (await shop.order()).status is OrderStatus.CANCELLED
    with pytest.raises(PaymentNotAuthorizedError):
        await shop.capture()


@pytest.mark.rule("OTC-44")
async def test_vouchers_never_pass_what_was_captured(shop: Shop) -> None:
    await shop.captured()
    spend = shop.cases.spend_budget
    amount = Money("RON", 3000)

    async def try_once() -> bool:
        try:
            await spend("booking", shop.reference_id, uuid4(), amount)
        except BudgetExceededError:
            return False
        return True

    spent = await asyncio.gather(*(try_once() for _ in range(5)))

    assert spent.count(True) == 2
    assert (await shop.payment()).remaining == Money("RON", 400)
    assert (await shop.balances())["vouchers_issued"] == -6000


async def test_a_spending_is_taken_once_however_often_it_is_asked_for(shop: Shop) -> None:
    await shop.captured()
    spending_id = uuid4()
    amount = Money("RON", 6000)

    answers = await asyncio.gather(
        *(
            shop.cases.spend_budget("booking", shop.reference_id, spending_id, amount)
            for _ in range(3)
        )
    )

    assert answers == [Money("RON", 400)] * 3
    assert (await shop.payment()).converted == 6000
    with pytest.raises(RequestIdReusedError):
        await shop.cases.spend_budget("booking", shop.reference_id, spending_id, PRICE)


@pytest.mark.rule("OTC-33c")
async def test_a_remedy_that_nobody_asked_for_is_booked_as_lapsed_and_given_to_nobody(
    shop: Shop,
) -> None:
    await shop.captured()
    spend, offer_id, amount = shop.cases.spend_budget, uuid4(), Money("RON", 6000)

    for _ in range(2):
        left = await spend("booking", shop.reference_id, offer_id, amount, Purpose.LAPSED_REMEDY)

    balances = await shop.balances()
    assert left == Money("RON", 400)
    assert balances["lapsed_remedies"] == -6000
    assert balances.get("vouchers_issued", 0) == 0
    with pytest.raises(BudgetExceededError):
        await spend("booking", shop.reference_id, uuid4(), amount)
    with pytest.raises(RequestIdReusedError):
        await spend("booking", shop.reference_id, offer_id, amount, Purpose.VOUCHER)


async def test_nothing_can_be_spent_of_what_was_not_captured(shop: Shop) -> None:
    await shop.authorized()

    with pytest.raises(BudgetExceededError):
        await shop.cases.spend_budget("booking", shop.reference_id, uuid4(), Money("RON", 1))
    with pytest.raises(PaymentNotFoundError):
        await shop.cases.spend_budget("booking", uuid4(), uuid4(), Money("RON", 1))


@pytest.mark.rule("OTC-44")
async def test_the_database_itself_holds_the_budget(
    shop: Shop, service_database: ServiceDatabase
) -> None:
    await shop.captured()
    driver = await asyncpg.connect(service_database.owner_url)

    with pytest.raises(asyncpg.CheckViolationError):
        await driver.execute(
            "UPDATE payment SET converted = 6000, refunded = 401 WHERE reference_id = $1",
            shop.reference_id,
        )
    await driver.close()


async def test_payments_of_another_owner_do_not_exist(shop: Shop) -> None:
    await shop.create()

    with pytest.raises(PaymentNotFoundError):
        await shop.cases.get_payment("wallet", shop.reference_id)
    staff_sees = await shop.cases.get_payment(None, shop.reference_id)

    assert staff_sees.reference_id == shop.reference_id


async def cancel_unpaid(shop: Shop) -> None:
    await shop.cases.cancel_payment("booking", shop.reference_id, unless_authorized=True)


@pytest.mark.rule("OTC-15")
async def test_a_payment_that_nobody_heard_of_is_decided_and_not_cancelled(shop: Shop) -> None:
    await shop.create()
    (await shop.order()).status = OrderStatus.AUTHORIZED

    with pytest.raises(PaymentAuthorizedError):
        await cancel_unpaid(shop)
    await shop.idle()

    attempt = await shop.attempt()
    assert (attempt.state, attempt.decision) == (AttemptState.AUTHORIZED, Decision.GRANT)
    assert await shop.events() == ["PaymentAuthorized"]


async def test_a_page_that_nobody_has_paid_is_closed_for_good(shop: Shop) -> None:
    await shop.create()

    await cancel_unpaid(shop)
    await shop.idle()

    assert (await shop.payment()).state is PaymentState.CANCELLED
    assert (await shop.order()).status is OrderStatus.CANCELLED
    with pytest.raises(PaymentClosedError):
        await shop.create(2)


async def test_what_was_paid_and_refused_is_cancelled(shop: Shop) -> None:
    shop.refuse()
    await shop.authorized()

    await cancel_unpaid(shop)

    assert (await shop.payment()).state is PaymentState.CANCELLED


@pytest.mark.parametrize(
    "answer", [ProviderDownError("down", was_sent=False), OutcomeUnknownError("slow")]
)
async def test_nothing_is_cancelled_while_the_provider_does_not_say_whether_it_was_paid(
    shop: Shop, answer: Exception
) -> None:
    await shop.create()
    shop.provider.before["read"].append(answer)

    with pytest.raises(ProviderUnavailableError):
        await cancel_unpaid(shop)

    assert (await shop.attempt()).state is AttemptState.AWAITING_CUSTOMER
    assert (await shop.order()).deletes == 0


async def test_what_never_was_opened_can_be_cancelled_unpaid_too(shop: Shop) -> None:
    await cancel_unpaid(shop)

    with pytest.raises(PaymentClosedError):
        await shop.create()
