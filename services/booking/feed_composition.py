"""Puts together what is watched in an RPC process."""

from contextlib import AsyncExitStack

from services.booking.composition import Parts
from services.booking.config import BookingSettings
from services.booking.handlers.order_topic import OrderLook
from services.booking.handlers.seat_map_topic import SeatMapLook
from services.booking.handlers.watch_servicer import Feeds
from services.booking.order_composition import OrderUseCases
from services.booking.use_cases.watcher_places import WatcherPlaces
from services.common.feeds import Feed, Rhythm


async def open_feeds(parts: Parts, orders: OrderUseCases, stack: AsyncExitStack) -> Feeds:
    """Begin to look; the stack ends it."""
    settings = parts.settings
    seat_maps = Feed(
        SeatMapLook(parts.maps.read_moved),
        _rhythm(settings, interval_ms=settings.seat_map_message_interval_ms),
    )
    watched_orders = Feed(
        OrderLook(orders.store.read_moved),
        _rhythm(settings, interval_ms=settings.order_message_interval_ms),
    )
    await stack.enter_async_context(seat_maps.running())
    await stack.enter_async_context(watched_orders.running())
    feeds = Feeds(
        seat_maps,
        watched_orders,
        WatcherPlaces(
            settings.max_watches_per_caller,
            settings.max_watches_per_address,
            settings.max_watchers_per_subject,
        ),
    )
    await stack.enter_async_context(parts.hints.listening(feeds.hint, feeds.has_watchers))
    return feeds


def _rhythm(settings: BookingSettings, *, interval_ms: int) -> Rhythm:
    return Rhythm(
        interval_ms=interval_ms,
        look_ms=settings.watch_look_interval_ms,
        heartbeat_ms=settings.watch_heartbeat_interval_ms,
        max_age_ms=settings.max_watch_age_ms,
    )
