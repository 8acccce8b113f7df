"""Confirmations sent again: over a real channel, on a real PostgreSQL."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.hold import Hold
from services.common.mail.queue import take_due
from services.common.mail.sender import Rendered
from tests.integration.booking.orders.serving import AS_GUEST, Calls, a_request, pay
from tests.kit.booking_letters import order_mails
from tests.kit.booking_orders import TOKENS
from tests.kit.booking_rpc import Metadata, as_guest, as_staff, refused


async def bought(calls: Calls, hold: Hold) -> str:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    await pay(calls, placed.order)
    order_id: str = placed.order.id
    return order_id


def again(order_id: str, request_id: str = "") -> pb.ResendConfirmationRequest:
    return pb.ResendConfirmationRequest(order_id=order_id, request_id=request_id or str(uuid4()))


def with_token(order_id: str) -> Metadata:
    return (*as_guest(), ("x-order-token", TOKENS.token_of(UUID(order_id))))


async def letters(calls: Calls) -> dict[str, tuple[str, Rendered]]:
    """The confirmations in the queue: by ID, the recipient and the letter."""
    render = order_mails(calls.shop.use.store)
    mails = await take_due(calls.shop.process.database, 100)
    return {str(mail.id): (mail.recipient, await render(mail)) for mail in mails}


@pytest.mark.rule("OTC-16")
@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-42")
async def test_a_confirmation_comes_again_with_the_same_numbers_and_codes(
    calls: Calls, hold: Hold
) -> None:
    order_id = await bought(calls, hold)

    await calls.booking.ResendConfirmation(again(order_id), metadata=AS_GUEST)

    (first_to, first), (second_to, second) = (await letters(calls)).values()
    assert first_to == second_to == "ana@example.test"
    assert (first.subject, first.images) == (second.subject, second.images)
    assert len(second.images) == 2
    assert first.text == second.text


async def test_the_same_request_sends_one_email_however_often_it_comes(
    calls: Calls, hold: Hold
) -> None:
    request = again(await bought(calls, hold))

    for _ in range(15):
        await calls.booking.ResendConfirmation(request, metadata=AS_GUEST)

    assert len(await letters(calls)) == 2


async def test_the_token_of_the_order_and_customer_service_may_ask_and_others_may_not(
    calls: Calls, hold: Hold
) -> None:
    order_id = await bought(calls, hold)
    allowed = [with_token(order_id), as_staff("customer_service", cinemas=["1818"])]

    for caller in allowed:
        await calls.booking.ResendConfirmation(again(order_id), metadata=caller)
    strangers = [
        await refused(calls.booking.ResendConfirmation(again(order_id), metadata=caller))
        for caller in (
            as_guest(),
            as_staff("customer_service", cinemas=["1801"]),
            as_staff("usher"),
        )
    ]

    assert [each.reason for each in strangers] == [
        "ORDER_NOT_FOUND",
        "ORDER_NOT_FOUND",
        "PERMISSION_DENIED",
    ]
    assert len(await letters(calls)) == 1 + len(allowed)


async def test_too_often_is_refused_with_a_delay_and_sends_nothing(
    calls: Calls, hold: Hold
) -> None:
    order_id = await bought(calls, hold)
    for _ in range(10):
        await calls.booking.ResendConfirmation(again(order_id), metadata=AS_GUEST)

    refusal = await refused(calls.booking.ResendConfirmation(again(order_id), metadata=AS_GUEST))
    sent = len(await letters(calls))
    await calls.shop.process.move_clock(24 * 3_600)
    await calls.booking.ResendConfirmation(again(order_id), metadata=AS_GUEST)

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "CONFIRMATION_SENT_TOO_OFTEN",
    )
    assert 0 < (refusal.retry_after_ms or 0) <= 24 * 3_600_000
    assert sent == 11
    assert len(await letters(calls)) == 1


async def test_an_order_without_tickets_has_no_confirmation_to_send(
    calls: Calls, hold: Hold
) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)

    refusal = await refused(
        calls.booking.ResendConfirmation(again(placed.order.id), metadata=AS_GUEST)
    )

    assert (refusal.reason, refusal.metadata["state"]) == (
        "ORDER_NOT_CONFIRMED",
        "AWAITING_PAYMENT",
    )
    assert await letters(calls) == {}


async def test_the_timeline_tells_that_it_was_sent_again(calls: Calls, hold: Hold) -> None:
    order_id = await bought(calls, hold)

    await calls.booking.ResendConfirmation(again(order_id), metadata=AS_GUEST)

    answer = await calls.booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=AS_GUEST)
    assert answer.order.timeline[-1].what == "CONFIRMATION_SENT_AGAIN"
