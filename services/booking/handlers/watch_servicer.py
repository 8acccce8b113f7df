"""The calls of BookingService that watch: unpack, begin, pass the messages on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.board_history import BoardHistory
from services.booking.handlers.callers import reader_of
from services.booking.handlers.order_topic import OrderTopic
from services.booking.handlers.seat_map_topic import BoardMark, SeatMapTopic
from services.booking.use_cases.get_order import GetOrder
from services.booking.use_cases.get_seat_map import GetSeatMap
from services.booking.use_cases.watcher_places import Watcher, WatcherPlaces
from services.common.feeds import Feed
from services.common.rpc.call import CallerKind, current_call

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds of a process, one for each kind of thing, and the places of their watchers."""

    seat_maps: Feed[SeatMapTopic]
    orders: Feed[OrderTopic]
    places: WatcherPlaces

    def hint(self, key: UUID) -> None:
        """Look soon at what changed, whatever it is."""
        self.seat_maps.hint(key)
        self.orders.hint(key)

    def has_watchers(self) -> bool:
        return bool(self.seat_maps.watchers or self.orders.watchers)

    def finish(self) -> None:
        """Let all watchers go: the server stops."""
        self.seat_maps.finish()
        self.orders.finish()


@dataclass(frozen=True)
class WatchServicer:
    """The calls that answer with a stream of changes."""

    get_seat_map: GetSeatMap
    get_order: GetOrder
    feeds: Feeds

    async def WatchSeatMap(
        self, request: pb.WatchSeatMapRequest, context: Context
    ) -> AsyncIterator[pb.WatchSeatMapResponse]:
        del context
        screening_id = UUID(request.screening_id)
        mark = BoardMark(request.epoch, request.revision) if request.revision else None
        with self.feeds.places.taken(watcher_of_call(), screening_id):
            seat_map = await self.get_seat_map.as_new_as(
                screening_id, request.epoch, request.revision
            )
            topic = SeatMapTopic(BoardHistory(seat_map))
            async with aclosing(self.feeds.seat_maps.watch(topic, mark)) as messages:
                async for message in messages:
                    # Bytes are sent as they are.
                    yield cast("pb.WatchSeatMapResponse", message)

    async def WatchOrder(
        self, request: pb.WatchOrderRequest, context: Context
    ) -> AsyncIterator[pb.WatchOrderResponse]:
        del context
        order_id, mark = UUID(request.order_id), request.after_version or None
        with self.feeds.places.taken(watcher_of_call(), order_id):
            order = await self.get_order(order_id, reader_of(current_call()))
            async with aclosing(self.feeds.orders.watch(OrderTopic(order), mark)) as messages:
                async for message in messages:
                    yield cast("pb.WatchOrderResponse", message)


def watcher_of_call() -> Watcher:
    """Say by whom the present call's stream is counted."""
    call = current_call()
    if call.caller.kind is CallerKind.ANONYMOUS:
        return Watcher(call.peer_address(), is_known=False)
    return Watcher(call.caller.principal, is_known=True)
