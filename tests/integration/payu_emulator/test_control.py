from tests.integration.payu_emulator.shop import Shop


async def test_all_orders_are_listed_in_pages_with_their_money(shop: Shop) -> None:
    order_ids = [await shop.captured() for _ in range(3)]
    await shop.refund(order_ids[0], amount="1000", extRefundId="refund-1")

    first = (await shop.control("GET", "/orders?limit=2")).body
    second = (await shop.control("GET", f"/orders?limit=2&after={first['next_after']}")).body

    listed = first["orders"] + second["orders"]
    assert [order["order_id"] for order in listed] == order_ids
    assert [order["captured"] for order in listed] == [6000, 6000, 6000]
    assert listed[0]["refunded"] + listed[0]["refund_pending"] == 1000
    assert second["next_after"] is None
    assert "page_token" not in listed[0]


async def test_an_order_is_found_by_its_ext_order_id(shop: Shop) -> None:
    order_id = await shop.order(extOrderId="booking-1")

    answer = await shop.control("POST", "/orders/booking-1/pay")

    assert answer.body == {"order_id": order_id, "status": "WAITING_FOR_CONFIRMATION"}


async def test_leaving_is_noted_in_the_history(shop: Shop) -> None:
    order_id = await shop.order()

    await shop.control("POST", f"/orders/{order_id}/leave")

    judged = await shop.judged(order_id)
    assert [entry["event"] for entry in judged["history"]] == ["CREATED", "PAGE_LEFT"]
    assert judged["status"] == "NEW"


async def test_totals_sum_up_by_status(shop: Shop) -> None:
    await shop.captured()
    await shop.order()

    totals = (await shop.control("GET", "/totals")).body["totals"]

    assert [(each["status"], each["orders"], each["captured"]) for each in totals] == [
        ("COMPLETED", 1, 6000),
        ("NEW", 1, 0),
    ]


async def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    answer = await shop.control("POST", "/orders/nothing/pay")

    assert answer.http_status == 404


async def test_a_reset_forgets_everything(shop: Shop) -> None:
    await shop.paid(extOrderId="booking-1")
    await shop.fault("outage", on="create")

    await shop.control("POST", "/reset")

    assert (await shop.control("GET", "/orders")).body["orders"] == []
    assert (await shop.create(extOrderId="booking-1")).http_status == 302


async def test_an_unknown_behaviour_is_refused_and_changes_nothing(shop: Shop) -> None:
    answer = await shop.control("POST", "/behaviour", {"retry_factor": 0.5, "mood": "bad"})

    assert answer.http_status == 400
    assert (await shop.control("GET", "/behaviour")).body["retry_factor"] == 0.0001
