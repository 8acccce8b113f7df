"""Orders as booking tells of them, and an account's points in a running wallet."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cinema.booking.v1 import events_pb2
from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import points_service_pb2 as pb
from google.protobuf.message import Message

from services.common.bus.apply import Applier
from services.common.bus.events import Event
from services.wallet.adapters.points import PointReader
from services.wallet.composition import subscriptions
from services.wallet.use_cases.settle_points import SettlePoints
from tests.kit.wallet_server import Wallet, as_account


async def tell(wallet: Wallet, order_id: UUID, version: int, message: Message) -> None:
    """Let booking tell the wallet something about an order."""
    event = Event(
        source="booking",
        id=uuid4(),
        type=message.DESCRIPTOR.name,
        aggregate_id=str(order_id),
        aggregate_version=version,
        feed_number=1,
        occur_time=datetime.now(UTC),
        correlation_id="request-1",
        traceparent="",
        payload=message.SerializeToString(),
    )
    subscription, _ = subscriptions(wallet.parts)
    await Applier(subscription, wallet.database).apply([event, event])


def confirmed(
    order_id: UUID, account_id: UUID | None, paid: int, *, cancellable: bool = False
) -> events_pb2.OrderConfirmed:
    """An order of so many minor units, that can still be cancelled for an hour, or no longer."""
    message = events_pb2.OrderConfirmed(
        order_id=str(order_id),
        screening_id=str(uuid4()),
        account_id=str(account_id) if account_id else "",
        money_paid=money_pb2.Money(currency_code="RON", minor_units=paid),
        tickets=2,
    )
    hours = 1 if cancellable else -1
    message.cancellable_until.FromDatetime(datetime.now(UTC) + timedelta(hours=hours))
    return message


async def an_order(
    wallet: Wallet, account_id: UUID | None, paid: int, *, cancellable: bool = False
) -> UUID:
    order_id = uuid4()
    await tell(wallet, order_id, 1, confirmed(order_id, account_id, paid, cancellable=cancellable))
    return order_id


async def settle(wallet: Wallet) -> None:
    """Do what the worker does from time to time."""
    parts = wallet.parts
    await SettlePoints(
        parts.transactions,
        PointReader(parts.database, parts.settings.time_zone),
        parts.points_policy,
        100,
    )()


async def points(wallet: Wallet, account_id: UUID) -> tuple[int, int, int]:
    """Points to redeem, pending and owed."""
    read = await wallet.points.GetPoints(pb.GetPointsRequest(), metadata=as_account(account_id))
    return read.balance, read.pending, read.debt


async def redeem(wallet: Wallet, account_id: UUID, product: str, request_id: str = "") -> Any:
    request = pb.RedeemPointsRequest(product_code=product, request_id=request_id or str(uuid4()))
    return await wallet.points.RedeemPoints(request, metadata=as_account(account_id))
