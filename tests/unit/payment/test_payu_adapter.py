"""Reading the provider's answers as they are recorded, the token cache, the breaker."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.common.config import SettingsError
from services.common.money import Money
from services.payment.adapters.payu.breaker import Breaker
from services.payment.adapters.payu.notifications import NotificationReader
from services.payment.adapters.payu.oauth import TokenCache
from services.payment.adapters.payu.points_of_sale import PayuPointOfSale, PointsOfSale
from services.payment.adapters.payu.signatures import check_algorithms, signature_of
from services.payment.adapters.payu.statuses import UnreadableOrderError, read_order
from services.payment.domain.refund import RefundReport, RefundStatus
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import ForgedNotificationError

ORDER: dict[str, Any] = {
    "orderId": "WZHF5FFDRJ140731GUEST000P01",
    "extOrderId": "358766-1",
    "orderCreateDate": "2014-10-27T14:58:17.443+01:00",
    "notifyUrl": "https://cinema.example/payu/notifications",
    "customerIp": "203.0.113.7",
    "merchantPosId": "145227",
    "description": "Two tickets",
    "currencyCode": "RON",
    "totalAmount": "3200",
    "buyer": {"email": "ana@example.com", "firstName": "Ana", "lastName": "Pop"},
    "payMethod": {"type": "CARD_TOKEN"},
    "products": [{"name": "Ticket", "unitPrice": "1600", "quantity": "2"}],
    "status": "WAITING_FOR_CONFIRMATION",
}


def a_point_of_sale(pos_id: str, currency: str) -> PayuPointOfSale:
    return PayuPointOfSale(
        pos_id, currency, pos_id, SecretStr("secret"), SecretStr(f"key of {currency}"), False
    )


POINTS_OF_SALE = PointsOfSale(
    {"RON": a_point_of_sale("145227", "RON"), "EUR": a_point_of_sale("145228", "EUR")}
)
READER = NotificationReader(POINTS_OF_SALE, check_algorithms(["SHA-256"]))


def signed(document: Any, key: str = "key of RON") -> tuple[bytes, dict[str, str]]:
    body = json.dumps(document).encode()
    signature = signature_of(body, key, "sha256")
    return body, {"OpenPayu-Signature": f"signature={signature};algorithm=SHA-256"}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("NEW", OrderStatus.PENDING),
        ("PENDING", OrderStatus.PENDING),
        ("WAITING_FOR_CONFIRMATION", OrderStatus.AUTHORIZED),
        ("COMPLETED", OrderStatus.CAPTURED),
        ("CANCELED", OrderStatus.CANCELLED),
    ],
)
def test_the_words_of_the_provider_are_understood(word: str, status: OrderStatus) -> None:
    report = read_order(ORDER | {"status": word}, proved=True)

    assert (report.status, report.amount) == (status, Money("RON", 3200))


@pytest.mark.parametrize(
    "change",
    [
        {"totalAmount": 3200},
        {"totalAmount": "-1"},
        {"totalAmount": "32.00"},
        {"totalAmount": "9" * 40},
        {"totalAmount": "\u0663"},
        {"currencyCode": "lei"},
        {"status": "DONE"},
        {"orderId": None},
        {"extOrderId": "x" * 2_000},
        {"extOrderId": "a\x00b"},
    ],
)
def test_what_is_not_an_order_is_unreadable(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableOrderError):
        read_order(ORDER | change, proved=True)


def test_a_signed_notification_keeps_ids_and_status_and_no_person() -> None:
    body, headers = signed({"order": ORDER, "properties": []})

    facts, report = READER.read(body, headers)

    assert (facts.pos_id, facts.status) == ("145227", "WAITING_FOR_CONFIRMATION")
    assert report is not None
    assert not report.proved
    assert "Ana" not in repr((facts, report))


def test_a_refund_notification_tells_of_the_refund() -> None:
    document = {
        "orderId": ORDER["orderId"],
        "extOrderId": ORDER["extOrderId"],
        "refund": {"refundId": "1", "amount": "3200", "currencyCode": "RON", "status": "FINALIZED"},
    }

    facts, report = READER.read(*signed(document))

    assert (facts.status, facts.provider_order_id) == ("REFUND FINALIZED", ORDER["orderId"])
    assert report == RefundReport(
        pos_id=facts.pos_id,
        provider_order_id=ORDER["orderId"],
        provider_reference="",
        provider_refund_id="1",
        status=RefundStatus.COMPLETED,
        amount=Money("RON", 3200),
    )


def test_the_key_of_one_shop_proves_nothing_about_the_orders_of_another() -> None:
    body, headers = signed({"order": ORDER}, key="key of EUR")

    facts, report = READER.read(body, headers)

    assert facts.pos_id == "145228"
    assert report is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 3_000])
def test_anything_that_is_not_signed_is_forged(body: bytes) -> None:
    with pytest.raises(ForgedNotificationError):
        READER.read(body, {"OpenPayu-Signature": "signature=00;algorithm=SHA-256"})


async def test_a_token_is_fetched_once_and_renewed_before_it_ends() -> None:
    now = [0.0]
    fetched: list[str] = []

    async def fetch() -> tuple[str, float]:
        fetched.append(f"token {len(fetched) + 1}")
        return fetched[-1], 100.0

    cache = TokenCache(fetch, clock=lambda: now[0])

    first = [await cache.token(), await cache.token()]
    now[0] = 91.0
    renewed = await cache.token()
    cache.refused("token 1")
    still = await cache.token()
    cache.refused(renewed)

    assert first == ["token 1", "token 1"]
    assert (renewed, still) == ("token 2", "token 2")
    assert await cache.token() == "token 3"


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(max_failures_in_a_row=2, open_s=5, clock=lambda: now[0])
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()

    breaker.failed()
    assert not breaker.allows()
    now[0] = 6.0

    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.succeeded()
    assert breaker.allows()


def test_a_wrong_file_of_points_of_sale_is_told_without_its_secrets(tmp_path: Path) -> None:
    file = tmp_path / "points.json"
    file.write_text('[{"pos_id": "1", "client_secret": "hush"}]')

    with pytest.raises(SettingsError) as caught:
        PointsOfSale.from_file(file)

    assert "hush" not in str(caught.value)
    assert "key of RON" not in repr(POINTS_OF_SALE)
