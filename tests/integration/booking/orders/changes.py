"""Catalog's news of a screening, and the workers that act upon them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cinema.catalog.v1 import events_pb2
from cinema.catalog.v1.screening_pb2 import CANCELLATION_CAUSE_TECHNICAL
from google.protobuf.message import Message

from services.booking.adapters.facts_marks import FactsMarkStore
from services.booking.adapters.screening_changes import ScreeningChangeNotes
from services.booking.domain.order import Order
from services.booking.handlers.catalog_consumer import CatalogConsumer
from services.booking.job_composition import screening_jobs
from services.common.bus.apply import Applier
from services.common.bus.events import Event
from tests.integration.booking.orders.conftest import Shop


async def tell(shop: Shop, message: Message, *, times: int = 1) -> None:
    """Catalog's event comes, so often; the first one that is told has the version 2."""
    told: Any = message
    number = told.version - 1
    event = Event(
        source="catalog",
        id=uuid4(),
        type=message.DESCRIPTOR.name,
        aggregate_id=told.screening_id,
        aggregate_version=number,
        feed_number=number,
        occur_time=datetime.now().astimezone(),
        correlation_id="staff-1",
        traceparent="",
        payload=message.SerializeToString(),
    )
    consumer = CatalogConsumer(FactsMarkStore, ScreeningChangeNotes)
    for _ in range(times):
        await Applier(consumer.subscription(), shop.process.database).apply([event])


async def now_of(shop: Shop) -> datetime:
    now: datetime = await shop.process.database.fetchval("SELECT app_clock()")
    return now


async def called_off(
    shop: Shop,
    screening_id: UUID,
    start: datetime,
    *,
    at: datetime | None = None,
    attributable: bool = True,
) -> Message:
    """The screening is called off now, or at a moment."""
    message = events_pb2.ScreeningCancelled(
        screening_id=str(screening_id),
        version=2,
        cause=CANCELLATION_CAUSE_TECHNICAL,
        attributable=attributable,
    )
    message.cancel_time.FromDatetime(at or await now_of(shop))
    message.start_time.FromDatetime(start)
    return message


async def moved(shop: Shop, screening_id: UUID, order: Order, by: timedelta) -> Message:
    message = events_pb2.ScreeningChanged(
        screening_id=str(screening_id),
        version=2,
        changes=[events_pb2.ScreeningChanged.CHANGE_START],
    )
    message.change_time.FromDatetime(await now_of(shop))
    message.old_start_time.FromDatetime(order.screening.start_time)
    message.start_time.FromDatetime(order.screening.start_time + by)
    return message


async def work(shop: Shop) -> None:
    """Let a worker do all that is due now."""
    run = screening_jobs(shop.process.database)
    while await run():
        pass
