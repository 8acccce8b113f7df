"""The adapter against answers in the provider's shapes, written from its documents.

The emulator is not asked here: adapter and emulator must not only be right about each other.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.common.money import Money
from services.payment.adapters.payu.client import PayuLimits, open_session
from services.payment.adapters.payu.notifications import NotificationReader
from services.payment.adapters.payu.points_of_sale import PayuPointOfSale, PointsOfSale
from services.payment.adapters.payu.provider import PayuProvider
from services.payment.adapters.payu.signatures import signature_of
from services.payment.domain.refund import RefundReport, RefundStatus
from services.payment.domain.report import OrderReport
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import (
    NewOrder,
    OrderExistsError,
    ProviderDownError,
    ProviderRefusedError,
)
from services.payment.use_cases.refund_ports import RefundOrder
from tests.integration.payment.shop import OPENING

SHAPES = Path(__file__).parent / "payu_shapes"
TURNS_UNTIL_READ = 50
ORDER_ID = "7H1B6KQMBX140828GUEST000P01"
EXT_ORDER_ID = f"{UUID('018f0000-0000-7000-8000-0000000000aa')}-1"
SHOPS = PointsOfSale(
    {
        "RON": PayuPointOfSale(
            "300746", "RON", "300746", SecretStr("secret"), SecretStr("key"), auto_receive=False
        )
    }
)
NEW_ORDER = NewOrder("300746", EXT_ORDER_ID, Money("RON", 6400), OPENING, 580, 1)
REFUND = RefundOrder("300746", ORDER_ID, "refund-1", Money("RON", 6000))
Body = dict[str, Any] | list[Any] | str


def shape(name: str) -> Any:
    return json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Recorded:
    """A provider that answers with what is put down for it, and remembers what it was asked."""

    provider: PayuProvider
    answers: list[tuple[int, Body]] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: int = 0
    in_pieces: bool = False

    def answer(self, http_status: int, body: Body) -> None:
        self.answers.append((http_status, body))

    async def take(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/oauth/authorize"):
            self.tokens += 1
            return web.json_response(shape("token"))
        sent = await request.read()
        self.asked.append((request.method, request.path, json.loads(sent) if sent else None))
        http_status, body = self.answers.pop(0)
        headers = {"Location": "https://pay.example/"} if http_status == 302 else {}
        if isinstance(body, str):
            return web.Response(
                text=body, status=http_status, content_type="text/html", headers=headers
            )
        if self.in_pieces:
            return await in_pieces(request, json.dumps(body).encode(), http_status, headers)
        return web.json_response(body, status=http_status, headers=headers)


async def in_pieces(
    request: web.Request, body: bytes, http_status: int, headers: dict[str, str]
) -> web.StreamResponse:
    """Answer so that who reads sees the first half before the second is there."""
    response = web.StreamResponse(status=http_status, headers=headers)
    await response.prepare(request)
    for piece in (body[:20], body[20:]):
        await response.write(piece)
        for _ in range(TURNS_UNTIL_READ):
            await asyncio.sleep(0)
    return response


@pytest.fixture
async def recorded() -> AsyncIterator[Recorded]:
    limits = PayuLimits(call_timeout_ms=2_000)
    async with open_session(limits) as session:
        recorded = Recorded(PayuProvider(session, "", "https://cinema.example/n", SHOPS, limits))
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", recorded.take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        for client in recorded.provider._clients.values():
            client.base_url = f"http://{host}:{port}"
        yield recorded
        await runner.cleanup()


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(recorded: Recorded) -> None:
    recorded.in_pieces = True
    recorded.answer(302, shape("order_created"))

    opened = await recorded.provider.open_order(NEW_ORDER)

    assert opened.provider_order_id == ORDER_ID


@pytest.mark.parametrize("name", ["order_created", "order_created_warning"])
async def test_a_302_is_read_and_not_followed(recorded: Recorded, name: str) -> None:
    recorded.answer(302, shape(name))

    opened = await recorded.provider.open_order(NEW_ORDER)

    assert opened.provider_order_id == ORDER_ID
    assert opened.redirect_url.startswith("https://pay.example/pay/")
    method, path, body = recorded.asked[0]
    assert (method, path) == ("POST", "/api/v2_1/orders")
    assert (body["totalAmount"], body["validityTime"]) == ("6400", "580")
    assert body["products"][0]["quantity"] == "1"


async def test_a_taken_name_tells_of_the_order_that_has_it(recorded: Recorded) -> None:
    recorded.answer(400, shape("order_not_unique"))

    with pytest.raises(OrderExistsError) as caught:
        await recorded.provider.open_order(NEW_ORDER)

    assert caught.value.provider_order_id == ORDER_ID


async def test_an_order_is_read_with_its_numbers_as_strings(recorded: Recorded) -> None:
    recorded.answer(200, shape("order_read"))

    report = await recorded.provider.read_order("300746", ORDER_ID)

    assert report == OrderReport(
        pos_id="300746",
        provider_order_id=ORDER_ID,
        ext_order_id=EXT_ORDER_ID,
        status=OrderStatus.AUTHORIZED,
        amount=Money("RON", 6400),
        proved=True,
    )


async def test_an_unknown_order_is_none(recorded: Recorded) -> None:
    recorded.answer(404, shape("data_not_found"))

    assert await recorded.provider.read_order("300746", ORDER_ID) is None


async def test_an_authorised_order_is_deleted_twice(recorded: Recorded) -> None:
    cancelled = shape("order_read")
    cancelled["orders"][0]["status"] = "CANCELED"
    for body in ("order_cancelled", "order_read", "order_cancelled"):
        recorded.answer(200, shape(body))
    recorded.answer(200, cancelled)

    await recorded.provider.void_order("300746", ORDER_ID)

    assert [method for method, _, _ in recorded.asked] == ["DELETE", "GET", "DELETE", "GET"]


async def test_a_capture_takes_the_whole_with_an_empty_body(recorded: Recorded) -> None:
    recorded.answer(200, shape("order_captured"))

    await recorded.provider.capture_order("300746", ORDER_ID)

    assert recorded.asked == [("POST", f"/api/v2_1/orders/{ORDER_ID}/captures", None)]


async def test_a_refused_token_is_renewed_once(recorded: Recorded) -> None:
    recorded.answer(401, shape("unauthorized"))
    recorded.answer(200, shape("order_captured"))

    await recorded.provider.capture_order("300746", ORDER_ID)

    assert recorded.tokens == 2


async def test_the_token_of_another_shop_is_a_refusal(recorded: Recorded) -> None:
    recorded.answer(403, shape("wrong_shop"))

    with pytest.raises(ProviderRefusedError):
        await recorded.provider.open_order(NEW_ORDER)


@pytest.mark.parametrize(
    ("http_status", "body"),
    [
        (500, {"status": 500}),
        (503, "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"),
        (429, {"status": {"statusCode": "TOO_MANY_REQUESTS"}}),
        (408, {"status": {"statusCode": "TIMEOUT"}}),
    ],
)
async def test_faults_of_the_gateway_are_no_answers(
    recorded: Recorded, http_status: int, body: Body
) -> None:
    recorded.answer(http_status, body)

    with pytest.raises(ProviderDownError) as caught:
        await recorded.provider.capture_order("300746", ORDER_ID)

    assert caught.value.was_sent


async def test_a_refund_is_accepted(recorded: Recorded) -> None:
    recorded.answer(200, shape("refund_accepted"))

    report = await recorded.provider.refund_order(REFUND)

    assert (report.status, report.provider_refund_id) == (RefundStatus.PENDING, "5000009987")
    section = recorded.asked[0][2]["refund"]
    assert (section["amount"], section["extRefundId"]) == ("6000", "refund-1")


async def test_an_error_beside_a_refund_is_no_refund(recorded: Recorded) -> None:
    recorded.answer(200, shape("refund_no_balance"))

    with pytest.raises(ProviderRefusedError) as caught:
        await recorded.provider.refund_order(REFUND)

    assert caught.value.code == "NO_BALANCE"


@pytest.mark.parametrize(
    ("name", "status", "failure_code"),
    [
        ("refunds_false", None, ""),
        ("refunds_listed", RefundStatus.CANCELLED, "PROVIDER_LIMIT_ERROR"),
        ("refunds_bare_list", RefundStatus.COMPLETED, ""),
    ],
)
async def test_refunds_are_read_in_all_their_shapes(
    recorded: Recorded, name: str, status: RefundStatus | None, failure_code: str
) -> None:
    recorded.answer(200, shape(name))

    report = await recorded.provider.read_refund(REFUND)

    found = None if report is None else (report.status, report.failure_code)
    assert found == (None if status is None else (status, failure_code))


def read(name: str) -> OrderReport | RefundReport | None:
    body = json.dumps(shape(name)).encode()
    signature = f"signature={signature_of(body, 'key', 'sha256')};algorithm=SHA-256"
    headers = {"OpenPayu-Signature": f"sender=checkout;{signature};content=DOCUMENT"}
    return NotificationReader(SHOPS, frozenset({"sha256"})).read(body, headers)[1]


def test_a_notification_of_an_order_is_read() -> None:
    report = read("notification_completed")

    assert isinstance(report, OrderReport)
    assert (report.status, report.amount) == (OrderStatus.CAPTURED, Money("RON", 6400))
    assert (report.ext_order_id, report.proved) == (EXT_ORDER_ID, False)


def test_a_notification_of_a_refund_without_our_name_is_read() -> None:
    report = read("notification_refund")

    assert isinstance(report, RefundReport)
    assert (report.provider_reference, report.provider_refund_id) == ("", "5000009987")
    assert report.status is RefundStatus.COMPLETED
