"""Cancelling a whole order: codes dead and seats free at once, each part back where it came from."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.domain.cancel_rules import what_comes_back
from services.booking.domain.errors import SeatUnavailableError
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    AlreadyAdmittedError,
    GuestCancelsAtBoxOfficeError,
    OrderNotCancellableError,
    OrderNotFoundError,
    TooLateToCancelError,
    WholeOrderOnlyError,
)
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_lines import PlaceTender
from services.booking.domain.order_returns import REFUND_LEG, refund_id_of
from services.booking.domain.ticket import TicketState
from services.booking.domain.voucher_tenders import VoucherTender
from services.booking.order_checks import order_checks
from services.booking.order_composition import orders_of
from services.booking.return_checks import return_checks
from services.booking.seat_checks import seat_checks
from services.booking.use_cases.order_ports import Reader
from services.booking.use_cases.payment_ports import RefundAnswer, RefundState
from services.booking.use_cases.settle_refund import SettleRefund
from services.common.db.checks import Violation, run_check
from services.common.money import Money
from services.common.requests import RequestKey
from tests.integration.booking.orders.conftest import AS_ACCOUNT, AS_GUEST, Shop, StopClock
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, TOKENS, a_purchase, an_order_key, lost
from tests.kit.booking_seats import FakeCatalog

VOUCHER_CODE = "7K3M-QX2P-9RTW-4HBN-8CVD"
BACK = RefundAnswer(RefundState.COMPLETED)


def cancel_key(owner: str = ACCOUNT) -> RequestKey:
    return an_order_key(owner, method="CancelOrder")


async def buy(shop: Shop, screening_id: UUID, *seat_ids: str) -> Order:
    """An order of an account, paid by card."""
    hold = await shop.hold(screening_id, seat_ids or ("A1", "A2"), owner=ACCOUNT)
    purchase = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID)
    order = await shop.use.place_order(purchase, an_order_key(ACCOUNT))
    await shop.pay(order)
    return await shop.drive(order)


async def cancel(
    shop: Shop,
    order: Order,
    reader: Reader = AS_ACCOUNT,
    key: RequestKey | None = None,
    *,
    whole_order: bool = True,
) -> Order:
    return await shop.use.cancel_order(
        order.id, reader, key or cancel_key(reader.principal), whole_order=whole_order
    )


async def ticket_states(shop: Shop, order: Order) -> set[TicketState]:
    tickets = await shop.use.store.list_tickets(order, after_number="", limit=50)
    return {ticket.state for ticket in tickets}


async def complaints(shop: Shop) -> list[Violation]:
    database = shop.process.database
    mine = [*seat_checks(), *order_checks(), *return_checks()]
    found = [await run_check(database, "booking", each, wait_s=0) for each in mine]
    return [each for violations in found for each in violations if not each.in_flight]


def last_moment(order: Order) -> datetime:
    return order.screening.start_time - timedelta(hours=2)


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-32a")
@pytest.mark.rule("OTC-32b")
@pytest.mark.rule("OTC-16")
async def test_an_account_cancels_and_gets_the_price_back_without_the_fee(
    shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)

    cancelled = await cancel(shop, order)
    driven = await shop.drive(order)
    shop.payments.settle(order, BACK)
    final = await shop.drive(order)

    assert cancelled.state is OrderState.CANCELLED
    assert driven.leg(REFUND_LEG).state is LegState.COMMITTED
    assert final.leg(REFUND_LEG).state is LegState.DONE
    assert shop.payments.refunds == {refund_id_of(order.id, REFUND_LEG): Money("RON", 6_000)}
    assert (await shop.events(order))[-1] == "OrderCancelled"
    assert await shop.count("mail WHERE kind = 'order-cancelled'") == 1
    assert await shop.count("mail WHERE kind = 'refund-done'") == 1
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-31b")
async def test_all_codes_are_dead_and_all_seats_are_free_at_once(
    shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    with pytest.raises(SeatUnavailableError):
        await shop.hold(screening_id, ["A1", "A2"])

    await cancel(shop, order)

    assert await ticket_states(shop, order) == {TicketState.CANCELLED}
    again = await shop.buy(screening_id, ["A1", "A2"])
    assert again.state is OrderState.CONFIRMED
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-31a")
@pytest.mark.rule("OTC-31b")
async def test_an_order_is_cancelled_whole_or_not_at_all(shop: Shop, screening_id: UUID) -> None:
    order = await buy(shop, screening_id)

    with pytest.raises(WholeOrderOnlyError) as refused:
        await cancel(shop, order, whole_order=False)

    assert refused.value.metadata["tickets"] == "2"
    assert await ticket_states(shop, order) == {TicketState.VALID}


@pytest.mark.rule("OTC-32a")
@pytest.mark.rule("OTC-14.5c")
async def test_two_hours_before_the_start_is_in_time_and_a_second_later_is_not(
    shop: Shop, screening_id: UUID, stop_clock: StopClock
) -> None:
    order = await buy(shop, screening_id)

    await stop_clock(last_moment(order) + timedelta(seconds=1))
    with pytest.raises(TooLateToCancelError):
        await cancel(shop, order)
    still = await shop.read(order)
    await stop_clock(last_moment(order))
    cancelled = await cancel(shop, order)

    assert still.state is OrderState.CONFIRMED
    assert cancelled.state is OrderState.CANCELLED


@pytest.mark.rule("OTC-32a")
@pytest.mark.rule("OTC-32c")
async def test_a_guest_of_the_web_site_is_sent_to_the_box_office(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    with_token = Reader("guest:another", order_token=TOKENS.token_of(order.id))

    for reader in (AS_GUEST, with_token):
        with pytest.raises(GuestCancelsAtBoxOfficeError):
            await cancel(shop, order, reader)
    with pytest.raises(OrderNotFoundError):
        await cancel(shop, order, Reader("guest:another"))


@pytest.mark.rule("OTC-32a")
async def test_a_buyer_of_the_app_cancels_with_the_orders_token(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await shop.process.database.execute("UPDATE customer_order SET channel = 'APP'")

    cancelled = await cancel(
        shop, order, Reader("guest:another", order_token=TOKENS.token_of(order.id))
    )

    assert cancelled.state is OrderState.CANCELLED


@pytest.mark.rule("OTC-6")
@pytest.mark.rule("OTC-32b")
@pytest.mark.rule("CARD-18")
async def test_each_part_of_a_mixed_order_goes_back_where_it_came_from(
    shop: Shop, screening_id: UUID
) -> None:
    first, second = shop.wallet.issue(3), shop.wallet.issue(5)
    voucher_id = shop.wallet.issue_voucher(2_500, VOUCHER_CODE)
    hold = await shop.hold(screening_id, ["A1", "A2", "A3", "A4"], owner=ACCOUNT)
    purchase = a_purchase(
        hold,
        owner=ACCOUNT,
        account_id=ACCOUNT_ID,
        tenders=(PlaceTender(first, ("A1",)), PlaceTender(second, ("A2",))),
        vouchers=(VoucherTender(code=VOUCHER_CODE),),
    )
    placed = await shop.use.place_order(purchase, an_order_key(ACCOUNT))
    await shop.pay(placed)
    order = await shop.drive(placed)

    await cancel(shop, order)
    await shop.drive(order)
    shop.payments.settle(order, BACK)
    final = await shop.drive(order)

    # Two seats of 30.00 and their fees of 4.00: the voucher paid 25.00, the card 39.00.
    assert order.money_due == Money("RON", 3_900)
    assert list(shop.payments.refunds.values()) == [Money("RON", 3_500)]
    assert shop.wallet.places[first] == 3
    assert shop.wallet.places[second] == 5
    assert shop.wallet.places[voucher_id] == 2_500
    assert set(shop.wallet.graced.values()) == {False}
    assert {leg.state for leg in final.wallet_legs} == {LegState.UNDONE}
    assert await complaints(shop) == []


@pytest.mark.rule("CARD-18")
async def test_places_of_a_screening_that_is_off_come_back_with_a_period_of_grace(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.drive(await shop.place_by_card(hold, card_id, ["A1", "A2"]))
    screening = catalog.answers[screening_id].screening
    screening.state = screening.STATE_CANCELLED
    screening.version += 1
    await shop.process.database.execute("UPDATE screening_copy SET stale = true")

    await cancel(shop, order)
    await shop.drive(order)

    assert shop.wallet.places[card_id] == 3
    assert set(shop.wallet.graced.values()) == {True}


async def test_the_same_request_gets_the_same_answer_and_another_one_changes_nothing(
    shop: Shop, screening_id: UUID
) -> None:
    order, key = await buy(shop, screening_id), cancel_key()
    first = await cancel(shop, order, key=key)

    again = await cancel(shop, order)

    assert (first.state, again.state) == (OrderState.CANCELLED, OrderState.CANCELLED)
    assert (await shop.events(order)).count("OrderCancelled") == 1
    assert await shop.count("request WHERE method LIKE '%CancelOrder' AND answer IS NOT NULL") == 2


async def test_an_unpaid_order_is_given_up(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)

    cancelled = await cancel(shop, order, AS_GUEST, whole_order=False)

    assert cancelled.state is OrderState.ABANDONED
    assert (await shop.buy(screening_id)).state is OrderState.CONFIRMED


async def test_an_expired_order_has_nothing_to_cancel(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    await shop.expire_due()

    with pytest.raises(OrderNotCancellableError, match="EXPIRED"):
        await cancel(shop, order, AS_GUEST)


@pytest.mark.rule("OTC-32d")
async def test_an_order_with_a_used_ticket_is_not_cancelled(shop: Shop, screening_id: UUID) -> None:
    order = await buy(shop, screening_id)
    await shop.process.database.execute(
        "UPDATE ticket SET state = 'ADMITTED', admission_id = id WHERE seat_id = 'A2'"
    )

    with pytest.raises(AlreadyAdmittedError):
        await cancel(shop, order)

    assert await ticket_states(shop, order) == {TicketState.VALID, TicketState.ADMITTED}
    assert (await shop.read(order)).state is OrderState.CONFIRMED


async def test_a_preview_judges_and_changes_nothing(shop: Shop, screening_id: UUID) -> None:
    order = await buy(shop, screening_id)
    before = await shop.revision(screening_id)
    shop.wallet.points[order.id] = 60

    judged, points = await shop.use.cancel_order.preview(order.id, AS_ACCOUNT)

    back = what_comes_back(judged)
    assert (back.refund, back.kept, points) == (Money("RON", 6_000), Money("RON", 400), 60)

    assert (await shop.read(order)).state is OrderState.CONFIRMED
    assert await shop.revision(screening_id) == before
    assert await ticket_states(shop, order) == {TicketState.VALID}
    assert await shop.count("mail WHERE kind = 'order-cancelled'") == 0


async def test_a_leg_that_fails_for_long_is_tried_again_and_keeps_no_other_waiting(
    shop: Shop, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    placed = await shop.place_by_card(hold, card_id, ["A1"])
    await shop.pay(placed)
    order = await shop.drive(placed)
    shop.wallet.trouble.once = False
    shop.wallet.trouble.before["restore"] = lost("wallet")
    shop.payments.trouble.after["refund"] = lost("payment")

    await cancel(shop, order)
    for _ in range(6):
        await shop.drive(order)
    shop.payments.settle(order, BACK)
    waiting = await shop.read(order)
    shop.wallet.trouble.before.clear()
    for _ in range(3):
        final = await shop.drive(order)

    assert waiting.leg("places-1").state is LegState.UNDOING
    assert waiting.leg("places-1").last_error == "DEPENDENCY_UNAVAILABLE"
    assert waiting.leg(REFUND_LEG).state is LegState.COMMITTED
    assert final.leg("places-1").state is LegState.UNDONE
    assert final.leg(REFUND_LEG).state is LegState.DONE
    assert len(shop.payments.refunds) == 1
    assert shop.wallet.places[card_id] == 3


async def test_what_payment_tells_of_the_refund_is_taken_over_once(
    shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    await cancel(shop, order)
    await shop.drive(order)
    settle, refund_id = SettleRefund(), refund_id_of(order.id, REFUND_LEG)

    async def told(what: str) -> LegState:
        async with shop.process.database.transaction() as tx:
            orders = orders_of(tx)
            match what:
                case "failed":
                    await settle.failed(orders, order.id, refund_id, "NO_BALANCE")
                case "keeps failing":
                    await settle.keeps_failing(orders, order.id)
                case _:
                    await settle.completed(orders, order.id, refund_id)
            await tx.commit()
        return (await shop.read(order)).leg(REFUND_LEG).state

    stories = ("failed", "failed", "keeps failing", "keeps failing", "done", "done", "failed")
    states = [await told(what) for what in stories]

    assert states == [LegState.FAILED] * 4 + [LegState.DONE] * 3
    assert await shop.count("mail WHERE kind = 'refund-failed'") == 1
    assert await shop.count("mail WHERE kind = 'refund-done'") == 1


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE ticket SET state = 'VALID'", "no ticket without its payment"),
        ("UPDATE customer_order SET legs = '[]'", "given once"),
        ("DELETE FROM outbox WHERE type = 'OrderCancelled'", "told once"),
        ("DELETE FROM mail WHERE kind = 'order-cancelled'", "told once"),
        ("UPDATE customer_order SET next_step_at = NULL", "all of it back"),
    ],
)
async def test_what_is_wrong_with_a_cancellation_is_noticed(
    shop: Shop, screening_id: UUID, statement: str, complaint: str
) -> None:
    order = await buy(shop, screening_id)
    await cancel(shop, order)
    before = await complaints(shop)

    await shop.process.database.execute(statement)

    assert before == []
    assert any(complaint in violation.check for violation in await complaints(shop))
