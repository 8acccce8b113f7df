from tests.integration.payu_emulator.shop import Shop


async def test_a_paid_order_waits_for_confirmation_and_captures_whole(shop: Shop) -> None:
    order_id = await shop.paid()
    before = await shop.status_of(order_id)

    answer = await shop.api("POST", f"/orders/{order_id}/captures")

    assert before == "WAITING_FOR_CONFIRMATION"
    assert answer.http_status == 200
    assert answer.status == {"statusCode": "SUCCESS", "statusDesc": "Status was updated"}
    assert await shop.status_of(order_id) == "COMPLETED"
    assert (await shop.judged(order_id))["captured"] == 6000
    statuses = [notice.status for notice in await shop.notified(3)]
    assert statuses == ["PENDING", "WAITING_FOR_CONFIRMATION", "COMPLETED"]


async def test_a_part_of_the_authorised_money_can_be_captured(shop: Shop) -> None:
    order_id = await shop.paid()
    part = {"amount": "4000", "currencyCode": "RON"}

    answer = await shop.api("POST", f"/orders/{order_id}/captures", part)

    assert answer.http_status == 200
    assert (await shop.judged(order_id))["captured"] == 4000


async def test_more_than_the_authorised_money_cannot_be_captured(shop: Shop) -> None:
    order_id = await shop.paid()
    part = {"amount": "6001", "currencyCode": "RON"}

    answer = await shop.api("POST", f"/orders/{order_id}/captures", part)

    assert answer.http_status == 400
    assert (await shop.judged(order_id))["captured"] == 0


async def test_a_second_capture_is_refused_and_takes_nothing(shop: Shop) -> None:
    order_id = await shop.captured()

    answer = await shop.api("POST", f"/orders/{order_id}/captures")

    assert answer.http_status == 400
    judged = await shop.judged(order_id)
    assert judged["captured"] == 6000
    assert judged["history"][-1]["event"] == "CAPTURE_REFUSED"


async def test_an_unpaid_order_cannot_be_captured(shop: Shop) -> None:
    order_id = await shop.order()

    answer = await shop.api("POST", f"/orders/{order_id}/captures")

    assert answer.http_status == 400
    assert await shop.status_of(order_id) == "NEW"


async def test_the_deprecated_status_call_captures_too(shop: Shop) -> None:
    order_id = await shop.paid()
    body = {"orderId": order_id, "orderStatus": "COMPLETED"}

    answer = await shop.api("PUT", f"/orders/{order_id}/status", body)

    assert answer.http_status == 200
    assert await shop.status_of(order_id) == "COMPLETED"


async def test_auto_receive_completes_at_once(auto_shop: Shop) -> None:
    order_id = await auto_shop.paid()

    notices = await auto_shop.notified(2)

    assert [notice.status for notice in notices] == ["PENDING", "COMPLETED"]
    assert "localReceiptDateTime" not in notices[0].body
    assert "localReceiptDateTime" in notices[1].body
    assert (await auto_shop.judged(order_id))["captured"] == 6000


async def test_an_unpaid_order_is_cancelled_by_one_delete(shop: Shop) -> None:
    order_id = await shop.order(extOrderId="booking-1")

    answer = await shop.api("DELETE", f"/orders/{order_id}")

    assert answer.http_status == 200
    assert answer.body["extOrderId"] == "booking-1"
    assert answer.status["statusCode"] == "SUCCESS"
    assert await shop.status_of(order_id) == "CANCELED"
    assert [notice.status for notice in await shop.notified(1)] == ["CANCELED"]


async def test_an_authorised_order_takes_two_deletes(shop: Shop) -> None:
    order_id = await shop.paid()

    first = await shop.api("DELETE", f"/orders/{order_id}")
    between = await shop.status_of(order_id)
    second = await shop.api("DELETE", f"/orders/{order_id}")

    assert (first.http_status, second.http_status) == (200, 200)
    assert between == "WAITING_FOR_CONFIRMATION"
    assert await shop.status_of(order_id) == "CANCELED"
    assert (await shop.judged(order_id))["captured"] == 0


async def test_a_final_order_cannot_be_cancelled(shop: Shop) -> None:
    order_id = await shop.captured()

    answer = await shop.api("DELETE", f"/orders/{order_id}")

    assert answer.http_status == 400
    assert await shop.status_of(order_id) == "COMPLETED"


async def test_an_order_is_cancelled_when_its_validity_runs_out(shop: Shop) -> None:
    order_id = await shop.order(validityTime="580")
    await shop.control("POST", "/clock", {"offset_seconds": 579})
    before = await shop.status_of(order_id)

    await shop.control("POST", "/clock", {"advance_seconds": 2})

    assert before == "NEW"
    assert await shop.status_of(order_id) == "CANCELED"
    assert [notice.status for notice in await shop.notified(1)] == ["CANCELED"]


async def test_validity_runs_out_by_itself(shop: Shop) -> None:
    order_id = await shop.order(validityTime="1")

    (notice,) = await shop.notified(1)

    assert (notice.order_id, notice.status) == (order_id, "CANCELED")


async def test_an_expired_order_cannot_be_paid(shop: Shop) -> None:
    order_id = await shop.order(validityTime="580")
    await shop.control("POST", "/clock", {"offset_seconds": 600})

    answer = await shop.control("POST", f"/orders/{order_id}/pay")

    assert answer.http_status == 409
    assert (await shop.judged(order_id))["captured"] == 0


async def test_a_declined_order_is_cancelled_and_its_transaction_says_why(shop: Shop) -> None:
    order_id = await shop.order()

    await shop.control("POST", f"/orders/{order_id}/decline")

    answer = await shop.api("GET", f"/orders/{order_id}/transactions")
    (transaction,) = answer.body["transactions"]
    assert await shop.status_of(order_id) == "CANCELED"
    assert transaction["card"]["cardData"]["cardResponseCode"] == "S05"
    assert transaction["card"]["cardData"]["cardNumberMasked"] == "444433******1111"
    assert transaction["resultCode"] == "AUT_ERROR_NO_AUTHORIZATION"


async def test_a_payer_may_try_again_after_a_decline_that_is_not_final(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.control("POST", f"/orders/{order_id}/decline", {"final": False})
    between = await shop.status_of(order_id)

    await shop.control("POST", f"/orders/{order_id}/pay")

    assert between == "PENDING"
    assert await shop.status_of(order_id) == "WAITING_FOR_CONFIRMATION"


async def test_an_authorisation_lapses_after_a_week(shop: Shop) -> None:
    order_id = await shop.paid()

    await shop.control("POST", "/clock", {"offset_seconds": 7 * 86400 + 1})

    assert (await shop.judged(order_id))["status"] == "CANCELED"


async def test_a_new_order_has_no_transactions(shop: Shop) -> None:
    order_id = await shop.order()

    answer = await shop.api("GET", f"/orders/{order_id}/transactions")

    assert answer.http_status == 404


async def test_the_automatic_payer_pays_each_new_order(shop: Shop) -> None:
    await shop.control("POST", "/behaviour", {"auto_pay_after_ms": 20})

    await shop.order()

    notices = await shop.notified(2)
    assert [notice.status for notice in notices] == ["PENDING", "WAITING_FOR_CONFIRMATION"]
