import base64

from tests.integration.payu_emulator.shop import Shop


async def test_client_credentials_give_a_bearer_token(shop: Shop) -> None:
    answer = await shop.log_in()

    assert answer.http_status == 200
    assert answer.body["token_type"] == "bearer"
    assert answer.body["grant_type"] == "client_credentials"
    assert answer.body["expires_in"] == 43199


async def test_a_wrong_secret_is_refused(shop: Shop) -> None:
    answer = await shop.log_in(client_secret="guess")

    assert answer.http_status == 401
    assert answer.body["error"] == "invalid_client"


async def test_another_grant_type_is_refused(shop: Shop) -> None:
    answer = await shop.log_in(grant_type="password")

    assert answer.http_status == 400


async def test_a_call_without_a_token_is_unauthorized(shop: Shop) -> None:
    answer = await shop.call("POST", "/api/v2_1/orders", shop.new_order())

    assert answer.http_status == 401
    assert answer.status == {
        "statusCode": "UNAUTHORIZED",
        "statusDesc": "Incorrect authentication",
        "code": "401",
        "codeLiteral": "INVALID_OR_MISSING_ACCESS_TOKEN",
    }
    assert answer.headers["Correlation-Id"]


async def test_a_token_expires_with_time(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.control("POST", "/clock", {"offset_seconds": 43200})

    answer = await shop.api("GET", f"/orders/{order_id}")

    assert answer.http_status == 401


async def test_all_tokens_can_be_expired_at_once(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.control("POST", "/tokens/expire")

    refused = await shop.api("GET", f"/orders/{order_id}")
    shop.token = ""
    renewed = await shop.api("GET", f"/orders/{order_id}")

    assert (refused.http_status, renewed.http_status) == (401, 200)


async def test_an_altered_token_is_unauthorized(shop: Shop) -> None:
    order_id = await shop.order()
    shop.token = shop.token.replace("300746.", "300747.", 1)

    answer = await shop.api("GET", f"/orders/{order_id}")

    assert answer.http_status == 401


async def test_http_basic_with_the_second_key_works_too(shop: Shop) -> None:
    order_id = await shop.order()
    credentials = base64.b64encode(b"300746:key of ron").decode()

    answer = await shop.call(
        "GET", f"/api/v2_1/orders/{order_id}", headers={"Authorization": f"Basic {credentials}"}
    )

    assert answer.http_status == 200


async def test_an_order_of_another_shop_is_not_found(shop: Shop, auto_shop: Shop) -> None:
    order_id = await shop.order()

    answer = await auto_shop.api("GET", f"/orders/{order_id}")

    assert answer.http_status == 404
    assert answer.status["statusCode"] == "DATA_NOT_FOUND"
