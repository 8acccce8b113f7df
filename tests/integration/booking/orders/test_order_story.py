"""Why an order is as it is: told across the services, for customer service."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.domain.whole_story import Teller, entry_of
from tests.integration.booking.orders.conftest import Shop
from tests.integration.booking.orders.serving import AS_GUEST, GUEST, Calls
from tests.kit.booking_rpc import as_account, as_staff, refused
from tests.kit.booking_seats import CINEMA_ID

CLERK = as_staff("customer_service", cinemas=[CINEMA_ID])
OTHER_CLERK = as_staff("customer_service", cinemas=["1806"])


async def buy(shop: Shop, screening_id: UUID) -> Order:
    order = await shop.place(screening_id, ["A1"], owner=GUEST)
    await shop.pay(order)
    return await shop.drive(order)


async def story_of(calls: Calls, order_id: Any, caller: Any = CLERK) -> pb.GetOrderStoryResponse:
    request = pb.GetOrderStoryRequest(order_id=str(order_id))
    answer: pb.GetOrderStoryResponse = await calls.booking.GetOrderStory(request, metadata=caller)
    return answer


async def test_what_all_services_did_is_told_in_the_order_of_time(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    placed_at = order.created_at
    payment, wallet = shop.stories
    payment.entries.append(
        entry_of(
            Teller.PAYMENT, placed_at + timedelta(days=1), "REFUND_REQUESTED", "6000 RON", "r-7"
        )
    )
    wallet.entries.append(
        entry_of(Teller.WALLET, placed_at - timedelta(days=1), "PLACES_RESERVE", "places-1 2")
    )

    story = await story_of(calls, order.id)

    whats = [entry.what for entry in story.entries]
    assert (story.order_number, story.correlation_id) == (order.number, str(order.id))
    assert (whats[0], whats[-1]) == ("PLACES_RESERVE", "REFUND_REQUESTED")
    assert [entry.service for entry in story.entries][1:-1] == ["booking"] * (len(whats) - 2)
    assert {"ORDER_PLACED", "PAYMENT_GRANTED", "ORDER_CONFIRMED", "MAIL_QUEUED"} <= set(whats)
    assert (story.entries[-1].text, story.entries[-1].correlation_id) == (
        "Money is given back: 6000 RON.",
        "r-7",
    )
    assert all(entry.text for entry in story.entries)
    times = [entry.time.ToNanoseconds() for entry in story.entries]
    assert times == sorted(times)
    assert not story.missing


async def test_events_are_told_with_the_request_that_caused_them(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    await shop.process.database.execute("UPDATE outbox SET correlation_id = 'request-1'")

    story = await story_of(calls, order.id)

    events = [entry for entry in story.entries if entry.what == "EVENT"]
    assert [entry.detail for entry in events] == ["OrderPlaced", "OrderConfirmed"]
    assert {entry.correlation_id for entry in events} == {"request-1"}


async def test_who_does_not_answer_is_named_and_the_rest_is_told(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    payment, wallet = shop.stories
    payment.is_away, wallet.is_cut = True, True

    story = await story_of(calls, order.id)

    assert [(part.service, part.reason) for part in story.missing] == [
        ("payment", "DEPENDENCY_UNAVAILABLE"),
        ("wallet", "TOO_LONG"),
    ]
    assert "ORDER_CONFIRMED" in [entry.what for entry in story.entries]


async def test_what_became_of_the_email_is_told(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    await shop.process.database.execute(
        "UPDATE mail SET give_up_time = clock_timestamp(), last_problem = 'SMTPRecipientsRefused'"
    )

    story = await story_of(calls, order.id)

    told = {entry.what: entry.detail for entry in story.entries}
    assert told["MAIL_QUEUED"] == "order-confirmed"
    assert told["MAIL_GIVEN_UP"] == "order-confirmed SMTPRecipientsRefused"


@pytest.mark.rule("OTC-48.4-6")
async def test_only_customer_service_of_the_cinema_reads_it_audited_and_nothing_is_personal(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)

    story = await story_of(calls, order.id)
    elsewhere = await refused(story_of(calls, order.id, OTHER_CLERK))
    unknown = await refused(story_of(calls, uuid4()))
    denied = [
        await refused(story_of(calls, order.id, caller))
        for caller in (AS_GUEST, as_account(uuid4()), as_staff("usher"))
    ]
    audited = await shop.process.database.fetch("SELECT action, subject FROM audit")

    assert {elsewhere.reason, unknown.reason} == {"ORDER_NOT_FOUND"}
    assert (elsewhere.code, elsewhere.domain) == (unknown.code, unknown.domain)
    assert {each.code for each in denied} == {grpc.StatusCode.PERMISSION_DENIED}
    assert [tuple(row.values()) for row in audited] == [("ReadOrder", str(order.id))]
    for personal in ("Ana", "Ionescu", "ana@example.test", "127.0.0.1"):
        assert personal not in str(story)
