import re
from typing import Any

import pytest

from tests.integration.payu_emulator.shop import Shop


async def test_a_new_order_answers_302_with_location_and_json(shop: Shop) -> None:
    answer = await shop.create(extOrderId="booking-1")

    assert answer.http_status == 302
    assert answer.status == {"statusCode": "SUCCESS"}
    assert answer.headers["Location"] == answer.body["redirectUri"]
    assert answer.headers["Location"].startswith(f"{shop.base}/pay/?orderId=")
    assert re.fullmatch(r"[A-Z0-9]{10}\d{6}GUEST000P01", answer.body["orderId"])
    assert answer.body["extOrderId"] == "booking-1"


async def test_an_order_is_read_back_with_its_numbers_as_strings(shop: Shop) -> None:
    order_id = await shop.order(extOrderId="booking-1", validityTime="580")

    body = (await shop.api("GET", f"/orders/{order_id}")).body

    (order,) = body["orders"]
    assert order["status"] == "NEW"
    assert order["totalAmount"] == "6000"
    assert order["validityTime"] == "580"
    assert order["merchantPosId"] == "300746"
    assert order["extOrderId"] == "booking-1"
    assert order["products"] == [{"name": "Ticket", "unitPrice": "3000", "quantity": "2"}]
    assert body["status"]["statusCode"] == "SUCCESS"


async def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    answer = await shop.api("GET", "/orders/WZHF5FFDRJ140731GUEST000P01")

    assert answer.http_status == 404
    assert answer.status == {
        "statusCode": "DATA_NOT_FOUND",
        "severity": "INFO",
        "statusDesc": "Could not find data for given criteria.",
    }


async def test_another_currency_than_the_shops_is_refused(shop: Shop) -> None:
    answer = await shop.create(currencyCode="EUR")

    assert answer.http_status == 400
    assert answer.status["statusCode"] == "ERROR_INCONSISTENT_CURRENCIES"


async def test_the_token_of_another_point_of_sale_is_refused(shop: Shop) -> None:
    answer = await shop.create(merchantPosId="300747")

    assert answer.http_status == 403
    assert answer.status["codeLiteral"] == "INVALID_AUTH_FOR_THIS_ORDER"


async def test_a_taken_ext_order_id_names_the_existing_order(shop: Shop) -> None:
    order_id = await shop.order(extOrderId="booking-1")

    answer = await shop.create(extOrderId="booking-1")

    assert answer.http_status == 400
    assert answer.body["orderId"] == order_id
    assert answer.body["extOrderId"] == "booking-1"
    assert answer.status["statusCode"] == "ERROR_ORDER_NOT_UNIQUE"
    assert answer.status["code"] == "110"


async def test_an_ext_order_id_stays_taken_after_the_order_is_cancelled(shop: Shop) -> None:
    order_id = await shop.order(extOrderId="booking-1")
    await shop.api("DELETE", f"/orders/{order_id}")

    answer = await shop.create(extOrderId="booking-1")

    assert answer.status["statusCode"] == "ERROR_ORDER_NOT_UNIQUE"


async def test_ext_order_ids_are_unique_per_point_of_sale_only(shop: Shop, auto_shop: Shop) -> None:
    await shop.order(extOrderId="booking-1")

    answer = await auto_shop.create(extOrderId="booking-1")

    assert answer.http_status == 302


@pytest.mark.parametrize(
    "field",
    ["customerIp", "merchantPosId", "description", "currencyCode", "totalAmount", "products"],
)
async def test_a_required_field_that_is_missing_is_named(shop: Shop, field: str) -> None:
    answer = await shop.create(**{field: None})

    assert answer.http_status == 400
    assert answer.status["statusCode"] == "ERROR_VALUE_MISSING"
    assert field in answer.status["statusDesc"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customerIp", "0.0.0.0"),  # noqa: S104 - the address that must be refused
        ("customerIp", "somewhere"),
        ("totalAmount", 6000),
        ("totalAmount", "60.00"),
        ("totalAmount", "-1"),
        ("totalAmount", "0"),
        ("validityTime", 580),
        ("continueUrl", "https://cinema.example/" + "x" * 1024),
        ("notifyUrl", "file:///etc/passwd"),
        ("visibleDescription", "x" * 81),
        ("products", [{"name": "Ticket", "unitPrice": 3000, "quantity": "2"}]),
        ("products", "Ticket"),
    ],
)
async def test_a_wrong_value_is_refused(shop: Shop, field: str, value: Any) -> None:
    answer = await shop.create(**{field: value})

    assert answer.http_status == 400
    assert answer.status["statusCode"] == "ERROR_VALUE_INVALID"


async def test_a_body_that_is_no_json_is_a_syntax_error(shop: Shop) -> None:
    await shop.log_in()
    shop.token = (await shop.log_in()).body["access_token"]

    answer = await shop.call(
        "POST",
        "/api/v2_1/orders",
        data=b"{",
        headers={"Authorization": f"Bearer {shop.token}", "Content-Type": "application/json"},
    )

    assert answer.http_status == 400
    assert answer.status["statusCode"] == "ERROR_SYNTAX"
