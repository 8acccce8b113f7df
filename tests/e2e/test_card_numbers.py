"""No card number comes in, and none is anywhere after a purchase: logs, tables, events, e-mails."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import grpc
import pytest
from cinema.booking.v1 import order_pb2
from cinema.catalog.v1 import screening_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import Stage
from services.common.rpc.errors import refusal_of
from tests.kit.suite import Suite
from tests.kit.traces import files_with, tables_with

pytestmark = pytest.mark.xdist_group("stack")

APPROVED = "4444333322221111"
DECLINED = "4539148803436467"
IN_A_NAME = "5500005555555559"
CARDS = (APPROVED, DECLINED, IN_A_NAME)


def patterns() -> Iterator[str]:
    """Each number as it may be written: in groups, or as the bytes of a stored message."""
    for card in CARDS:
        yield "[ -]?".join(card)
        yield card.encode().hex()


ANYWHERE = "|".join(patterns())


async def with_card(stage: Stage, order: order_pb2.Order, number: str) -> None:
    """Type a card's number on the provider's page."""
    query = parse_qs(urlsplit(order.redirect_url).query)
    form = {
        "orderId": query["orderId"][0],
        "token": query["token"][0],
        "card_number": number,
        "card_expiry": "12/31",
        "card_code": "737",
        "action": "pay",
    }
    async with stage.http.post(order.redirect_url, data=form, allow_redirects=False) as answer:
        assert answer.status in {200, 302, 303, 402}


def files_of(suite: Suite) -> list[Path]:
    return [Path(suite.record.files[name]) for name in ("logs", "mail")]


@pytest.mark.rule("OTC-14.6")
@pytest.mark.rule("OTC-21")
async def test_no_card_number_is_anywhere_after_a_purchase(
    suite: Suite, stage: Stage, house: House, screening: screening_pb2.Screening
) -> None:
    buyer = await Buyer.guest(stage, "Ana")
    seats = (await house.free_seats(screening.id)).take(2)
    hold = await buyer.hold(screening.id, seats)

    buyer.first_name = f"Ana {IN_A_NAME[:4]} {IN_A_NAME[4:8]} {IN_A_NAME[8:12]} {IN_A_NAME[12:]}"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await buyer.place(hold)
    buyer.first_name = "Ana"
    order = await buyer.payable(await buyer.place(hold))
    await with_card(stage, order, DECLINED)
    await with_card(stage, order, APPROVED)
    await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)

    refusal = refusal_of(caught.value)
    assert refusal.reason == "INVALID_FIELD"
    assert [path for path, _ in refusal.violations] == ["contact.first_name"]
    assert await tables_with(suite.owner_urls, ANYWHERE) == []
    assert files_with(files_of(suite), ANYWHERE) == []
    # The search does find what is there.
    assert "booking public.order_contact" in await tables_with(
        suite.owner_urls, re.escape(buyer.email)
    )
    assert files_with(files_of(suite), "call_served|readiness_reached")
