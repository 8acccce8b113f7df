"""Buying: from the hold to the tickets, by card, by place, and by both."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.booking.domain.errors import HoldExpiredError, HoldHasOrderError
from services.booking.domain.hold import HoldState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    AccountNeededError,
    CardNotFoundError,
    PlaceNotEligibleError,
    ProviderUnavailableError,
    TenderSeatMismatchError,
    TermsNotAcceptedError,
    TermsOutdatedError,
    TooLittleTimeError,
)
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_lines import PlaceTender
from services.booking.domain.seats import SeatState
from services.booking.use_cases.get_leg_decision import LegWord
from services.booking.use_cases.payment_ports import PaymentAnswer
from services.common.errors import DomainError, RepeatedRequest, RequestIdReusedError
from services.common.money import Money
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, a_purchase, an_order_key, lost
from tests.kit.booking_seats import FakeCatalog, sales_facts

SOLD = SeatState.SOLD
HELD = SeatState.HELD
FREE = SeatState.FREE


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-12")
@pytest.mark.rule("OTC-9")
async def test_a_guest_pays_price_and_fee_once_and_gets_tickets(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)

    await shop.pay(order)
    bought = await shop.drive(order)

    assert bought.state is OrderState.CONFIRMED
    assert bought.total == bought.money_due == Money("RON", 2 * (3_000 + 200))
    assert shop.payments.captures == [order.id]
    tickets = await shop.use.store.list_tickets(bought, after_number="", limit=10)
    assert [ticket.seat_id for ticket in tickets] == ["A1", "A2"]
    assert [ticket.number for ticket in tickets] == [f"{order.number}-01", f"{order.number}-02"]
    assert (await shop.process.states(screening_id))[:3] == [SOLD, SOLD, FREE]
    assert await shop.events(order) == ["OrderPlaced", "OrderConfirmed"]
    assert await shop.count("mail") == 1


async def test_placing_opens_the_payment_with_the_time_that_is_left(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)

    stored = await shop.read(order)
    assert stored.state is OrderState.AWAITING_PAYMENT
    assert stored.redirect_url == f"https://pay.example/{order.id}/1"
    assert timedelta(seconds=590) < shop.payments.seen_time_left <= timedelta(seconds=600)
    assert [entry.what for entry in stored.timeline] == ["ORDER_PLACED", "PAYMENT_OPENED"]
    assert (await shop.process.states(screening_id))[0] == HELD


@pytest.mark.rule("OTC-3")
@pytest.mark.rule("OTC-4")
@pytest.mark.rule("OTC-14.5b")
async def test_without_accepted_terms_nothing_is_placed_and_the_hold_is_untouched(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)

    with pytest.raises(TermsNotAcceptedError):
        await shop.use.place_order(a_purchase(hold, terms_accepted=False), an_order_key())
    with pytest.raises(TermsOutdatedError):
        await shop.use.place_order(a_purchase(hold, otc_version="2019-01"), an_order_key())

    kept = await shop.process.get_hold(screening_id, hold.id, hold.owner)
    assert kept.state is HoldState.ACTIVE
    assert shop.payments.attempts == {}
    assert await shop.count("customer_order") == 0
    assert await shop.count("request WHERE method LIKE '%PlaceOrder'") == 0


@pytest.mark.rule("OTC-1")
@pytest.mark.rule("OTC-3")
async def test_what_was_accepted_is_stored_for_ever(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)

    with pytest.raises(Exception, match="is never changed"):
        await shop.process.database.execute("UPDATE customer_order SET otc_version = 'other'")

    stored = await shop.read(order)
    assert (stored.terms.gtc_version, stored.terms.otc_version) == ("2024-01", "2024-02")
    assert stored.terms.accepted_at == stored.created_at
    assert stored.owner == "guest:somebody"


async def test_the_same_request_five_times_at_once_makes_one_order_and_one_payment(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    shops = [shop, new_shop(like=shop)]
    hold = await shop.hold(screening_id)
    request_id = uuid4()

    async def place(number: int) -> bytes:
        key = an_order_key(request_id=request_id)
        try:
            order = await shops[number % 2].use.place_order(a_purchase(hold), key)
        except RepeatedRequest as repeated:
            return repeated.answer
        return key.pack(order)

    answers = await asyncio.gather(*(place(number) for number in range(5)))

    assert len(set(answers)) == 1, answers
    assert await shop.count("customer_order") == 1
    assert len(shop.payments.attempts) == 1


async def test_a_second_order_for_a_hold_is_refused_with_the_first_ones_id(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    order = await shop.use.place_order(a_purchase(hold), an_order_key())

    with pytest.raises(HoldHasOrderError) as caught:
        await shop.use.place_order(a_purchase(hold), an_order_key())

    assert caught.value.metadata["order_id"] == str(order.id)
    assert await shop.count("request WHERE method LIKE '%PlaceOrder'") == 1


async def test_a_request_id_cannot_be_used_for_another_order(
    shop: Shop, screening_id: UUID
) -> None:
    request_id = uuid4()
    first, second = await shop.hold(screening_id), await shop.hold(screening_id, ["B1"])
    await shop.use.place_order(a_purchase(first), an_order_key(request_id=request_id))

    other = an_order_key(request_id=request_id, method="PlaceOrder")
    object.__setattr__(other, "fingerprint", b"another body".ljust(32, b"."))
    with pytest.raises(RequestIdReusedError):
        await shop.use.place_order(a_purchase(second), other)

    kept = await shop.process.get_hold(screening_id, second.id, second.owner)
    assert kept.state is HoldState.ACTIVE


@pytest.mark.rule("OTC-15")
async def test_with_less_than_a_minute_left_a_payment_is_not_begun(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    await shop.process.move_clock(545)

    with pytest.raises(TooLittleTimeError):
        await shop.use.place_order(a_purchase(hold), an_order_key())

    assert await shop.count("customer_order") == 0


@pytest.mark.rule("OTC-14.4b")
async def test_a_lapsed_hold_cannot_be_ordered(shop: Shop, screening_id: UUID) -> None:
    hold = await shop.hold(screening_id)
    await shop.past_deadline()

    with pytest.raises(HoldExpiredError):
        await shop.use.place_order(a_purchase(hold), an_order_key())

    assert await shop.count("customer_order") == 0


@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-9")
async def test_prices_and_fees_of_a_hold_stay_when_the_price_list_changes(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    for quote in catalog.answers[screening_id].quotes:
        quote.price.minor_units += 700
        quote.service_fee.minor_units += 100
    catalog.answers[screening_id].screening.version += 1
    await shop.process.screenings.fresh_facts(screening_id)

    order = await shop.use.place_order(a_purchase(hold), an_order_key())

    assert order.total == hold.total == Money("RON", 6_400)


async def test_one_seat_by_place_and_one_by_card_cost_one_price_and_one_fee(
    shop: Shop, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)

    order = await shop.place_by_card(hold, card_id, ["A1"])

    assert order.money_due == Money("RON", 3_200)
    assert shop.wallet.places[card_id] == 2
    assert shop.wallet.state_of(order) == "RESERVED"
    await shop.pay(order)
    bought = await shop.drive(order)
    assert bought.state is OrderState.CONFIRMED
    assert shop.wallet.state_of(order) == "CAPTURED"


async def test_a_zero_remainder_is_confirmed_without_any_payment(
    shop: Shop, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    await shop.process.move_clock(590)  # To the end: no payment has to be finished in time.

    order = await shop.place_by_card(hold, card_id, ["A1", "A2"])
    bought = await shop.drive(order)

    assert order.state is OrderState.COMPLETING
    assert bought.state is OrderState.CONFIRMED
    assert bought.money_due == Money("RON", 0)
    assert shop.payments.attempts == {}
    assert shop.wallet.places[card_id] == 1
    assert (await shop.process.states(screening_id))[:2] == [SOLD, SOLD]


@pytest.mark.rule("CARD-2")
async def test_a_guest_cannot_pay_with_anybodys_card(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id)
    purchase = a_purchase(hold, tenders=(PlaceTender(card_id, ("A1",)),))

    with pytest.raises(AccountNeededError):
        await shop.use.place_order(purchase, an_order_key())

    assert shop.wallet.reservations == {}


@pytest.mark.rule("CARD-2")
async def test_somebody_elses_card_is_not_found(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(3, owner=uuid4())
    hold = await shop.hold(screening_id, owner=ACCOUNT)

    with pytest.raises(CardNotFoundError):
        await shop.place_by_card(hold, card_id, ["A1"])

    kept = await shop.process.get_hold(screening_id, hold.id, ACCOUNT)
    assert kept.state is HoldState.ACTIVE


async def test_a_tender_must_name_held_seats_once(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    tenders = (PlaceTender(card_id, ("A1",)), PlaceTender(card_id, ("A1",)))
    twice = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID, tenders=tenders)

    with pytest.raises(TenderSeatMismatchError):
        await shop.place_by_card(hold, card_id, ["B7"])
    with pytest.raises(TenderSeatMismatchError):
        await shop.use.place_order(twice, an_order_key(ACCOUNT))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("reserve", PlaceNotEligibleError(uuid4(), "A1", "NO_PLACES_LEFT")),
        ("create", ProviderUnavailableError()),
    ],
)
async def test_a_refusal_on_the_way_leaves_the_hold_as_it_was(
    shop: Shop, screening_id: UUID, call: str, error: DomainError
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    key = an_order_key(ACCOUNT)
    trouble = shop.wallet.trouble if call == "reserve" else shop.payments.trouble
    trouble.before[call] = error

    with pytest.raises(type(error)):
        await shop.place_by_card(hold, card_id, ["A1"], key)

    kept = await shop.process.get_hold(screening_id, hold.id, ACCOUNT)
    assert (kept.state, kept.order_id) == (HoldState.ACTIVE, None)
    await shop.process.move_clock(5)
    for order_id in await shop.use.store.take_due(10, 0):
        await shop.use.drive_order(order_id)
    again = await shop.place_by_card(hold, card_id, ["A1"], key)
    assert again.state is OrderState.AWAITING_PAYMENT
    assert shop.wallet.places[card_id] == 2


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["reserve", "create"])
async def test_an_unknown_outcome_leaves_the_order_placed_and_the_worker_drives_it_on(
    shop: Shop, screening_id: UUID, call: str, moment: str
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    trouble = shop.wallet.trouble if call == "reserve" else shop.payments.trouble
    getattr(trouble, moment)[call] = lost("peer")

    order = await shop.place_by_card(hold, card_id, ["A1"])
    assert order.state is OrderState.PLACED
    driven = await shop.drive(order)

    assert driven.state is OrderState.AWAITING_PAYMENT
    assert shop.wallet.places[card_id] == 2
    assert len(shop.payments.attempts[order.id]) == 1


async def test_a_refusal_is_not_told_when_the_worker_has_opened_the_payment_meanwhile(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    worker = new_shop()
    hold = await shop.hold(screening_id)

    async def fail_after_the_worker(order: Order, time_left: timedelta) -> PaymentAnswer:
        await worker.drive(order)
        raise ProviderUnavailableError

    shop.payments.create = fail_after_the_worker  # type: ignore[method-assign]
    order = await shop.use.place_order(a_purchase(hold), an_order_key())

    assert order.state is OrderState.AWAITING_PAYMENT
    assert order.redirect_url


async def test_a_slow_provider_gives_its_address_later(shop: Shop, screening_id: UUID) -> None:
    shop.payments.opening = True
    order = await shop.place(screening_id)
    assert order.state is OrderState.PLACED
    shop.payments.opening = False

    driven = await shop.drive(order)

    assert driven.state is OrderState.AWAITING_PAYMENT
    assert driven.redirect_url


async def test_the_wallet_learns_what_became_of_a_leg(shop: Shop, screening_id: UUID) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    before = await shop.use.get_leg_decision(order.id, "places-1", 1)
    await shop.pay(order)

    after = await shop.use.get_leg_decision(order.id, "places-1", 1)

    assert before.word is LegWord.UNDECIDED
    assert before.ask_after > timedelta(seconds=500)
    assert after.word is LegWord.CAPTURE
    assert (await shop.use.get_leg_decision(order.id, "places-2", 1)).word is LegWord.RELEASE
    assert (await shop.use.get_leg_decision(uuid4(), "places-1", 1)).word is LegWord.RELEASE


@pytest.mark.parametrize("call", ["capture_places", "capture"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_after_the_grant_every_step_is_retried_until_done(
    shop: Shop, screening_id: UUID, call: str, moment: str
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    await shop.pay(order)
    trouble = shop.wallet.trouble if call == "capture_places" else shop.payments.trouble
    getattr(trouble, moment)[call] = lost("peer")

    halted = await shop.drive(order)
    finished = await shop.drive(order)

    assert halted.state is OrderState.COMPLETING
    assert finished.state is OrderState.CONFIRMED
    assert [leg.state for leg in finished.legs] == [LegState.DONE, LegState.DONE]
    assert shop.payments.captures == [order.id]
    assert await shop.count("ticket") == 2


async def test_orders_of_two_screenings_are_driven_by_two_workers_once(
    shop: Shop, new_shop: Callable[..., Shop], catalog: FakeCatalog
) -> None:
    other = new_shop(like=shop)
    orders = []
    for _ in range(6):
        screening_id = catalog.publish(sales_facts(uuid4()))
        order = await shop.place(screening_id)
        await shop.pay(order)
        orders.append(order)

    both = [each.use.drive_order(order.id) for order in orders for each in (shop, other)]
    await asyncio.gather(*both)

    assert await shop.count("ticket") == 12
    assert await shop.count("mail") == 6
    assert sorted(shop.payments.captures) == sorted(order.id for order in orders)
