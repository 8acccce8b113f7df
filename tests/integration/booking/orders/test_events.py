"""What orders do when payment and the wallet tell of something."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from cinema.payment.v1 import events_pb2 as payment_pb
from cinema.wallet.v1 import events_pb2 as wallet_pb
from google.protobuf.message import Message

from services.booking.domain.order import Order, OrderMoveError, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.order_composition import order_subscriptions
from services.common.bus.effects import take_effect
from services.common.bus.events import Event
from services.common.money import Money
from services.common.rpc.money import money_to_proto
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import SIGNER


async def told(shop: Shop, source: str, message: Message) -> None:
    """Consume one event as the worker does."""
    kind = type(message).__name__
    event = Event(
        source=source,
        id=uuid4(),
        type=kind,
        aggregate_id=str(uuid4()),
        aggregate_version=1,
        feed_number=1,
        occur_time=datetime.now(UTC),
        correlation_id="",
        traceparent="",
        payload=message.SerializeToString(),
    )
    [subscription] = [each for each in order_subscriptions(SIGNER) if each.source == source]
    async with shop.process.database.transaction() as tx:
        await take_effect(tx, subscription, [event])
        await tx.commit()


def confirmed(order: Order, amount: Money, *, owner: str = "booking") -> Message:
    return payment_pb.PaymentConfirmed(
        payment_id=str(uuid4()),
        owner=owner,
        reference_id=str(order.id),
        attempt=1,
        amount=money_to_proto(amount),
    )


@pytest.mark.rule("OTC-18")
async def test_a_captured_payment_confirms_the_order(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)
    await shop.pay(order)

    await told(shop, "payment", confirmed(order, order.money_due))

    assert (await shop.read(order)).state is OrderState.CONFIRMED
    assert await shop.count("ticket") == 2


@pytest.mark.rule("OTC-18")
@pytest.mark.rule("OTC-13b")
async def test_an_event_alone_confirms_nothing(shop: Shop, screening_id: UUID) -> None:
    ungranted = await shop.place(screening_id)
    granted = await shop.place(screening_id, ["B1", "B2"])
    await shop.pay(granted)

    with pytest.raises(OrderMoveError):
        await told(shop, "payment", confirmed(ungranted, ungranted.money_due))
    with pytest.raises(OrderMoveError):
        await told(shop, "payment", confirmed(granted, Money("RON", 1)))

    assert (await shop.read(ungranted)).state is OrderState.AWAITING_PAYMENT
    assert (await shop.read(granted)).state is OrderState.COMPLETING
    assert await shop.count("ticket") == 0


async def test_a_card_purchase_is_none_of_our_business(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)

    await told(shop, "payment", confirmed(order, order.money_due, owner="wallet"))

    assert (await shop.read(order)).state is OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize(
    "message",
    [payment_pb.PaymentFailed, payment_pb.PaymentExpired, payment_pb.PaymentCancelled],
)
async def test_an_attempt_that_ended_can_be_tried_again(
    shop: Shop, screening_id: UUID, message: type[Message]
) -> None:
    order = await shop.place(screening_id)
    fields = {"owner": "booking", "reference_id": str(order.id), "attempt": 1}

    for _ in range(2):
        await told(shop, "payment", message(**fields))

    failed = await shop.read(order)
    assert failed.state is OrderState.AWAITING_PAYMENT
    assert failed.leg("payment").state is LegState.FAILED
    assert [entry.what for entry in failed.timeline].count("PAYMENT_DECLINED") == 1


async def test_a_voucher_that_nobody_asked_for_is_not_taken(shop: Shop, screening_id: UUID) -> None:
    order = await shop.buy(screening_id)
    issued = wallet_pb.VoucherIssued(
        voucher_id=str(uuid4()), order_id=str(order.id), remedy_id=str(uuid4())
    )

    with pytest.raises(OrderMoveError):
        await told(shop, "wallet", issued)
