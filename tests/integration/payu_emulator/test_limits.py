import pytest

from deploy.payu_emulator import store
from tests.integration.payu_emulator.shop import Shop


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "max_finished_orders_in_memory", 2)
    monkeypatch.setattr(store, "max_live_orders", 20)


@pytest.mark.usefixtures("small_memory")
async def test_an_order_that_left_the_memory_is_still_known(shop: Shop) -> None:
    order_ids = [
        await shop.captured(extOrderId=f"booking-{number}", notifyUrl=None) for number in range(6)
    ]

    again = await shop.create(extOrderId="booking-0")
    refund = await shop.refund(order_ids[0], extRefundId="refund-1")

    assert again.body["orderId"] == order_ids[0]
    assert refund.body["refund"]["amount"] == "6000"
    assert (await shop.judged(order_ids[0]))["captured"] == 6000


@pytest.mark.usefixtures("small_memory")
async def test_too_many_unfinished_orders_are_refused_until_some_end(shop: Shop) -> None:
    order_ids = [await shop.order(notifyUrl=None) for _ in range(20)]
    refused = await shop.create()
    await shop.api("DELETE", f"/orders/{order_ids[0]}")

    accepted = await shop.create()

    assert refused.http_status == 503
    assert refused.status["statusCode"] == "SERVICE_NOT_AVAILABLE"
    assert accepted.http_status == 302


async def test_a_body_beyond_the_limit_is_refused(shop: Shop) -> None:
    answer = await shop.create(description="x" * 300_000)

    assert answer.http_status == 413
