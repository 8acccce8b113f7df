import pytest

from tests.integration.payu_emulator.shop import Notice, Shop


@pytest.fixture
async def order_id(shop: Shop) -> str:
    order_id = await shop.captured(extOrderId="booking-1")
    await shop.notified(3)
    return order_id


async def settled(shop: Shop) -> Notice:
    return (await shop.notified_until(lambda: "refund" in shop.notices[-1].body))[-1]


async def test_a_refund_is_accepted_and_then_finalized(shop: Shop, order_id: str) -> None:
    answer = await shop.refund(order_id, amount="2500", extRefundId="refund-1")

    notice = await settled(shop)
    refund = answer.body["refund"]
    assert answer.http_status == 200
    assert answer.status["statusCode"] == "SUCCESS"
    assert (refund["status"], refund["amount"], refund["currencyCode"]) == (
        "PENDING",
        "2500",
        "RON",
    )
    assert (refund["extRefundId"], answer.body["orderId"]) == ("refund-1", order_id)
    assert "order" not in notice.body
    assert notice.body["extOrderId"] == "booking-1"
    assert notice.body["refund"]["status"] == "FINALIZED"
    assert notice.body["refund"]["refundId"] == refund["refundId"]


async def test_a_refund_without_an_amount_gives_everything_back(shop: Shop, order_id: str) -> None:
    answer = await shop.refund(order_id, extRefundId="refund-1")

    await settled(shop)
    judged = await shop.judged(order_id)
    assert answer.body["refund"]["amount"] == "6000"
    assert (judged["refunded"], judged["refund_pending"]) == (6000, 0)
    assert await shop.status_of(order_id) == "COMPLETED"


async def test_the_same_refund_again_is_the_earlier_one(shop: Shop, order_id: str) -> None:
    first = await shop.refund(order_id, amount="2500", extRefundId="refund-1")

    second = await shop.refund(order_id, amount="2500", extRefundId="refund-1")

    assert second.body["refund"]["refundId"] == first.body["refund"]["refundId"]
    assert len((await shop.judged(order_id))["refunds"]) == 1


async def test_equal_refunds_without_their_own_id_collapse_into_one(
    shop: Shop, order_id: str
) -> None:
    await shop.refund(order_id, amount="2500")

    await shop.refund(order_id, amount="2500")

    assert len((await shop.judged(order_id))["refunds"]) == 1


async def test_the_same_id_with_another_amount_is_a_mismatch(shop: Shop, order_id: str) -> None:
    await shop.refund(order_id, amount="2500", extRefundId="refund-1")

    answer = await shop.refund(order_id, amount="2400", extRefundId="refund-1")

    assert answer.http_status == 400
    assert answer.status["codeLiteral"] == "REFUND_IDEMPOTENCY_MISMATCH"


async def test_more_than_what_is_left_is_too_big(shop: Shop, order_id: str) -> None:
    await shop.refund(order_id, amount="4000", extRefundId="refund-1")

    answer = await shop.refund(order_id, amount="2001", extRefundId="refund-2")

    assert answer.http_status == 400
    assert answer.status["codeLiteral"] == "AMOUNT_TO_BIG"


async def test_only_the_captured_part_can_be_refunded(shop: Shop) -> None:
    order_id = await shop.paid()
    part = {"amount": "4000", "currencyCode": "RON"}
    await shop.api("POST", f"/orders/{order_id}/captures", part)

    answer = await shop.refund(order_id, amount="4001", extRefundId="refund-1")

    assert answer.status["codeLiteral"] == "AMOUNT_TO_BIG"


async def test_an_unfinished_order_cannot_be_refunded(shop: Shop) -> None:
    order_id = await shop.paid()

    answer = await shop.refund(order_id, extRefundId="refund-1")

    assert answer.http_status == 400
    assert answer.status["codeLiteral"] == "TRANS_NOT_ENDED"


async def test_an_accepted_refund_can_fail_later_and_frees_its_money(
    shop: Shop, order_id: str
) -> None:
    await shop.fault("refund_canceled", order="booking-1", error_code="BANK_DECLINED", times=1)
    failed = (await shop.refund(order_id, extRefundId="refund-1")).body["refund"]
    notice = await settled(shop)

    again = await shop.refund(order_id, extRefundId="refund-2")

    path = f"/orders/{order_id}/refunds/{failed['refundId']}"
    read = (await shop.api("GET", path)).body
    assert notice.body["refund"]["status"] == "CANCELED"
    assert (read["status"], read["statusError"]["code"]) == ("CANCELED", "BANK_DECLINED")
    assert again.body["refund"]["amount"] == "6000"


async def test_no_balance_comes_in_the_body_of_a_normal_answer(shop: Shop, order_id: str) -> None:
    await shop.fault("no_balance", times=1)

    refused = await shop.refund(order_id, extRefundId="refund-1")
    accepted = await shop.refund(order_id, extRefundId="refund-1")

    assert refused.http_status == 200
    assert refused.body["refund"]["status"] == "PENDING"
    assert refused.status["code"] == "9102"
    assert refused.status["codeLiteral"] == "NO_BALANCE"
    assert accepted.status["statusCode"] == "SUCCESS"
    assert len((await shop.judged(order_id))["refunds"]) == 1


async def test_no_refunds_read_as_false(shop: Shop, order_id: str) -> None:
    answer = await shop.api("GET", f"/orders/{order_id}/refunds")

    assert answer.body == {"refunds": False}


async def test_refunds_are_listed(shop: Shop, order_id: str) -> None:
    await shop.refund(order_id, amount="100", extRefundId="refund-1")
    await shop.refund(order_id, amount="200", extRefundId="refund-2")

    answer = await shop.api("GET", f"/orders/{order_id}/refunds")

    assert [refund["amount"] for refund in answer.body["refunds"]] == ["100", "200"]


async def test_an_unknown_refund_is_not_found(shop: Shop, order_id: str) -> None:
    answer = await shop.api("GET", f"/orders/{order_id}/refunds/5000400478")

    assert answer.http_status == 404
    assert answer.status["statusDesc"] == "Could not find refund [refundId=5000400478]"


async def test_a_refund_without_its_section_is_refused(shop: Shop, order_id: str) -> None:
    answer = await shop.api("POST", f"/orders/{order_id}/refunds", {})

    assert answer.http_status == 400
    assert answer.status["code"] == "8300"
    assert answer.status["codeLiteral"] == "MISSING_REFUND_SECTION"
