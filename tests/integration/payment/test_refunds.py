"""Money that goes back: to its own order, once, until it is there."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.common.money import Money
from services.payment.domain.errors import (
    BudgetExceededError,
    PaymentNotFoundError,
    RefundDiffersError,
    RefundNotFoundError,
)
from services.payment.domain.refund import (
    Refund,
    RefundEffect,
    RefundReason,
    RefundReport,
    RefundState,
    RefundStatus,
)
from services.payment.domain.report import Effect
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import OutcomeUnknownError, ProviderRefusedError
from services.payment.use_cases.spend_budget import SpendBudget
from tests.integration.payment.fakes import report_of
from tests.integration.payment.shop import Shop

TICKETS = Money("RON", 6000)


async def refund(shop: Shop, refund_id: UUID, amount: Money = TICKETS) -> Refund:
    made = await shop.cases.refund_payment(
        "booking", shop.reference_id, refund_id, amount, RefundReason.CANCELLATION
    )
    await shop.idle()
    return made


async def found(shop: Shop, refund_id: UUID) -> Refund:
    return await shop.cases.get_refund("booking", refund_id)


async def order_id(shop: Shop) -> str:
    return (await shop.order()).order_id


async def tell(shop: Shop, report: RefundReport) -> Effect | RefundEffect:
    return await shop.notify_refund(report)


@pytest.mark.rule("OTC-32b")
async def test_a_refund_goes_to_its_own_order_and_is_completed(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()

    await refund(shop, refund_id)
    sent = await found(shop, refund_id)
    shop.provider.settle_refunds(await order_id(shop), RefundStatus.COMPLETED)
    await shop.step()

    assert sent.state is RefundState.SENT
    assert sent.provider_order_id == await order_id(shop)
    assert (await found(shop, refund_id)).state is RefundState.COMPLETED
    assert (await shop.events())[-1] == "RefundCompleted"
    assert await shop.balances() == {
        "provider_clearing": 400,
        "ticket_sales": -400,
        "refunds_payable": 0,
    }
    assert await shop.violations() == []


async def test_the_same_refund_again_gives_back_once(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()

    for _ in range(3):
        await refund(shop, refund_id)

    known = await shop.order()
    assert list(known.refunds) == [str(refund_id)]
    assert (await shop.payment()).refunded == 6000
    with pytest.raises(RefundDiffersError):
        await refund(shop, refund_id, Money("RON", 1))


@pytest.mark.rule("OTC-44")
async def test_refunds_and_vouchers_never_pass_what_was_captured(shop: Shop) -> None:
    await shop.captured()
    spend = SpendBudget(shop.cases.refund_payment.transactions)
    await spend("booking", shop.reference_id, uuid4(), Money("RON", 3000))

    await refund(shop, uuid4(), Money("RON", 3000))

    with pytest.raises(BudgetExceededError):
        await refund(shop, uuid4(), Money("RON", 401))
    assert (await shop.payment()).remaining == Money("RON", 400)


async def test_nothing_goes_back_of_what_was_not_captured(shop: Shop) -> None:
    await shop.authorized()

    with pytest.raises(BudgetExceededError):
        await refund(shop, uuid4())
    with pytest.raises(PaymentNotFoundError):
        await shop.cases.refund_payment(
            "wallet", shop.reference_id, uuid4(), TICKETS, RefundReason.REMEDY
        )


async def test_a_foreign_refund_is_as_unknown(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    await refund(shop, refund_id)

    for owner, wanted in (("wallet", refund_id), ("booking", uuid4())):
        with pytest.raises(RefundNotFoundError):
            await shop.cases.get_refund(owner, wanted)


async def test_a_refund_that_fails_later_is_made_again_under_a_new_name(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    await refund(shop, refund_id)
    shop.provider.settle_refunds(await order_id(shop), RefundStatus.CANCELLED, "BANK_DECLINED")

    await shop.step()
    failed = await found(shop, refund_id)
    await shop.step()
    shop.provider.settle_refunds(await order_id(shop), RefundStatus.COMPLETED)
    await shop.step()

    assert (failed.state, failed.failure_code) == (RefundState.REQUESTED, "BANK_DECLINED")
    assert list((await shop.order()).refunds) == [str(refund_id), f"{refund_id}.2"]
    assert (await found(shop, refund_id)).state is RefundState.COMPLETED
    assert (await shop.events())[-2:] == ["RefundFailed", "RefundCompleted"]
    assert (await shop.payment()).refunded == 6000
    assert await shop.violations() == []


async def test_without_balance_it_is_asked_for_again_by_the_same_name(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    shop.provider.before["refund"].append(ProviderRefusedError("NO_BALANCE"))

    await refund(shop, refund_id)
    waiting = await found(shop, refund_id)
    await shop.step()

    assert (waiting.state, waiting.failure_code) == (RefundState.REQUESTED, "NO_BALANCE")
    assert (await found(shop, refund_id)).state is RefundState.SENT
    assert list((await shop.order()).refunds) == [str(refund_id)]


async def test_a_lost_answer_to_a_refund_gives_back_once(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    shop.provider.after["refund"].append(OutcomeUnknownError("cut"))

    await refund(shop, refund_id)
    await shop.step()

    assert (await found(shop, refund_id)).state is RefundState.SENT
    assert list((await shop.order()).refunds) == [str(refund_id)]


async def test_a_refund_notified_before_its_own_answer_is_completed(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    shop.provider.after["refund"].append(OutcomeUnknownError("cut"))
    await refund(shop, refund_id)
    report = (await shop.order()).refunds[str(refund_id)]
    done = replace(report, status=RefundStatus.COMPLETED, proved=False)

    first = await tell(shop, done)
    again = await tell(shop, done)
    stale = await tell(shop, replace(done, status=RefundStatus.CANCELLED))

    assert (first, again, stale) == (
        RefundEffect.COMPLETED,
        RefundEffect.REPEATED,
        RefundEffect.REPEATED,
    )
    assert (await found(shop, refund_id)).state is RefundState.COMPLETED


async def test_a_cancelled_refund_is_believed_when_the_provider_is_asked(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    await refund(shop, refund_id)
    report = (await shop.order()).refunds[str(refund_id)]

    effect = await tell(shop, replace(report, status=RefundStatus.CANCELLED, proved=False))

    assert effect is RefundEffect.TO_BE_PROVED
    assert (await found(shop, refund_id)).round == 1


async def test_a_notification_about_an_unknown_refund_changes_nothing(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    await refund(shop, refund_id)
    report = (await shop.order()).refunds[str(refund_id)]

    foreign = replace(report, provider_reference="17", status=RefundStatus.COMPLETED)

    assert await tell(shop, foreign) is RefundEffect.IGNORED
    assert (await found(shop, refund_id)).state is RefundState.SENT


async def test_a_refund_that_keeps_failing_is_named_until_it_goes_through(shop: Shop) -> None:
    await shop.captured()
    refund_id = uuid4()
    await refund(shop, refund_id)
    for _ in range(4):
        shop.provider.settle_refunds(await order_id(shop), RefundStatus.CANCELLED, "BANK_DECLINED")
        await shop.step()
        await shop.step()

    assert await shop.open_exceptions() == ["REFUND_FAILING"]

    shop.provider.settle_refunds(await order_id(shop), RefundStatus.COMPLETED)
    await shop.step()

    assert await shop.open_exceptions() == []
    assert await shop.violations() == []


@pytest.mark.rule("OTC-13b")
async def test_a_second_successful_payment_goes_back_in_full(shop: Shop) -> None:
    await shop.create()
    await shop.tell(OrderStatus.CANCELLED)
    await shop.create(2)
    await shop.tell(OrderStatus.AUTHORIZED, 2)
    await shop.capture(2)
    await shop.tell(OrderStatus.CAPTURED, 2)

    await shop.tell(OrderStatus.CAPTURED, 1)
    await shop.step()
    shop.provider.settle_refunds((await shop.order(1)).order_id, RefundStatus.COMPLETED)
    opened = await shop.open_exceptions()
    await shop.step()

    assert opened == ["SECOND_PAYMENT"]
    assert await shop.open_exceptions() == []
    payment = await shop.payment()
    assert (payment.captured, payment.refunded) == (6400, 0)
    assert (await shop.balances())["exceptions"] == 0
    assert await shop.violations() == []


@pytest.mark.rule("OTC-13b")
async def test_a_wrong_amount_that_was_taken_goes_back_in_full(shop: Shop) -> None:
    await shop.create()
    known = await shop.order()
    known.order = replace(known.order, amount=Money("RON", 64))

    await shop.tell(OrderStatus.CAPTURED)
    await shop.step()
    shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    await shop.step()

    assert [each.amount for each in known.refunds.values()] == [Money("RON", 64)]
    assert await shop.open_exceptions() == []
    assert await shop.violations() == []


async def test_a_wrong_amount_that_was_only_authorised_is_cancelled(shop: Shop) -> None:
    await shop.create()
    known = await shop.order()
    known.order = replace(known.order, amount=Money("RON", 64))

    await shop.tell(OrderStatus.AUTHORIZED)
    await shop.step()

    assert known.status is OrderStatus.CANCELLED
    assert await shop.exceptions() == ["WRONG_AMOUNT"]
    assert await shop.open_exceptions() == []


@pytest.mark.rule("OTC-15")
async def test_money_taken_at_once_and_refused_by_its_owner_goes_back(shop: Shop) -> None:
    shop.refuse()
    amount = Money("EUR", 1500)
    await shop.create(amount=amount)

    await shop.tell(OrderStatus.CAPTURED, proved=True)
    await shop.step()
    known = await shop.order()
    shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    await shop.step()

    assert [each.amount for each in known.refunds.values()] == [amount]
    assert await shop.exceptions() == ["CAPTURED_WITHOUT_GRANT"]
    assert await shop.open_exceptions() == []
    assert (await shop.events())[-1] == "RefundCompleted"


@pytest.mark.parametrize("status", [OrderStatus.AUTHORIZED, OrderStatus.CAPTURED])
async def test_an_order_that_we_do_not_know_is_cancelled_or_refunded(
    shop: Shop, status: OrderStatus
) -> None:
    known = shop.foreign_order(status)

    effect = await shop.notify(report_of(known))
    await shop.step()
    shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    opened = await shop.exceptions(known.order.ext_order_id)
    await shop.step()

    assert effect is Effect.QUARANTINED
    assert opened == ["UNKNOWN_ORDER"]
    assert await shop.open_exceptions(known.order.ext_order_id) == []
    if status is OrderStatus.AUTHORIZED:
        assert known.status is OrderStatus.CANCELLED
    else:
        assert len(known.refunds) == 1


async def test_a_stray_order_that_was_paid_all_the_same_goes_back(shop: Shop) -> None:
    await shop.create()
    known = await shop.order()
    known.order = replace(known.order, amount=Money("RON", 64))
    await shop.tell(OrderStatus.AUTHORIZED)
    known.status = OrderStatus.CAPTURED

    await shop.step()
    await shop.step()
    shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    await shop.step()

    assert len(known.refunds) == 1
    assert "CAPTURED_WITHOUT_GRANT" in await shop.exceptions()
    assert "CAPTURED_WITHOUT_GRANT" not in await shop.open_exceptions()
    assert await shop.violations() == []
