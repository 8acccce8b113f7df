import hashlib

import pytest

from deploy.payu_emulator.notifications import RETRY_LADDER_S
from deploy.payu_emulator.signature import digest
from tests.integration.payu_emulator.shop import Notice, Shop


def signature_of(notice: Notice) -> dict[str, str]:
    parts = notice.headers["OpenPayu-Signature"].split(";")
    return dict(part.split("=", 1) for part in parts)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8375034eb737d520c829fad4026a38aa"),
        ("SHA-256", "8b2fd55b48f150347df56ce18d787335f32ced1d67f214016476f7c0a8f09981"),
    ],
)
def test_the_signature_agrees_with_the_known_vectors(algorithm: str, expected: str) -> None:
    assert digest(b"OpenPayUData", "SignatureKey", algorithm) == expected


async def test_a_notification_is_signed_over_its_raw_body(shop: Shop) -> None:
    await shop.paid()

    (notice, *_) = await shop.notified(2)

    signature = signature_of(notice)
    assert signature["sender"] == "checkout"
    assert signature["content"] == "DOCUMENT"
    assert signature["algorithm"] == "SHA-256"
    assert signature["signature"] == hashlib.sha256(notice.raw + b"key of ron").hexdigest()
    assert notice.headers["X-OpenPayU-Signature"] == notice.headers["OpenPayu-Signature"]


async def test_md5_can_be_chosen(shop: Shop) -> None:
    await shop.control("POST", "/behaviour", {"signature_algorithm": "MD5"})
    await shop.paid()

    (notice, *_) = await shop.notified(2)

    signature = signature_of(notice)
    assert signature["algorithm"] == "MD5"
    assert signature["signature"] == digest(notice.raw, "key of ron", "MD5")


async def test_each_point_of_sale_signs_with_its_own_key(auto_shop: Shop) -> None:
    await auto_shop.paid()

    (notice, *_) = await auto_shop.notified(2)

    assert signature_of(notice)["signature"] == digest(notice.raw, "key of eur", "SHA-256")


async def test_a_notification_tells_the_whole_order(shop: Shop) -> None:
    order_id = await shop.paid(extOrderId="booking-1")

    (_, notice) = await shop.notified(2)

    order = notice.body["order"]
    assert order["orderId"] == order_id
    assert order["extOrderId"] == "booking-1"
    assert order["merchantPosId"] == "300746"
    assert order["currencyCode"] == "RON"
    assert order["totalAmount"] == "6000"
    assert order["status"] == "WAITING_FOR_CONFIRMATION"
    assert notice.body["properties"][0]["name"] == "PAYMENT_ID"


async def test_a_notification_is_repeated_with_the_same_bytes_until_200(shop: Shop) -> None:
    shop.answers = [500, 404, 302, 201]
    await shop.order(validityTime="1")

    notices = await shop.notified(5)

    assert len({notice.raw for notice in notices}) == 1


async def test_a_failing_notification_keeps_the_order_of_statuses(shop: Shop) -> None:
    shop.answers = [500, 500, 500]
    order_id = await shop.paid()
    await shop.api("POST", f"/orders/{order_id}/captures")

    notices = await shop.notified_until(lambda: shop.notices[-1].status == "COMPLETED")

    told = list(dict.fromkeys(notice.status for notice in notices))
    assert told == ["PENDING", "WAITING_FOR_CONFIRMATION", "COMPLETED"]


async def test_an_endless_failure_is_given_up_after_the_ladder(shop: Shop) -> None:
    await shop.control("POST", "/behaviour", {"retry_factor": 0})
    shop.answers = [500] * 100
    order_id = await shop.order(validityTime="1")

    await shop.notified(len(RETRY_LADDER_S))

    judged = await shop.judged(order_id)
    while judged["notifications"][0]["state"] == "pending":
        judged = await shop.judged(order_id)
    assert judged["notifications"][0]["state"] == "given_up"
    assert len(shop.notices) == len(RETRY_LADDER_S) == 20


async def test_an_order_without_a_notify_url_tells_nobody(shop: Shop) -> None:
    order_id = await shop.paid(notifyUrl=None)

    assert (await shop.judged(order_id))["notifications"] == []


async def test_duplicates_are_the_same_bytes_again(shop: Shop) -> None:
    await shop.fault("duplicate", status="WAITING_FOR_CONFIRMATION", copies=2)
    await shop.paid()

    notices = await shop.notified(4)

    assert [notice.status for notice in notices] == ["PENDING", *["WAITING_FOR_CONFIRMATION"] * 3]
    assert len({notice.raw for notice in notices[1:]}) == 1


async def test_reordered_notifications_come_after_the_next_one(shop: Shop) -> None:
    await shop.fault("reorder", status="WAITING_FOR_CONFIRMATION")
    order_id = await shop.paid()
    await shop.api("POST", f"/orders/{order_id}/captures")

    notices = await shop.notified(3)

    statuses = [notice.status for notice in notices]
    assert statuses == ["PENDING", "COMPLETED", "WAITING_FOR_CONFIRMATION"]


async def test_a_dropped_notification_never_comes(shop: Shop) -> None:
    await shop.fault("drop", status="PENDING")
    order_id = await shop.paid()

    (notice,) = await shop.notified(1)

    states = [each["state"] for each in (await shop.judged(order_id))["notifications"]]
    assert notice.status == "WAITING_FOR_CONFIRMATION"
    assert states[0] == "dropped"


async def test_a_delayed_notification_comes_days_later(shop: Shop) -> None:
    await shop.fault("delay", status="COMPLETED", delay_ms=3 * 86_400_000)
    order_id = await shop.captured()
    await shop.notified(2)
    before = [notice.status for notice in shop.notices]

    await shop.control("POST", "/clock", {"offset_seconds": 3 * 86400 + 1})

    notices = await shop.notified(3)
    assert "COMPLETED" not in before
    assert (notices[2].order_id, notices[2].status) == (order_id, "COMPLETED")


async def test_a_bad_signature_is_sent_as_often_as_scripted(shop: Shop) -> None:
    await shop.fault("bad_signature", status="PENDING", times=1)
    shop.answers = [401]
    await shop.paid()

    (bad, good, *_) = await shop.notified(3)

    assert bad.raw == good.raw
    assert signature_of(bad)["signature"] != digest(bad.raw, "key of ron", "SHA-256")
    assert signature_of(good)["signature"] == digest(good.raw, "key of ron", "SHA-256")


async def test_the_signature_can_be_left_out(shop: Shop) -> None:
    await shop.fault("no_signature", times=1)
    await shop.paid()

    (notice, *_) = await shop.notified(2)

    assert "OpenPayu-Signature" not in notice.headers


async def test_a_weaker_algorithm_can_be_scripted(shop: Shop) -> None:
    await shop.fault("algorithm", algorithm="SHA-1", times=1)
    await shop.paid()

    (notice, *_) = await shop.notified(2)

    assert signature_of(notice)["algorithm"] == "SHA-1"


async def test_a_notification_can_lie_about_the_amount(shop: Shop) -> None:
    await shop.fault("alter", status="WAITING_FOR_CONFIRMATION", fields={"totalAmount": "1"})
    await shop.paid()

    (_, notice) = await shop.notified(2)

    assert notice.body["order"]["totalAmount"] == "1"
    assert signature_of(notice)["signature"] == digest(notice.raw, "key of ron", "SHA-256")


async def test_a_stale_status_can_be_sent_after_the_end(shop: Shop) -> None:
    order_id = await shop.captured()
    await shop.notified(3)

    await shop.control("POST", f"/orders/{order_id}/notify", {"status": "CANCELED"})

    notices = await shop.notified(4)
    assert notices[3].status == "CANCELED"
    assert await shop.status_of(order_id) == "COMPLETED"


async def test_a_stale_status_can_be_scripted_after_another(shop: Shop) -> None:
    await shop.fault("stale", status="COMPLETED", fields={"status": "PENDING"})

    await shop.captured()
    notices = await shop.notified(4)

    assert [each.status for each in notices] == [
        "PENDING",
        "WAITING_FOR_CONFIRMATION",
        "COMPLETED",
        "PENDING",
    ]
