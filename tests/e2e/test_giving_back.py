"""Cancelling over the whole suite: each part back where it came from, to the minor unit."""

import re
from datetime import UTC, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cinema.booking.v1 import order_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from cinema.payment.v1 import audit_pb2, audit_service_pb2
from cinema.payment.v1.audit_service_pb2_grpc import AuditServiceStub
from cinema.wallet.v1 import card_pb2, voucher_service_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from deploy.local.clock import TestClock
from deploy.local.mailbox import list_mails, read_mail, text_of
from services.common.rpc.client import open_channel
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")

Leg = order_pb2.OrderLeg
Order = order_pb2.Order
PLACES = 3
MAX_WAIT_S = 60.0
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4,}\b")
_BACK = {Leg.KIND_REFUND: Leg.STATE_DONE, Leg.KIND_PAYMENT: Leg.STATE_DONE}


async def a_voucher(suite: Suite, stage: Stage, house: House, clock: TestClock) -> tuple[str, int]:
    """The code and value of a voucher: for one seat of a screening that is stopped as it runs."""
    folder, now = Path(suite.record.files["mail"]), await clock.now()
    screening = (await house.upcoming(now, after=timedelta(minutes=15)))[0]
    buyer = await Buyer.guest(stage, "Sorin")
    order = await buyer.buy(screening.id, (await house.free_seats(screening.id)).take(1))
    start = screening.start_time.ToDatetime(tzinfo=UTC)
    await clock.advance(start - now + timedelta(minutes=20))
    await house.terminate(screening.id)
    remedy = await buyer.request_remedy(order.id)

    async def code() -> str:
        mails = list_mails(folder, buyer.email)
        texts = [text_of(read_mail(folder, mail)) for mail in mails]
        found = [match for text in texts for match in CODE.findall(text)]
        return found[0] if found else ""

    return await until(code, what="the voucher's code", timeout_s=MAX_WAIT_S), (
        remedy.amount.minor_units
    )


async def a_card(buyer: Buyer, house: House, clock: TestClock) -> str:
    number = await house.issue_card(await clock.now())
    return (await buyer.register_card(number)).id


async def all_back(buyer: Buyer, order_id: str) -> Order:
    async def final() -> Order | None:
        latest = await buyer.order(order_id)
        states = {leg.state == _BACK.get(leg.kind, Leg.STATE_UNDONE) for leg in latest.legs}
        return latest if states == {True} else None

    order: Order = await until(final, what=f"all of order {order_id} back", timeout_s=MAX_WAIT_S)
    return order


async def settlement(stage: Stage, order_id: str) -> audit_pb2.Settlement:
    services = ("cinema.payment.v1.AuditService",)
    async with open_channel(stage.addresses.payment, services) as channel:
        answer = await AuditServiceStub(channel).GetSettlement(
            audit_service_pb2.GetSettlementRequest(reference_id=order_id),
            metadata=stage.staff("finance"),
            timeout=CALL_TIMEOUT_S,
        )
    (found,) = answer.settlements
    return found


async def voucher_left(stage: Stage, buyer: Buyer, code: str) -> int:
    answer = await stage.vouchers.GetVoucher(
        voucher_service_pb2.GetVoucherRequest(voucher_code=code),
        metadata=buyer.metadata(),
        timeout=CALL_TIMEOUT_S,
    )
    return int(answer.voucher.left.minor_units)


def places_of(cards: list[card_pb2.Card]) -> set[tuple[int, int, int]]:
    return {(card.places_left, card.places_reserved, card.places_used) for card in cards}


@pytest.mark.rule("OTC-6")
@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-32b")
@pytest.mark.rule("OTC-44")
@pytest.mark.rule("CARD-18")
async def test_a_mixed_order_comes_back_part_by_part_and_the_books_prove_it(
    suite: Suite, stage: Stage, house: House, clock: TestClock
) -> None:
    code, value = await a_voucher(suite, stage, house, clock)
    screening = (await house.upcoming(await clock.now(), after=timedelta(hours=3)))[0]
    buyer = Buyer.account(stage, "Mihai")
    cards = [await a_card(buyer, house, clock) for _ in range(2)]
    seats = (await house.free_seats(screening.id)).take(4)
    hold = await buyer.hold(screening.id, seats)
    places = {cards[0]: seats[:1], cards[1]: seats[1:2]}
    order = await buyer.place(hold, places, voucher_codes=[code])
    await buyer.on_page(order, "pay")
    await buyer.await_state(order.id, Order.STATE_CONFIRMED)

    preview = (await buyer.cancel(order.id, validate_only=True)).comes_back
    await buyer.cancel(order.id)
    back = await all_back(buyer, order.id)

    fees = sum(line.service_fee.minor_units for line in back.lines)
    due = order.money_due.minor_units - fees
    assert preview.refund.minor_units == due > 0
    assert (preview.kept.minor_units, len(preview.places), len(preview.vouchers)) == (fees, 2, 1)
    books = await settlement(stage, order.id)
    assert books.captured.minor_units == order.money_due.minor_units
    assert (books.refunded.minor_units, books.service_fees.minor_units) == (due, fees)
    assert (books.tickets.minor_units, books.unexplained.minor_units) == (0, 0)
    assert books.refunds_pending.minor_units == 0
    assert places_of(await buyer.cards()) == {(PLACES, 0, 0)}
    assert await voucher_left(stage, buyer, code) == value
    assert await suite.verify() == []


@pytest.mark.rule("OTC-32b")
async def test_a_refund_that_is_turned_down_is_made_again_and_ends_right(
    suite: Suite, stage: Stage, house: House, clock: TestClock, screening: Screening
) -> None:
    buyer = Buyer.account(stage, "Radu")
    seats = (await house.free_seats(screening.id)).take(2)
    order = await buyer.buy(screening.id, seats)
    fault = {"kind": "refund_canceled", "error_code": "PROVIDER_DECLINED", "times": 1}
    async with stage.http.post(f"{suite.provider_url}/emulator/faults", json=fault) as answer:
        answer.raise_for_status()

    await buyer.cancel(order.id, request_id=str(uuid4()))

    async def turned_down() -> bool:
        legs = (await buyer.order(order.id)).legs
        return any(leg.kind == Leg.KIND_REFUND and leg.state == Leg.STATE_FAILED for leg in legs)

    await until(turned_down, what="the refund to be turned down", timeout_s=MAX_WAIT_S)
    await clock.advance(timedelta(hours=1))
    back = await all_back(buyer, order.id)

    fees = sum(line.service_fee.minor_units for line in back.lines)
    books = await settlement(stage, order.id)
    story = [entry.what for entry in back.timeline]
    assert books.refunded.minor_units == order.money_due.minor_units - fees
    assert story.index("REFUND_FAILED") < story.index("REFUND_COMPLETED")
    assert await suite.verify() == []
