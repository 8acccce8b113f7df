"""Orders of holds that were changed, or are being changed: promotions and packages too."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from services.booking.domain.errors import (
    HoldHasOrderError,
    HoldNotFoundError,
    TicketsNotChosenError,
)
from services.booking.domain.prices import Promotion
from services.booking.domain.ticket_choice import TicketCount
from services.common.money import Money
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_changes import a_change, change_key
from tests.kit.booking_orders import GUEST, a_purchase, an_order_key
from tests.kit.booking_prices import FAMILY, PROMOTION_ID, with_family_package
from tests.kit.booking_seats import a_key, a_wish

ROUNDS = 15


@pytest.mark.rule("OTC-14.3")
async def test_an_order_needs_the_tickets_of_all_seats(shop: Shop, screening_id: UUID) -> None:
    wish = a_wish(screening_id, ["A1", "A2"], owner=GUEST, tickets=[])
    hold = await shop.process.hold_seats(wish, a_key(GUEST))

    with pytest.raises(TicketsNotChosenError):
        await shop.use.place_order(a_purchase(hold), an_order_key())
    changed = await shop.process.change_hold(a_change(hold, tickets=[("ADULT", 2)]), change_key())
    order = await shop.use.place_order(a_purchase(changed), an_order_key())

    assert [line.ticket_type for line in order.lines] == ["ADULT", "ADULT"]


async def test_an_order_is_made_of_its_hold_as_it_is_now(shop: Shop, screening_id: UUID) -> None:
    hold = await shop.hold(screening_id)
    await shop.process.change_hold(a_change(hold, ["B1"], [("CHILD", 1)]), change_key())

    order = await shop.use.place_order(a_purchase(hold), an_order_key())

    assert [(line.seat_id, line.ticket_type) for line in order.lines] == [("B1", "CHILD")]


async def test_a_hold_with_an_order_and_a_strangers_hold_are_not_changed(
    shop: Shop, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id, ["A1"])
    await shop.use.place_order(a_purchase(hold), an_order_key())

    with pytest.raises(HoldHasOrderError):
        await shop.process.change_hold(a_change(hold, ["B1"]), change_key())
    with pytest.raises(HoldNotFoundError):
        await shop.process.change_hold(
            a_change(hold, ["B1"], owner="guest:b"), change_key("guest:b")
        )


async def test_an_order_is_never_made_of_what_a_hold_was_before_it_changed(
    shop: Shop, screening_id: UUID
) -> None:
    for number in range(ROUNDS):
        seats = [f"{'ABCDE'[number % 5]}{2 * (number // 5) + each}" for each in (1, 2)]
        owner = f"guest:{number}"
        hold = await shop.hold(screening_id, seats, owner=owner)

        await asyncio.gather(
            shop.use.place_order(a_purchase(hold, owner=owner), an_order_key(owner)),
            shop.process.change_hold(
                a_change(hold, [f"{seats[0][0]}9"], [("CHILD", 1)]), change_key(owner)
            ),
            return_exceptions=True,
        )

    rows = await shop.process.database.fetch(
        """SELECT jsonb_array_length(hold.seats) AS seats,
                  (SELECT count(*) FROM order_line line WHERE line.order_id = o.id) AS lines
           FROM customer_order o JOIN hold ON hold.order_id = o.id"""
    )
    assert rows
    assert all(row["seats"] == row["lines"] for row in rows)


@pytest.mark.rule("OTC-48.7")
async def test_an_order_and_its_lines_carry_the_promotion(shop: Shop, screening_id: UUID) -> None:
    wish = a_wish(screening_id, ["A1", "A2"], owner=GUEST, promotion_code="SPRING")
    hold = await shop.process.hold_seats(
        replace(wish, tickets=[TicketCount("ADULT", 1), TicketCount("CHILD", 1)]), a_key(GUEST)
    )

    order = await shop.read(await shop.use.place_order(a_purchase(hold), an_order_key()))

    adult, child = order.lines
    assert order.promotion == Promotion(PROMOTION_ID, "SPRING", "2026-11")
    assert (adult.price.minor_units, adult.regular_price) == (2_400, Money("RON", 3_000))
    assert (child.price.minor_units, child.regular_price) == (1_500, None)


@pytest.mark.rule("OTC-31c")
@pytest.mark.rule("OTC-9")
async def test_a_package_is_ordered_with_its_split_and_a_fee_for_each_admission(
    shop: Shop, screening_id: UUID
) -> None:
    with_family_package(shop.process.catalog.answers[screening_id])
    wish = a_wish(
        screening_id, ["A1", "A2", "A3", "A4"], owner=GUEST, tickets=[TicketCount(FAMILY, 1)]
    )
    hold = await shop.process.hold_seats(wish, a_key(GUEST))

    order = await shop.read(await shop.use.place_order(a_purchase(hold), an_order_key()))

    assert [(line.ticket_type, line.price.minor_units) for line in order.lines] == [
        ("ADULT", 2_500),
        ("ADULT", 2_500),
        ("CHILD", 1_200),
        ("CHILD", 1_200),
    ]
    assert {(line.package, line.package_number) for line in order.lines} == {(FAMILY, 1)}
    assert order.total.minor_units == 2 * 2_500 + 2 * 1_200 + 4 * 200


@pytest.mark.rule("OTC-14.2")
async def test_an_unpaid_order_is_no_reservation_its_seats_are_anybodys_after_ten_minutes(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id, ["A1", "A2"])
    await shop.past_deadline()

    expired = await shop.expire_due()
    hold = await shop.hold(screening_id, ["A1", "A2"], owner="guest:b")

    assert expired == 1
    assert (await shop.read(order)).state == "EXPIRED"
    assert [seat.seat_id for seat in hold.seats] == ["A1", "A2"]
    assert await shop.count("ticket") == 0
