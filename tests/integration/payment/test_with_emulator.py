"""The adapter, the endpoint and the use cases against the emulated provider over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from deploy.payu_emulator.app import serve
from deploy.payu_emulator.settings import Settings, read_points_of_sale
from services.common.db.database import Database
from services.common.money import Money
from services.payment.adapters.payu.client import PayuLimits, open_session
from services.payment.adapters.payu.notifications import NotificationReader
from services.payment.adapters.payu.points_of_sale import PointsOfSale
from services.payment.adapters.payu.provider import PayuProvider
from services.payment.adapters.payu.signatures import check_algorithms, signature_of
from services.payment.adapters.refusals import SqlRefusals
from services.payment.domain.errors import ProviderUnavailableError
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, Decision, PaymentState
from services.payment.handlers.notification_endpoint import (
    PATH,
    NotificationEndpoint,
    NotificationLimits,
    listening,
)
from services.payment.handlers.notification_metrics import NotificationMeter
from services.payment.handlers.refused_notifications import RefusedNotifications
from services.payment.use_cases.ports import Verdict
from tests.integration.payment.provider_audit import compare_with_provider
from tests.integration.payment.shop import PRICE, Shop

POINTS_OF_SALE: list[dict[str, Any]] = [
    {
        "pos_id": "300746",
        "currency": "RON",
        "client_id": "300746",
        "client_secret": "secret of ron",
        "second_key": "key of ron",
        "auto_receive": False,
    },
    {
        "pos_id": "300747",
        "currency": "EUR",
        "client_id": "300747",
        "client_secret": "secret of eur",
        "second_key": "key of eur",
        "auto_receive": True,
    },
]
MAX_WAIT_S = 30.0


@dataclass
class Town:
    """A shop, the provider, and the wire between them."""

    shop: Shop
    provider: PayuProvider
    address: str
    registry: CollectorRegistry

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.provider.session.request(
            method, f"{self.address}/emulator{path}", json=body
        ) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, kind: str, **spec: Any) -> None:
        await self.control("POST", "/faults", {"kind": kind, **spec})

    async def judged(self, number: int = 1) -> Any:
        """The emulator's own record of the attempt's order."""
        order_id = (await self.shop.attempt(number)).provider_order_id
        return await self.control("GET", f"/orders/{order_id}")

    async def pay(self, number: int = 1) -> None:
        order_id = (await self.shop.attempt(number)).provider_order_id
        await self.control("POST", f"/orders/{order_id}/pay")

    async def until(self, condition: Callable[[Payment], bool]) -> Payment:
        """Wait for the payment, letting the worker work."""
        async with asyncio.timeout(MAX_WAIT_S):
            while True:
                payment = await self.shop.payment()
                if condition(payment):
                    return payment
                await asyncio.sleep(0.05)

    async def until_granted(self) -> Payment:
        return await self.until(lambda it: it.attempts[1].decision is Decision.GRANT)

    async def post(self, body: bytes, signature: str = "") -> int:
        headers = {"OpenPayu-Signature": signature} if signature else {}
        async with self.provider.session.post(
            self.provider.notify_url, data=body, headers=headers
        ) as response:
            return response.status

    async def until_counted(self, outcome: str, count: int) -> None:
        async with asyncio.timeout(MAX_WAIT_S):
            while True:
                if self.counted(outcome) >= count:
                    return
                await asyncio.sleep(0.02)

    async def until_refused(self, count: int) -> None:
        """Wait until so many refusals are on record."""
        query = "SELECT coalesce(sum(count), 0) FROM refused_notification"
        async with asyncio.timeout(MAX_WAIT_S):
            while True:
                if await self.shop.database.fetchval(query) >= count:
                    return
                await asyncio.sleep(0.02)

    async def disagreements(self) -> list[str]:
        """What the provider's record and ours say differently of this shop's payment."""
        found = await compare_with_provider(self.shop.database, self.address)
        mine = str(self.shop.reference_id)
        return [each.subject for each in found if each.subject.startswith(mine)]

    def counted(self, outcome: str) -> float:
        name = "payment_notifications_total"
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0


async def build(
    stack: AsyncExitStack, database: Database, folder: Path, limits: PayuLimits
) -> Town:
    file = folder / "points_of_sale.json"
    file.write_text(json.dumps(POINTS_OF_SALE))
    emulator = Settings(
        host="127.0.0.1",
        port=0,
        state_file=folder / "record.db",
        points_of_sale=read_points_of_sale(file),
        test_clock=True,
        retry_factor=0.0001,
    )
    address = await stack.enter_async_context(serve(emulator))
    session = await stack.enter_async_context(open_session(limits))
    points_of_sale = PointsOfSale.from_file(file)
    provider = PayuProvider(session, address, "", points_of_sale, limits)
    shop = Shop(database, provider=provider)
    stack.push_async_callback(shop.background.close)
    registry, meter = CollectorRegistry(), NotificationMeter()
    registry.register(meter)
    reader = NotificationReader(points_of_sale, check_algorithms(["SHA-256", "SHA-512"]))
    endpoint = NotificationEndpoint(
        reader.read,
        shop.cases.receive_notification,
        meter,
        NotificationLimits(max_body_bytes=8_192),
        RefusedNotifications(SqlRefusals(database), interval_ms=50),
    )
    port = await stack.enter_async_context(listening(endpoint, "127.0.0.1:0"))
    provider.notify_url = f"http://127.0.0.1:{port}{PATH}"
    return Town(shop, provider, address, registry)


@pytest.fixture
async def stack(database: Database) -> AsyncIterator[AsyncExitStack]:
    """What is opened here ends before the database does."""
    assert database is not None
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def town(stack: AsyncExitStack, database: Database, tmp_path: Path) -> Town:
    return await build(stack, database, tmp_path, PayuLimits(call_timeout_ms=1_500))


@pytest.mark.rule("OTC-18")
async def test_a_purchase_is_paid_decided_captured_and_confirmed(town: Town) -> None:
    await town.shop.create()
    await town.pay()
    await town.until_granted()

    await town.shop.capture()
    payment = await town.until(lambda it: it.state is PaymentState.CAPTURED)

    record = await town.judged()
    assert (record["status"], record["captured"]) == ("COMPLETED", payment.amount.minor_units)
    assert await town.shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]
    assert await town.disagreements() == []


@pytest.mark.rule("OTC-14.5d")
@pytest.mark.rule("OTC-21")
@pytest.mark.rule("OTC-48.3")
async def test_the_provider_gets_what_payment_needs_and_offers_cards_only(town: Town) -> None:
    await town.shop.create()

    sent = (await town.judged())["request"]
    assert sent["payMethods"] == {"payMethod": {"type": "PBL", "value": "c"}}
    assert sent.keys() == {
        *("customerIp", "merchantPosId", "description", "currencyCode", "totalAmount"),
        *("products", "extOrderId", "notifyUrl", "continueUrl", "validityTime", "buyer"),
        "payMethods",
    }
    assert sent["buyer"].keys() == {"email", "firstName", "lastName", "language"}
    assert sent["totalAmount"] == "6400"


@pytest.mark.rule("OTC-14.6")
async def test_nothing_of_the_card_is_kept(town: Town) -> None:
    await town.shop.create()
    await town.pay()
    await town.until_granted()

    rows = await town.shop.database.fetch(
        "SELECT to_jsonb(a)::text AS kept FROM payment_attempt a WHERE reference_id = $1"
        " UNION ALL SELECT to_jsonb(n)::text FROM notification n WHERE ext_order_id LIKE $2 || '%'"
        " UNION ALL SELECT encode(payload, 'escape') FROM outbox",
        town.shop.reference_id,
        str(town.shop.reference_id),
    )
    kept = " ".join(row["kept"] for row in rows)
    assert "WAITING_FOR_CONFIRMATION" in kept
    for trace in ("444433", "1111", "CARD_TOKEN", "ana@example.com"):
        assert trace not in kept.replace(str(town.shop.reference_id), "")


async def test_a_refused_authorisation_is_given_back_by_two_deletes(town: Town) -> None:
    town.shop.owners.verdict = Verdict(Decision.REFUSE, "HOLD_EXPIRED")
    await town.shop.create()
    await town.pay()

    await town.until(lambda it: it.attempts[1].state is AttemptState.CANCELLED)

    record = await town.judged()
    assert (record["status"], record["captured"]) == ("CANCELED", 0)


async def test_a_declined_payment_is_tried_again_and_paid(town: Town) -> None:
    await town.shop.create()
    order_id = (await town.shop.attempt()).provider_order_id
    await town.control("POST", f"/orders/{order_id}/decline")
    await town.until(lambda it: it.attempts[1].state is AttemptState.FAILED)

    await town.shop.create(2)
    await town.pay(2)
    payment = await town.until(lambda it: it.state is PaymentState.AUTHORIZED)

    assert payment.attempts[2].state is AttemptState.AUTHORIZED


async def test_repeated_and_reordered_notifications_end_the_same(town: Town) -> None:
    await town.fault("duplicate", copies=3)
    await town.fault("reorder", status="PENDING", delay_ms=300)
    await town.shop.create()
    await town.pay()
    await town.until_granted()
    await town.shop.capture()
    await town.until(lambda it: it.state is PaymentState.CAPTURED)

    order_id = (await town.shop.attempt()).provider_order_id
    await town.control("POST", f"/orders/{order_id}/notify", {"status": "CANCELED"})
    await town.until_counted("STALE", 1)

    assert (await town.shop.payment()).state is PaymentState.CAPTURED
    assert await town.shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]
    assert town.counted("REPEATED") > 0


@pytest.mark.parametrize("kind", ["bad_signature", "no_signature", "algorithm"])
async def test_a_notification_that_is_not_signed_well_is_not_believed(
    town: Town, kind: str
) -> None:
    await town.fault(kind, status="WAITING_FOR_CONFIRMATION")
    await town.shop.create()
    await town.pay()

    await town.until_counted("FORGED", 2)

    assert (await town.shop.attempt()).state is AttemptState.AWAITING_CUSTOMER


@pytest.mark.rule("OTC-13b")
async def test_a_signed_notification_with_another_amount_is_put_aside(town: Town) -> None:
    await town.fault(
        "alter", status="WAITING_FOR_CONFIRMATION", fields={"totalAmount": "1"}, times=1
    )
    await town.shop.create()
    await town.pay()

    await town.until(lambda it: it.attempts[1].state is AttemptState.QUARANTINED)
    await town.shop.step()

    assert await town.shop.exceptions() == ["WRONG_AMOUNT"]
    assert (await town.judged())["status"] == "CANCELED"


async def test_an_oversized_body_and_one_that_says_nothing_change_nothing(town: Town) -> None:
    await town.shop.create()
    empty = b'{"order": {"orderId": 7}}'
    signature = f"signature={signature_of(empty, 'key of ron', 'sha256')};algorithm=SHA-256"

    assert await town.post(b"x" * 9_000) == 413
    assert await town.post(empty) == 401
    assert await town.post(empty, signature) == 200
    assert await town.post(empty, signature) == 200

    assert (town.counted("TOO_LARGE"), town.counted("IGNORED")) == (1.0, 1.0)
    assert (await town.shop.attempt()).state is AttemptState.AWAITING_CUSTOMER


async def test_a_lost_create_answer_is_recovered_and_its_order_cancelled(town: Town) -> None:
    await town.fault("lost_answer", on="create", times=1)
    first = await town.shop.create()
    assert first.attempts[1].state is AttemptState.OPENING

    await town.shop.step()

    attempt = await town.shop.attempt()
    assert attempt.redirect_url is not None
    lost = await town.control("GET", f"/orders/{town.shop.reference_id}-1")
    assert lost["status"] == "CANCELED"
    assert (await town.judged())["ext_order_id"] == f"{town.shop.reference_id}-1.2"


async def test_a_lost_capture_answer_takes_the_money_once(town: Town) -> None:
    await town.shop.create()
    await town.pay()
    await town.until_granted()
    await town.fault("lost_answer", on="capture", times=1)
    await town.fault("drop", status="COMPLETED")

    await town.shop.capture()
    await town.shop.step()

    assert (await town.shop.payment()).state is PaymentState.CAPTURED
    assert (await town.judged())["captured"] == 6400


@pytest.mark.parametrize("body", ["envelope", "html", "bare"])
async def test_a_provider_with_faults_is_unavailable_and_then_not_asked(
    stack: AsyncExitStack, database: Database, tmp_path: Path, body: str
) -> None:
    limits = PayuLimits(max_failures_in_a_row=2, breaker_open_ms=60_000)
    town = await build(stack, database, tmp_path, limits)
    await town.fault("answer", on="create", http_status=503, body=body)

    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await town.shop.create()
    await town.control("DELETE", "/faults")
    with pytest.raises(ProviderUnavailableError):
        await town.shop.create()

    assert list(town.provider.open_breakers()) == ["300746"]


async def test_an_expired_token_is_renewed_once_and_the_call_repeated(town: Town) -> None:
    await town.shop.create()

    await town.control("POST", "/tokens/expire")
    await town.shop.cases.cancel_payment("booking", town.shop.reference_id)
    await town.shop.idle()

    assert (await town.judged())["status"] == "CANCELED"


@pytest.mark.rule("OTC-15")
async def test_the_page_closes_with_the_validity_time_and_the_attempt_expires(town: Town) -> None:
    await town.shop.create()
    await town.shop.database.execute(
        "UPDATE payment_attempt SET expire_time = app_clock() WHERE reference_id = $1",
        town.shop.reference_id,
    )

    await town.control("POST", "/clock", {"advance_seconds": 581})
    await town.until(lambda it: it.attempts[1].state is AttemptState.FAILED)

    assert await town.shop.events() == ["PaymentExpired"]


async def test_auto_receive_is_captured_without_asking_the_provider_to(town: Town) -> None:
    await town.shop.create(amount=Money("EUR", 1500))
    await town.pay()
    await town.until_granted()

    payment = await town.shop.capture()

    assert payment.state is PaymentState.CAPTURED
    assert await town.disagreements() == []


async def test_money_that_the_provider_took_behind_our_back_is_seen(town: Town) -> None:
    await town.shop.create(amount=PRICE)
    await town.fault("drop")
    await town.pay()
    record = await town.judged()
    client = town.provider._clients["300746"]
    await client.call("POST", f"/api/v2_1/orders/{record['order_id']}/captures")

    assert await town.disagreements() == [record["ext_order_id"]]


async def test_the_provider_cannot_be_reached_at_all(
    stack: AsyncExitStack, database: Database, tmp_path: Path
) -> None:
    town = await build(stack, database, tmp_path, PayuLimits(connect_timeout_ms=200))
    for client in town.provider._clients.values():
        client.base_url = "http://127.0.0.1:9"

    with pytest.raises(ProviderUnavailableError):
        await town.shop.create()

    assert (await town.shop.payment()).attempts == {}
