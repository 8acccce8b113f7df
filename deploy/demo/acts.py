"""The acts of the demo; each takes the stage it needs and leaves nothing held behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, timedelta
from uuid import uuid4

import grpc
from cinema.booking.v1 import order_pb2, seat_pb2
from cinema.catalog.v1 import screening_pb2

from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.house import House
from deploy.demo.stage import Stage, until
from deploy.demo.story import Story, money
from deploy.local.clock import TestClock

RACING_BUYERS = 50
REPEATED_ORDERS = 5
MAILS_WITH_VOUCHER = 3
Order = order_pb2.Order


async def guest_buys_two(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening
) -> None:
    """Sell a guest two tickets by card."""
    story.act("A guest buys two tickets by card")
    buyer = await Buyer.guest(stage, "Ana")
    seats = (await house.free_seats(screening.id)).take(2)

    hold = await buyer.hold(screening.id, seats)
    story.tell(f"holds {', '.join(seats)} for {hold.time_left.seconds // 60} minutes")
    order = await buyer.place(hold)
    story.tell(f"places order {order.number}: {money(order.total)} with the service fee")
    await buyer.on_page(order, "pay")
    story.tell("pays on the provider's page")
    order = await buyer.await_state(order.id, Order.STATE_CONFIRMED)
    tickets = await buyer.tickets(order.id)

    story.must(len(tickets) == len(seats), "two tickets, each with its signed QR payload")
    story.must(len({ticket.qr_payload for ticket in tickets}) == len(seats), "two different codes")
    mails = await until(lambda: stage.mails(buyer.email), what="the confirmation e-mail")
    story.must(len(mails) == 1, "one confirmation e-mail in the mailbox")
    story.count(orders_confirmed=1, tickets=len(tickets), mails=1)
    story.pay(order.money_due)


async def account_buys_mixed(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening, clock: TestClock
) -> None:
    """Sell one seat for a prepaid place and one by card."""
    story.act("An account holder buys two seats: one by a prepaid place, one by card")
    buyer = Buyer.account(stage, "Mihai")
    card = await buyer.register_card(await house.issue_card(await clock.now()))
    story.tell(f"registers card {card.masked_number} with {card.places_left} places")
    seats = (await house.free_seats(screening.id)).take(2)

    hold = await buyer.hold(screening.id, seats)
    tenders = await buyer.tenders(hold)
    offered = [c for c in tenders.cards if c.card_id == card.id and c.seats[0].eligible]
    story.must(offered, "the tariff page offers the card for the seat")
    order = await buyer.place(hold, places={card.id: seats[:1]})
    story.tell(f"{money(order.total)} in all, {money(order.money_due)} of it by card")
    await buyer.on_page(order, "pay")
    order = await buyer.await_state(order.id, Order.STATE_CONFIRMED)

    (after,) = [c for c in await buyer.cards() if c.id == card.id]
    story.must(after.places_left == card.places_left - 1, "the card has one place less")
    story.must(after.places_reserved == 0 and after.places_used == 1, "and it is used, not held")
    story.count(orders_confirmed=1, tickets=len(seats), places_used=1, mails=1)
    story.pay(order.money_due)


async def fifty_race_for_one_seat(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening
) -> None:
    """Let one win, and refuse everybody else before any payment."""
    story.act(f"{RACING_BUYERS} buyers race for one seat")
    seat = (await house.free_seats(screening.id)).take(1)
    buyers = await asyncio.gather(*(Buyer.guest(stage, f"Racer{n}") for n in range(RACING_BUYERS)))

    async def try_to_hold(buyer: Buyer) -> tuple[Buyer, object]:
        try:
            return buyer, await buyer.hold(screening.id, seat)
        except grpc.aio.AioRpcError as error:
            return buyer, reason_of(error)

    results = await asyncio.gather(*(try_to_hold(buyer) for buyer in buyers))
    winners = [(buyer, hold) for buyer, hold in results if not isinstance(hold, str)]
    refusals = Counter(hold for _, hold in results if isinstance(hold, str))
    story.must(len(winners) == 1, "one winner")
    story.must(
        refusals == {"SEAT_UNAVAILABLE": RACING_BUYERS - 1},
        f"{RACING_BUYERS - 1} clear refusals before payment: SEAT_UNAVAILABLE",
    )
    winner, hold = winners[0]
    order = await winner.place(hold)  # type: ignore[arg-type]
    await winner.on_page(order, "pay")
    order = await winner.await_state(order.id, Order.STATE_CONFIRMED)
    story.tell("the winner pays and has the ticket")
    story.count(orders_confirmed=1, tickets=1, holds_refused=RACING_BUYERS - 1, mails=1)
    story.pay(order.money_due)


async def declined_then_paid(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening
) -> None:
    """Try a declined payment again within the hold."""
    story.act("A payment is declined, tried again within the hold, and paid")
    buyer = await Buyer.guest(stage, "Ioana")
    seats = (await house.free_seats(screening.id)).take(1)
    order = await buyer.place(await buyer.hold(screening.id, seats))

    await buyer.on_page(order, "decline")
    await buyer.await_payment_failed(order.id)
    story.tell("the bank declines; the seat is still held")
    order = await buyer.retry_payment(order.id)
    await buyer.on_page(order, "pay")
    order = await buyer.await_state(order.id, Order.STATE_CONFIRMED)

    story.must(len(await buyer.tickets(order.id)) == 1, "the second attempt wins: one ticket")
    story.count(orders_confirmed=1, tickets=1, payments_declined=1, mails=1)
    story.pay(order.money_due)


async def declined_then_abandoned(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening
) -> None:
    """Give an order up: its seats are free at once."""
    story.act("Another payment is declined, and the order given up")
    buyer = await Buyer.guest(stage, "Radu")
    seats = (await house.free_seats(screening.id)).take(2)
    order = await buyer.place(await buyer.hold(screening.id, seats))

    await buyer.on_page(order, "decline")
    await buyer.await_payment_failed(order.id)
    order = await buyer.abandon(order.id)
    states = await house.seat_states(screening.id)

    story.must(order.state == Order.STATE_ABANDONED, "the order is abandoned")
    story.must(
        all(states[seat] == seat_pb2.SEAT_STATE_FREE for seat in seats),
        "its seats are free at once",
    )
    story.count(orders_abandoned=1, payments_declined=1)


async def lapsed_hold_is_bought_by_another(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening, clock: TestClock
) -> None:
    """Let a hold lapse: the seats are anybody's."""
    story.act("A hold is left until it lapses, and somebody else buys the seats")
    idle, quick = await Buyer.guest(stage, "Vlad"), await Buyer.guest(stage, "Elena")
    seats = (await house.free_seats(screening.id)).take(2)
    hold = await idle.hold(screening.id, seats)

    await clock.advance(timedelta(seconds=hold.time_left.seconds + 1))
    story.tell("ten minutes pass (test clock)")
    order = await quick.buy(screening.id, seats)

    story.must(order.state == Order.STATE_CONFIRMED, "the same seats are bought by another guest")
    try:
        await idle.place(hold)
        refusal = ""
    except grpc.aio.AioRpcError as error:
        refusal = reason_of(error)
    story.must(refusal == "HOLD_EXPIRED", "the first one is told HOLD_EXPIRED")
    story.count(orders_confirmed=1, tickets=len(seats), holds_lapsed=1, mails=1)
    story.pay(order.money_due)


async def same_order_five_times(
    stage: Stage, house: House, story: Story, screening: screening_pb2.Screening
) -> None:
    """Send the same request again and again, as a nervous client does."""
    story.act(f"The same PlaceOrder is sent {REPEATED_ORDERS} times at once")
    buyer = await Buyer.guest(stage, "Dana")
    seats = (await house.free_seats(screening.id)).take(1)
    hold = await buyer.hold(screening.id, seats)
    request_id = str(uuid4())

    async def send() -> order_pb2.Order:
        while True:
            try:
                return await buyer.place(hold, request_id=request_id)
            except grpc.aio.AioRpcError as error:
                if reason_of(error) != "REQUEST_IN_PROGRESS":
                    raise
                await asyncio.sleep(0.02)

    orders = await asyncio.gather(*(send() for _ in range(REPEATED_ORDERS)))
    story.must(len({order.id for order in orders}) == 1, "one order")
    await buyer.on_page(await buyer.payable(orders[0]), "pay")
    order = await buyer.await_state(orders[0].id, Order.STATE_CONFIRMED)
    payments = [
        provider_order
        for provider_order in await stage.provider_orders()
        if provider_order["ext_order_id"].startswith(order.id)
    ]
    story.must(len(payments) == 1, "one payment at the provider")
    story.count(orders_confirmed=1, tickets=1, mails=1)
    story.pay(order.money_due)


async def screening_is_terminated(
    stage: Stage, house: House, story: Story, clock: TestClock
) -> None:
    """Stop a running screening: the buyer gets a refund voucher (path 2)."""
    story.act("The cinema stops a running screening, and the buyer gets a refund voucher")
    now = await clock.now()
    screening = (await house.upcoming(now, after=timedelta(minutes=15)))[0]
    buyer = await Buyer.guest(stage, "Sorin")
    seats = (await house.free_seats(screening.id)).take(2)
    order = await buyer.buy(screening.id, seats)
    story.tell(f"two seats for {screening.film.title}, {money(order.money_due)}")

    start = screening.start_time.ToDatetime(tzinfo=UTC)
    await clock.advance(start - now + timedelta(minutes=20))
    await house.terminate(screening.id)
    story.tell("the film is running (test clock) when the projector fails; staff stop it")
    request_id = str(uuid4())
    remedy = await buyer.request_remedy(order.id, request_id=request_id)
    again = await buyer.request_remedy(order.id, request_id=request_id)

    story.must(again.id == remedy.id, "the same request twice is one remedy")
    fees = sum(line.service_fee.minor_units for line in order.lines)
    story.must(
        remedy.amount.minor_units == order.money_due.minor_units - fees,
        f"a voucher of {money(remedy.amount)}: the tickets without the service fee",
    )
    await until(lambda: _given(buyer, order.id), what="the voucher to be issued", timeout_s=30)
    mails = await until(lambda: _all_mails(stage, buyer.email), what="the e-mail with the code")
    story.must(
        len(mails) == MAILS_WITH_VOUCHER,
        "one e-mail with the tickets, one with the bad news, one with the voucher's code",
    )
    story.count(orders_confirmed=1, tickets=len(seats), vouchers=1, mails=MAILS_WITH_VOUCHER)
    story.pay(order.money_due)
    story.totals_minor_units[f"{remedy.amount.currency_code}_in_vouchers"] += (
        remedy.amount.minor_units
    )


async def _given(buyer: Buyer, order_id: str) -> bool:
    order = await buyer.order(order_id)
    return order.remedy.state == order_pb2.Remedy.STATE_GIVEN


async def _all_mails(stage: Stage, address: str) -> list[dict[str, object]]:
    mails = await stage.mails(address)
    return mails if len(mails) >= MAILS_WITH_VOUCHER else []
