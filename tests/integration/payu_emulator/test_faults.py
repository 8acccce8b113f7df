import asyncio
import time

import aiohttp
import pytest

from tests.integration.payu_emulator.shop import Shop


async def test_a_lost_create_answer_leaves_an_order_that_can_be_found(shop: Shop) -> None:
    await shop.fault("lost_answer", on="create", order="booking-1", times=1)

    with pytest.raises(aiohttp.ClientError):
        await shop.create(extOrderId="booking-1")

    again = await shop.create(extOrderId="booking-1")
    assert again.status["statusCode"] == "ERROR_ORDER_NOT_UNIQUE"
    assert await shop.status_of(again.body["orderId"]) == "NEW"


async def test_a_lost_capture_answer_has_captured(shop: Shop) -> None:
    order_id = await shop.paid()
    await shop.fault("lost_answer", on="capture", order=order_id, times=1)

    with pytest.raises(aiohttp.ClientError):
        await shop.api("POST", f"/orders/{order_id}/captures")

    assert await shop.status_of(order_id) == "COMPLETED"
    assert (await shop.judged(order_id))["captured"] == 6000


async def test_a_late_capture_answer_captures_before_it_answers(shop: Shop) -> None:
    order_id = await shop.paid()
    await shop.fault("late_answer", on="capture", delay_ms=60_000, times=1)

    call = asyncio.ensure_future(shop.api("POST", f"/orders/{order_id}/captures"))
    await shop.notified_until(lambda: any(each.status == "COMPLETED" for each in shop.notices))

    assert not call.done()
    call.cancel()


async def test_a_slow_call_takes_its_time(shop: Shop) -> None:
    await shop.fault("slow", on="create", delay_ms=50, times=1)
    before = time.monotonic()

    answer = await shop.create()

    assert answer.http_status == 302
    assert time.monotonic() - before >= 0.05


@pytest.mark.parametrize("http_status", [408, 429, 500, 503])
async def test_a_scripted_status_comes_without_effect(shop: Shop, http_status: int) -> None:
    await shop.fault("answer", on="create", http_status=http_status, times=1)

    refused = await shop.create(extOrderId="booking-1")
    accepted = await shop.create(extOrderId="booking-1")

    assert refused.http_status == http_status
    assert refused.status["statusCode"]
    assert accepted.http_status == 302


async def test_a_gateway_fault_can_be_html(shop: Shop) -> None:
    await shop.fault("answer", on="create", body="html", times=1)

    answer = await shop.create()

    assert answer.http_status == 503
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_gateway_fault_can_be_an_integer_status(shop: Shop) -> None:
    await shop.fault("answer", on="create", http_status=500, body="bare", times=1)

    answer = await shop.create()

    assert answer.body == {"status": 500}


async def test_an_outage_hits_one_operation_and_spares_the_rest(shop: Shop) -> None:
    order_id = await shop.paid()
    await shop.fault("outage", on="capture")

    with pytest.raises(aiohttp.ClientError):
        await shop.api("POST", f"/orders/{order_id}/captures")

    assert await shop.status_of(order_id) == "WAITING_FOR_CONFIRMATION"


async def test_a_partial_outage_hits_a_share_of_the_calls(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.fault("answer", on="read", share=0.5)

    answers = [await shop.api("GET", f"/orders/{order_id}") for _ in range(40)]

    assert {answer.http_status for answer in answers} == {200, 503}


async def test_a_fault_of_one_order_spares_the_others(shop: Shop) -> None:
    await shop.fault("answer", on="create", order="booking-*")

    hit = await shop.create(extOrderId="booking-1")
    spared = await shop.create(extOrderId="other-1")

    assert (hit.http_status, spared.http_status) == (503, 302)


async def test_faults_can_be_listed_and_cleared(shop: Shop) -> None:
    await shop.fault("outage", on="create")
    listed = (await shop.control("GET", "/faults")).body["faults"]

    await shop.control("DELETE", "/faults")

    assert [fault["kind"] for fault in listed] == ["outage"]
    assert (await shop.create()).http_status == 302


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "explode"},
        {"kind": "slow", "on": "everything"},
        {"kind": "slow", "delay_ms": "long"},
        {"kind": "algorithm", "algorithm": "CRC"},
        {"kind": "slow", "mood": "bad"},
    ],
)
async def test_an_unknown_fault_is_refused(shop: Shop, spec: dict[str, object]) -> None:
    answer = await shop.control("POST", "/faults", spec)

    assert answer.http_status == 400


async def test_a_fault_of_an_amount_spares_other_amounts(shop: Shop) -> None:
    await shop.fault("answer", on="create", amount=1313, http_status=503)
    await shop.fault("drop", status="WAITING_FOR_CONFIRMATION", amount=1414)

    struck = await shop.create(totalAmount="1313")
    spared = await shop.create(totalAmount="1314")
    silent = await shop.paid(totalAmount="1414")

    assert (struck.http_status, spared.http_status) == (503, 302)
    told = (await shop.judged(silent))["notifications"]
    assert [each["state"] for each in told if each["status"] != "PENDING"] == ["dropped"]
