"""Seats first, tickets later: a family package and a promotion code through the whole suite."""

from typing import Any
from uuid import uuid4

import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.stage import CALL_TIMEOUT_S
from deploy.programme.chain import EFFECTIVE_TIME, POLICY
from tests.kit.small_programme import send

pytestmark = pytest.mark.xdist_group("stack")


async def change(buyer: Buyer, hold: hold_pb2.Hold, **wanted: Any) -> hold_pb2.Hold:
    request = pb.ChangeHoldRequest(
        screening_id=hold.screening_id, hold_id=hold.id, request_id=str(uuid4()), **wanted
    )
    answer = await buyer.booking.ChangeHold(
        request, metadata=buyer.metadata(), timeout=CALL_TIMEOUT_S
    )
    changed: hold_pb2.Hold = answer.hold
    return changed


@pytest.mark.rule("OTC-14.3")
@pytest.mark.rule("OTC-31c")
@pytest.mark.rule("OTC-9")
async def test_a_family_takes_seats_first_and_then_its_package(stage, house, screening):
    buyer = await Buyer.guest(stage, "Ioana")
    seats = (await house.free_seats(screening.id)).take(4)
    request = pb.HoldSeatsRequest(
        screening_id=screening.id, seat_ids=seats, request_id=str(uuid4()), with_tenders=True
    )
    held = await stage.bookings[0].HoldSeats(
        request, metadata=buyer.metadata(), timeout=CALL_TIMEOUT_S
    )
    (family,) = [each for each in held.tenders.ticket_prices if each.admissions]

    hold = await change(
        buyer, held.hold, tickets=[hold_pb2.TicketCount(ticket_type=family.ticket_type, count=1)]
    )
    order = await buyer.place(hold)
    await buyer.on_page(order, "pay")
    order = await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)

    assert [seat.ticket_type for seat in held.hold.seats] == [""] * 4
    assert [line.ticket_type for line in order.lines] == list(family.admissions)
    assert {(line.package, line.package_number) for line in order.lines} == {
        (family.ticket_type, 1)
    }
    parts = (family.price, family.supplement, family.service_fee)
    assert order.total.minor_units == sum(part.minor_units for part in parts)
    assert hold.expire_time == held.hold.expire_time
    assert len(await buyer.tickets(order.id)) == 4


@pytest.mark.rule("OTC-48.7")
async def test_a_code_lowers_the_price_and_its_rules_stay_with_the_order(stage, house, screening):
    code = f"E2E-{uuid4().hex[:8]}".upper()
    published = await send(
        stage,
        "PublishPromotion",
        {
            "promotion": {
                "code": code,
                "policy_code": POLICY,
                "cinema_ids": [screening.cinema_id],
                "effective_time": EFFECTIVE_TIME,
                "end_time": "2100-01-01T00:00:00Z",
                "percent_off": 50,
                "regulations": {"version": "7", "text": "Half the price."},
            }
        },
    )
    buyer = await Buyer.guest(stage, "Radu")
    seats = (await house.free_seats(screening.id)).take(2)
    hold = await buyer.hold(screening.id, seats)

    promoted = await change(buyer, hold, promotion_code=code.lower())
    order = await buyer.place(promoted)
    await buyer.on_page(order, "pay")
    order = await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)

    assert (order.promotion.promotion_id, order.promotion.code) == (published.promotion.id, code)
    assert order.promotion.regulations_version == "7"
    for line, seat in zip(order.lines, hold.seats, strict=True):
        assert line.regular_price == seat.price
        assert line.price.minor_units == seat.price.minor_units // 2
        assert line.service_fee == seat.service_fee
