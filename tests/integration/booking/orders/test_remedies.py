"""Giving back: a screening that was stopped while it ran."""

from collections.abc import Callable
from html import unescape
from uuid import UUID, uuid4

import pytest

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import NoRemedyDueError, RemedyWindowClosedError
from services.booking.domain.order_leg import LegState
from services.booking.domain.remedy import RemedyKind, RemedyState
from services.booking.domain.remedy_errors import RemedyAlreadyGivenError
from services.booking.order_composition import orders_of
from services.booking.use_cases.request_remedy import TakeVoucher
from services.common.errors import RepeatedRequest
from services.common.mail.queue import take_due
from services.common.money import Money
from tests.integration.booking.orders.conftest import AS_ACCOUNT, Shop, remedy_key
from tests.kit.booking_letters import VOUCHER_CODE, order_mails, plain
from tests.kit.booking_orders import ACCOUNT, lost
from tests.kit.booking_seats import FakeCatalog, end_screening

DAY_S = 86_400


@pytest.fixture
def terminate(catalog: FakeCatalog, screening_id: UUID) -> Callable[[], None]:
    """Lets staff stop the screening."""

    def stop() -> None:
        end_screening(catalog.answers[screening_id])

    return stop


async def voucher_comes(shop: Shop, order: Order, remedy_id: UUID) -> UUID:
    """The wallet tells of the voucher, twice."""
    voucher_id = uuid4()
    for _ in range(2):
        async with shop.process.database.transaction() as tx:
            await TakeVoucher()(orders_of(tx), order.id, remedy_id, voucher_id)
            await tx.commit()
    return voucher_id


@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-11")
async def test_a_stopped_screening_gives_one_voucher_of_the_price_without_the_fee(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    order = await shop.buy(screening_id)
    terminate()

    remedy = await shop.ask_remedy(order)
    asked = await shop.drive(order)
    voucher_id = await voucher_comes(shop, order, remedy.id)

    given = await shop.read(order)
    assert remedy.kind is RemedyKind.VOUCHER
    assert remedy.amount == Money("RON", 6_000)
    assert shop.payments.spent == {remedy.id: Money("RON", 6_000)}
    assert asked.remedy is not None
    assert asked.remedy.state is RemedyState.REQUESTED
    assert given.remedy is not None
    assert (given.remedy.state, given.remedy.voucher_id) == (RemedyState.GIVEN, voucher_id)
    assert await shop.events(order) == [
        "OrderPlaced",
        "OrderConfirmed",
        "RefundVoucherRequested",
        "RemedyGiven",
    ]
    assert await shop.count("mail WHERE kind = 'remedy-voucher'") == 1


@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-34b")
async def test_asking_twice_is_refused_and_the_same_request_gets_the_same_answer(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    order, key = await shop.buy(screening_id), remedy_key()
    terminate()

    first = await shop.ask_remedy(order, key=key)
    await shop.drive(order)
    with pytest.raises(RepeatedRequest) as repeated:
        await shop.ask_remedy(order, key=key)
    with pytest.raises(RemedyAlreadyGivenError):
        await shop.ask_remedy(order)
    await shop.drive(order)

    assert repeated.value.answer == str(first.id).encode()
    assert len(shop.payments.spent) == 1
    assert (await shop.events(order)).count("RefundVoucherRequested") == 1


async def test_a_mixed_order_gets_a_voucher_for_money_and_its_place_back(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    await shop.pay(order)
    await shop.drive(order)
    terminate()
    shop.wallet.trouble.after["restore"] = lost("wallet")
    shop.payments.trouble.after["spend"] = lost("payment")

    remedy = await shop.ask_remedy(order, AS_ACCOUNT)
    for _ in range(3):
        await shop.drive(order)
    await voucher_comes(shop, order, remedy.id)

    given = await shop.read(order)
    assert remedy.amount == Money("RON", 3_000)
    assert shop.wallet.places[card_id] == 3
    assert given.leg("places-1").state is LegState.UNDONE
    assert given.remedy is not None
    assert given.remedy.state is RemedyState.GIVEN


@pytest.mark.rule("OTC-6")
async def test_an_order_paid_by_places_alone_gets_places_and_never_money(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1", "A2"])
    await shop.drive(order)
    terminate()

    remedy = await shop.ask_remedy(order, AS_ACCOUNT)
    given = await shop.drive(order)

    assert remedy.kind is RemedyKind.PLACES_ONLY
    assert given.remedy is not None
    assert given.remedy.state is RemedyState.GIVEN
    assert shop.wallet.places[card_id] == 3
    assert shop.payments.spent == {}
    assert "RefundVoucherRequested" not in await shop.events(order)


@pytest.mark.rule("OTC-34b")
async def test_nothing_is_due_for_a_screening_that_runs_or_an_order_without_tickets(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    bought = await shop.buy(screening_id)
    unpaid = await shop.place(screening_id, ["B1"])

    with pytest.raises(NoRemedyDueError):
        await shop.ask_remedy(bought)
    terminate()
    with pytest.raises(NoRemedyDueError):
        await shop.ask_remedy(unpaid)


@pytest.mark.rule("OTC-34b")
async def test_after_the_second_day_it_is_too_late(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    order = await shop.buy(screening_id)
    terminate()
    await shop.process.move_clock(4 * DAY_S)

    with pytest.raises(RemedyWindowClosedError):
        await shop.ask_remedy(order)


@pytest.mark.rule("OTC-16")
@pytest.mark.rule("OTC-14.5a")
async def test_the_confirmation_says_what_was_bought_and_the_voucher_mail_has_the_code(
    shop: Shop, screening_id: UUID, terminate: Callable[[], None]
) -> None:
    order = await shop.buy(screening_id)
    terminate()
    remedy = await shop.ask_remedy(order)
    await shop.drive(order)
    await voucher_comes(shop, order, remedy.id)

    render = order_mails(shop.use.store)
    mails = {mail.kind: mail for mail in await take_due(shop.process.database, 10)}
    confirmation = await render(mails["order-confirmed"])
    voucher = await render(mails["remedy-voucher"])

    assert mails["order-confirmed"].recipient == "ana@example.test"
    for part in (order.number, f"{order.number}-02", "Alpha", "Cotroceni", "64,00 lei", "2024-02",
                 "https://shop.example/terms/otc/2024-02", "60,00 lei", "4,00 lei"):  # fmt: skip
        assert part in plain(confirmation.text), part
        assert part in plain(unescape(confirmation.html)), part
    assert order.number in confirmation.subject
    assert VOUCHER_CODE in voucher.text
    assert "60,00 lei" in plain(voucher.text)
    facts = await shop.process.database.fetch("SELECT facts::text AS facts FROM mail")
    assert not any(VOUCHER_CODE in row["facts"] or "ana@" in row["facts"] for row in facts)
    assert (await shop.read(order)).state is OrderState.CONFIRMED
