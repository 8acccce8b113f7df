"""Orders that vouchers pay, wholly or in part."""

from uuid import UUID

import pytest

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import VoucherNotAcceptedError
from services.booking.domain.order_leg import LegKind, LegState
from services.booking.domain.voucher_tenders import VoucherTender
from services.booking.use_cases.get_leg_decision import LegWord
from services.common.money import Money
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.integration.booking.orders.test_remedies import voucher_comes
from tests.kit.booking_orders import a_purchase, an_order_key, lost
from tests.kit.booking_seats import FakeCatalog, end_screening

CODE = "7K3M-QX2P-9RTW-4HBN-8CVD"
BY_CODE = (VoucherTender(code=CODE),)


async def place(shop: Shop, screening_id: UUID) -> Order:
    hold = await shop.hold(screening_id)
    return await shop.use.place_order(a_purchase(hold, vouchers=BY_CODE), an_order_key())


@pytest.mark.rule("OTC-6")
async def test_a_guest_pays_by_a_code_and_the_rest_in_money(shop: Shop, screening_id: UUID) -> None:
    voucher_id = shop.wallet.issue_voucher(5_000, CODE)

    order = await place(shop, screening_id)
    reserved = shop.wallet.state_of(order, "voucher-1")
    await shop.pay(order)
    bought = await shop.drive(order)

    leg = bought.leg("voucher-1")
    assert reserved == "RESERVED"
    assert bought.state is OrderState.CONFIRMED
    assert (leg.kind, leg.state, leg.voucher_id) == (LegKind.VOUCHER, LegState.DONE, voucher_id)
    assert leg.amount == Money("RON", 5_000)
    assert bought.money_due == Money("RON", 1_400)
    assert shop.wallet.state_of(order, "voucher-1") == "CAPTURED"
    assert shop.wallet.places[voucher_id] == 0
    assert "VOUCHER_CAPTURED" in [entry.what for entry in bought.timeline]


async def test_an_order_that_a_voucher_pays_whole_needs_no_payment(
    shop: Shop, screening_id: UUID
) -> None:
    voucher_id = shop.wallet.issue_voucher(10_000, CODE)

    order = await place(shop, screening_id)
    bought = await shop.drive(order)

    assert bought.state is OrderState.CONFIRMED
    assert bought.payment_leg is None
    assert shop.payments.attempts == {}
    assert shop.wallet.places[voucher_id] == 3_600


async def test_a_voucher_that_is_not_accepted_leaves_the_hold_as_it_was(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)

    with pytest.raises(VoucherNotAcceptedError):
        await shop.use.place_order(a_purchase(hold, vouchers=BY_CODE), an_order_key())

    assert await shop.count("customer_order") == 0
    assert (await shop.process.holds.get(screening_id, hold.id)).visible_state == "ACTIVE"


async def test_a_voucher_that_is_spent_meanwhile_refuses_the_order_and_frees_the_hold(
    shop: Shop, screening_id: UUID
) -> None:
    shop.wallet.issue_voucher(5_000, CODE)
    hold = await shop.hold(screening_id)
    shop.wallet.trouble.before["reserve"] = VoucherNotAcceptedError()

    with pytest.raises(VoucherNotAcceptedError):
        await shop.use.place_order(a_purchase(hold, vouchers=BY_CODE), an_order_key())

    assert (await shop.process.holds.get(screening_id, hold.id)).visible_state == "ACTIVE"


async def test_an_abandoned_order_gives_the_value_back(shop: Shop, screening_id: UUID) -> None:
    voucher_id = shop.wallet.issue_voucher(5_000, CODE)
    order = await place(shop, screening_id)

    await shop.use.abandon_order(order.id, AS_GUEST, an_order_key(method="AbandonOrder"))
    ended = await shop.drive(order)

    assert ended.state is OrderState.ABANDONED
    assert ended.leg("voucher-1").state is LegState.UNDONE
    assert shop.wallet.places[voucher_id] == 5_000


async def test_the_wallet_is_told_what_became_of_a_vouchers_leg(
    shop: Shop, screening_id: UUID
) -> None:
    shop.wallet.issue_voucher(5_000, CODE)
    order = await place(shop, screening_id)

    undecided = await shop.use.get_leg_decision(order.id, "voucher-1", 1)
    await shop.pay(order)
    await shop.drive(order)
    decided = await shop.use.get_leg_decision(order.id, "voucher-1", 1)
    unknown = await shop.use.get_leg_decision(order.id, "voucher-2", 1)

    assert (undecided.word, decided.word) == (LegWord.UNDECIDED, LegWord.CAPTURE)
    assert unknown.word is LegWord.RELEASE


@pytest.mark.rule("OTC-6")
@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("CARD-18")
async def test_a_stopped_screening_gives_each_tender_back_its_part_and_no_fee(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    voucher_id = shop.wallet.issue_voucher(5_000, CODE)
    order = await place(shop, screening_id)
    await shop.pay(order)
    await shop.drive(order)
    end_screening(catalog.answers[screening_id])

    remedy = await shop.ask_remedy(order)
    await shop.drive(order)
    await voucher_comes(shop, order, remedy.id)
    given = await shop.drive(order)

    assert remedy.amount == Money("RON", 1_000)
    assert shop.wallet.state_of(order, "voucher-1") == "RESTORED"
    assert shop.wallet.places[voucher_id] == 5_000
    assert given.leg("voucher-1").state is LegState.UNDONE


async def test_a_lost_answer_of_the_wallet_reserves_once(shop: Shop, screening_id: UUID) -> None:
    voucher_id = shop.wallet.issue_voucher(5_000, CODE)
    shop.wallet.trouble.after["reserve"] = lost("wallet")

    order = await place(shop, screening_id)
    driven = await shop.drive(order)

    assert driven.state is OrderState.AWAITING_PAYMENT
    assert shop.wallet.places[voucher_id] == 0
