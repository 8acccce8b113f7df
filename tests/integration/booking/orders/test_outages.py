"""While the payment provider does not answer: who pays gets more time, nobody is sent to it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cinema.payment.v1 import events_pb2
from google.protobuf.duration_pb2 import Duration

from services.booking.adapters.provider_outages import KnownOutages
from services.booking.domain.errors import SeatUnavailableError
from services.booking.domain.hold import HoldState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import ProviderUnavailableError
from services.booking.domain.seats import SeatState
from services.booking.order_composition import order_subscriptions
from services.common.bus.events import Event
from services.common.errors import RepeatedRequest
from services.common.requests import RequestKey
from tests.integration.booking.conftest import somebody_waits
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.integration.booking.orders.test_checks import violations
from tests.integration.booking.orders.test_endings import declined, retry_key
from tests.kit.booking_orders import ACCOUNT, SIGNER, a_purchase, an_order_key, lost
from tests.kit.booking_seats import FakeCatalog, a_key, a_wish, sales_facts

FIVE_MINUTES = timedelta(minutes=5)
_Changed = events_pb2.ProviderAvailabilityChanged


async def told(shop: Shop, availability: int, currency: str = "RON") -> None:
    """Payment tells how a point of sale is."""
    message = _Changed(
        currency_code=currency,
        availability=_Changed.Availability.ValueType(availability),
        retry_after=Duration(seconds=30),
    )
    event = Event(
        source="payment",
        id=uuid4(),
        type="ProviderAvailabilityChanged",
        aggregate_id=currency,
        aggregate_version=1,
        feed_number=1,
        occur_time=datetime.now(UTC),
        correlation_id="",
        traceparent="",
        payload=message.SerializeToString(),
    )
    handlers = {each.source: each.handlers for each in order_subscriptions(SIGNER)}
    async with shop.process.database.transaction() as tx:
        await handlers["payment"][event.type](tx, event)
        await tx.commit()


async def outage(shop: Shop, currency: str = "RON") -> None:
    await told(shop, _Changed.AVAILABILITY_UNAVAILABLE, currency)


async def recovery(shop: Shop) -> None:
    await told(shop, _Changed.AVAILABILITY_AVAILABLE)


async def seat_deadlines(shop: Shop, order: Order) -> set[datetime]:
    rows = await shop.process.database.fetch(
        "SELECT expires_at FROM seat_claim WHERE hold_id = $1", order.hold_id
    )
    return {row["expires_at"] for row in rows}


async def test_an_order_in_payment_gets_five_minutes_more_with_its_hold_and_its_seats(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await outage(shop)

    extended = await shop.use.extend_orders()

    longer = await shop.read(order)
    hold = await shop.process.get_hold(screening_id, order.hold_id, order.owner)
    assert extended == 1
    assert longer.expires_at == order.expires_at + FIVE_MINUTES == hold.expires_at
    assert await seat_deadlines(shop, order) == {longer.expires_at}
    assert (longer.extended_by, hold.extended_by) == (FIVE_MINUTES, FIVE_MINUTES)
    assert longer.timeline[-1].what == "DEADLINE_EXTENDED"
    assert longer.timeline[-1].detail == "300 s PROVIDER_UNAVAILABLE"
    assert await violations(shop) == []


@pytest.mark.rule("OTC-14.4b")
async def test_the_longer_deadline_is_the_one_that_decides(shop: Shop, screening_id: UUID) -> None:
    paid = await shop.place(screening_id)
    unpaid = await shop.place(screening_id, ["B1"])
    await outage(shop)
    await shop.use.extend_orders()
    await shop.past_deadline(299)

    expired_early = await shop.expire_due()
    decision = await shop.pay(paid)
    await shop.process.move_clock(1)
    expired = await shop.expire_due()

    assert (expired_early, expired) == (0, 1)
    assert decision.granted
    assert (await shop.drive(paid)).state is OrderState.CONFIRMED
    assert (await shop.read(unpaid)).state is OrderState.EXPIRED
    assert (await shop.process.states(screening_id))[10] == SeatState.FREE


async def test_nobody_takes_the_seats_of_an_order_that_was_lengthened(
    shop: Shop, screening_id: UUID
) -> None:
    await shop.place(screening_id)
    await outage(shop)
    await shop.use.extend_orders()
    await shop.past_deadline(60)

    wish = a_wish(screening_id, ["A1"], owner="guest:another")
    with pytest.raises(SeatUnavailableError):
        await shop.process.hold_seats(wish, a_key("guest:another"))


async def test_it_happens_once_however_often_it_is_told_and_whatever_comes_later(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    other = new_shop(like=shop)
    order = await shop.place(screening_id)

    for _ in range(10):
        await outage(shop)
        await asyncio.gather(shop.use.extend_orders(), other.use.extend_orders())
    await recovery(shop)
    await outage(shop)
    again = await shop.use.extend_orders()

    longer = await shop.read(order)
    assert again == 0
    assert longer.expires_at == order.expires_at + FIVE_MINUTES
    assert [entry.what for entry in longer.timeline].count("DEADLINE_EXTENDED") == 1


async def test_a_hold_without_an_order_gets_nothing(shop: Shop, screening_id: UUID) -> None:
    hold = await shop.hold(screening_id)
    await outage(shop)

    extended = await shop.use.extend_orders()
    await shop.past_deadline()

    kept = await shop.process.get_hold(screening_id, hold.id, hold.owner)
    assert extended == 0
    assert kept.visible_state is HoldState.EXPIRED


async def test_news_that_come_too_late_lengthen_nothing(shop: Shop, screening_id: UUID) -> None:
    lapsed = await shop.place(screening_id)
    await shop.past_deadline()
    await outage(shop)
    over = await shop.use.extend_orders()
    await recovery(shop)
    await shop.place(screening_id, ["B1"])
    await outage(shop)
    await recovery(shop)  # It came with the news of the outage.

    after_recovery = await shop.use.extend_orders()

    assert (over, after_recovery) == (0, 0)
    assert (await shop.read(lapsed)).expires_at == lapsed.expires_at


async def test_orders_placed_during_the_outage_paid_already_or_in_another_currency_get_nothing(
    shop: Shop, screening_id: UUID
) -> None:
    granted = await shop.place(screening_id, ["A1"])
    await shop.pay(granted)
    placed_before = await shop.place(screening_id, ["B1"])
    await outage(shop, "EUR")
    other_currency = await shop.use.extend_orders()
    await shop.process.database.execute(
        "INSERT INTO provider_outage VALUES ('RON', $1, 30000)",
        placed_before.created_at - timedelta(seconds=1),
    )

    extended = await shop.use.extend_orders()

    assert (other_currency, extended) == (0, 0)


async def test_the_outage_that_ended_while_the_board_was_locked_lengthens_nothing(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await outage(shop)
    async with shop.process.database.transaction() as tx:
        await tx.driver.execute("SELECT FROM screening_board FOR UPDATE")
        extending = asyncio.create_task(shop.use.extend_orders())
        await somebody_waits(shop.process)
        await recovery(shop)
        await tx.commit()

    assert await extending == 0
    assert (await shop.read(order)).extended_by == timedelta(0)


async def test_nobody_is_sent_to_a_provider_that_does_not_answer_and_the_hold_is_untouched(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    await outage(shop)

    with pytest.raises(ProviderUnavailableError) as refused:
        await shop.use.place_order(a_purchase(hold), an_order_key())

    kept = await shop.process.get_hold(screening_id, hold.id, hold.owner)
    assert 0 < (refused.value.retry_after_ms or 0) <= 30_000
    assert kept.visible_state is HoldState.ACTIVE
    assert kept.expires_at == hold.expires_at
    assert shop.payments.attempts == {}
    assert await shop.count("customer_order") == 0


async def test_an_order_that_places_pay_in_full_goes_on(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(2)
    hold = await shop.hold(screening_id, ["A1"], owner=ACCOUNT)
    await outage(shop)

    order = await shop.place_by_card(hold, card_id, ["A1"])
    bought = await shop.drive(order)

    assert bought.state is OrderState.CONFIRMED


async def test_no_new_attempt_is_begun_during_the_outage_and_the_order_is_as_before(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    await outage(shop)

    with pytest.raises(ProviderUnavailableError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    await recovery(shop)
    again = await shop.use.retry_payment(order.id, AS_GUEST, retry_key())

    assert again.leg("payment").attempt == 2


async def test_what_was_answered_before_the_outage_is_answered_the_same_during_it(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    retry = retry_key()
    await shop.use.retry_payment(order.id, AS_GUEST, retry)
    hold = await shop.hold(screening_id, ["B1"])
    place = an_order_key()
    await shop.use.place_order(a_purchase(hold), place)
    await outage(shop)

    with pytest.raises(RepeatedRequest):
        await shop.use.retry_payment(order.id, AS_GUEST, retry)
    with pytest.raises(RepeatedRequest):
        await shop.use.place_order(a_purchase(hold), place)


async def test_sales_go_on_when_the_provider_answers_again(shop: Shop, screening_id: UUID) -> None:
    await outage(shop)
    await recovery(shop)

    order = await shop.place(screening_id)

    assert order.state is OrderState.AWAITING_PAYMENT


async def test_one_buyer_is_let_through_when_the_wait_is_over(
    shop: Shop, screening_id: UUID
) -> None:
    times = iter([0.0, 0.0, 29.0, 30.0, 31.0, 32.0])
    database = shop.process.database
    outages = KnownOutages(database, read_every_ms=1_000_000, clock=lambda: next(times))
    await outage(shop)

    waits_ms = [await outages.wait_ms("RON") for _ in range(4)]

    assert waits_ms == [30_000, 1_000, 0, 29_000]
    assert await outages.wait_ms("EUR") == 0


async def test_a_hold_whose_order_was_taken_back_is_not_lengthened_again_by_the_next_one(
    shop: Shop, screening_id: UUID
) -> None:
    shop.payments.trouble.before["create"] = lost("payment")
    placed = await shop.place(screening_id)
    await outage(shop)
    await shop.use.extend_orders()
    await recovery(shop)
    shop.payments.trouble.before["create"] = ProviderUnavailableError()
    refused = await shop.drive(placed)
    hold = await shop.process.get_hold(screening_id, placed.hold_id, placed.owner)

    second = await shop.use.place_order(a_purchase(hold), an_order_key())
    await outage(shop)
    again = await shop.use.extend_orders()

    assert refused.state is OrderState.REFUSED
    assert again == 0
    assert second.expires_at == placed.expires_at + FIVE_MINUTES
    assert second.extended_by == (await shop.read(second)).extended_by == FIVE_MINUTES


async def test_a_repeated_hold_request_is_answered_as_the_first_time(
    shop: Shop, screening_id: UUID
) -> None:
    key = RequestKey(
        AS_GUEST.principal,
        "/cinema.booking.v1.BookingService/HoldSeats",
        uuid4(),
        b"h" * 32,
        lambda hold: f"{hold.expires_at}".encode(),
    )
    wish = a_wish(screening_id, ["A1"], owner=AS_GUEST.principal)
    hold = await shop.process.hold_seats(wish, key)
    await shop.use.place_order(a_purchase(hold), an_order_key())
    await outage(shop)
    await shop.use.extend_orders()

    with pytest.raises(RepeatedRequest) as repeated:
        await shop.process.hold_seats(wish, key)

    assert repeated.value.answer == f"{hold.expires_at}".encode()


async def test_afterwards_what_had_to_wait_is_asked_at_once(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.pay(order)
    shop.payments.trouble.once = False
    shop.payments.trouble.before["capture"] = lost("payment")
    for _ in range(12):
        await shop.drive(order)
    elsewhere = await shop.place(catalog.publish(sales_facts(uuid4())))
    before = await shop.use.store.take_due(10, 0)

    await recovery(shop)

    assert before == []
    assert await shop.use.store.take_due(10, 0) == [order.id]
    assert (await shop.read(elsewhere)).state is OrderState.AWAITING_PAYMENT
