"""What payment tells about an order, for booking to explain it."""

from uuid import uuid4

from services.common.money import Money
from services.common.stories import Story, StoryReader
from services.payment.adapters.story import STORY
from services.payment.domain.refund import RefundReason, RefundStatus
from tests.integration.payment.shop import Shop

TICKETS = Money("RON", 6000)


async def told(shop: Shop) -> Story:
    return await StoryReader(shop.database, STORY)(shop.reference_id)


async def test_attempts_books_refunds_and_events_are_told_in_their_order(shop: Shop) -> None:
    await shop.captured()
    await shop.cases.refund_payment(
        "booking", shop.reference_id, uuid4(), TICKETS, RefundReason.CANCELLATION
    )
    await shop.idle()
    under_way = await told(shop)
    shop.provider.settle_refunds((await shop.order()).order_id, RefundStatus.COMPLETED)
    await shop.step()

    story = [(line.what, line.detail) for line in (await told(shop)).lines]

    assert story[0] == ("PAYMENT_CREATED", "6400 RON")
    # What is written in one transaction has times that differ by microseconds.
    steps = [what for what, _ in story if what not in {"EVENT", "BOOKED"}]
    assert steps == [
        "PAYMENT_CREATED",
        "ATTEMPT_GRANTED",
        "CAPTURE_SENT",
        "REFUND_REQUESTED",
        "REFUND_COMPLETED",
    ]
    assert ("BOOKED", "CAPTURE 6400 RON") in story
    assert ("REFUND_COMPLETED", "6000 RON") in story
    asked = [line.detail for line in under_way.lines if line.what == "REFUND_REQUESTED"]
    assert asked == ["6000 RON CANCELLATION now SENT"]
    events = [detail for what, detail in story if what == "EVENT"]
    assert events == await shop.events()
    assert "ana@example.com" not in str(story)


async def test_nothing_is_told_of_what_payment_does_not_know(shop: Shop) -> None:
    assert await told(shop) == Story([])
