"""BookingService: unpack, one use case, pack."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2
from cinema.booking.v1.booking_service_pb2_grpc import BookingServiceServicer

from services.booking.domain.hold import Hold
from services.booking.domain.seat_wish import Wish
from services.booking.domain.seats import SeatMap
from services.booking.domain.session import SessionChannel
from services.booking.domain.ticket_choice import TicketCount
from services.booking.handlers.complaint_servicer import ComplaintServicer
from services.booking.handlers.converters import (
    HoldResponse,
    held_to_proto,
    hold_fields,
    pack_seat_map,
    pack_tenders,
    party_of,
    tenders_to_proto,
)
from services.booking.handlers.desk_servicer import DeskServicer
from services.booking.handlers.order_servicer import OrderServicer
from services.booking.handlers.watch_servicer import WatchServicer
from services.booking.use_cases.change_hold import Change, ChangeHold
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.list_tenders import ListTenders
from services.booking.use_cases.release_hold import ReleaseHold
from services.booking.use_cases.start_session import StartSession
from services.common.bounded_cache import BoundedCache
from services.common.errors import RepeatedRequest
from services.common.rpc.call import Caller, CallerKind, current_call, current_caller
from services.common.rpc.idempotency import RequestKey, answer_of, request_key
from services.common.rpc.times import timestamp_of

MAX_PACKED_MAPS = 1_000

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class BookingServicer(
    DeskServicer, ComplaintServicer, OrderServicer, WatchServicer, BookingServiceServicer
):
    """One use case for each call; here are those about seats."""

    start_session: StartSession
    hold_seats: HoldSeats
    get_hold: GetHold
    change_hold: ChangeHold
    release_hold: ReleaseHold
    list_tenders: ListTenders
    _packed_maps: BoundedCache[UUID, tuple[SeatMap, bytes]] = field(
        default_factory=lambda: BoundedCache(MAX_PACKED_MAPS)
    )

    async def StartSession(
        self, request: pb.StartSessionRequest, context: Context
    ) -> pb.StartSessionResponse:
        del request, context
        call = current_call()
        channel = SessionChannel(channel_of(call.caller))
        session = await self.start_session(call.peer_address(), channel)
        return pb.StartSessionResponse(
            session_token=session.token, expire_time=timestamp_of(session.expires_at)
        )

    async def GetSeatMap(
        self, request: pb.GetSeatMapRequest, context: Context
    ) -> pb.GetSeatMapResponse:
        del context
        seat_map = await self.get_seat_map(
            UUID(request.screening_id), epoch=request.epoch, min_revision=request.min_revision
        )
        # Bytes are sent as they are.
        return cast("pb.GetSeatMapResponse", self._packed(seat_map))

    async def HoldSeats(
        self, request: pb.HoldSeatsRequest, context: Context
    ) -> pb.HoldSeatsResponse:
        del context
        caller = current_caller()
        wish = Wish(
            screening_id=UUID(request.screening_id),
            owner=caller.principal,
            channel=channel_of(caller),
            seat_ids=list(request.seat_ids),
            tickets=_tickets(request.tickets),
            promotion_code=request.promotion_code,
            party=party_of(request.best_seats) if request.HasField("best_seats") else None,
            or_suggest=request.or_suggest,
        )
        key = request_key(request, held_to_proto)
        answer = await self._held(pb.HoldSeatsResponse, request, key, self.hold_seats(wish, key))
        return cast("pb.HoldSeatsResponse", answer)

    async def GetHold(self, request: pb.GetHoldRequest, context: Context) -> pb.GetHoldResponse:
        del context
        hold = await self.get_hold(
            UUID(request.screening_id), UUID(request.hold_id), current_caller().principal
        )
        return pb.GetHoldResponse(hold=hold_fields(hold))

    async def ChangeHold(
        self, request: pb.ChangeHoldRequest, context: Context
    ) -> pb.ChangeHoldResponse:
        del context
        change = Change(
            screening_id=UUID(request.screening_id),
            hold_id=UUID(request.hold_id),
            owner=current_caller().principal,
            seat_ids=list(request.seat_ids),
            tickets=_tickets(request.tickets),
            promotion_code=request.promotion_code,
        )
        key = request_key(request, lambda hold: pb.ChangeHoldResponse(hold=hold_fields(hold)))
        answer = await self._held(
            pb.ChangeHoldResponse, request, key, self.change_hold(change, key)
        )
        return cast("pb.ChangeHoldResponse", answer)

    async def ReleaseHold(
        self, request: pb.ReleaseHoldRequest, context: Context
    ) -> pb.ReleaseHoldResponse:
        del context
        key = request_key(request, lambda hold: pb.ReleaseHoldResponse(hold=hold_fields(hold)))
        hold = await self.release_hold(
            UUID(request.screening_id), UUID(request.hold_id), current_caller().principal, key
        )
        return cast("pb.ReleaseHoldResponse", answer_of(key, hold))

    async def ListTenders(
        self, request: pb.ListTendersRequest, context: Context
    ) -> pb.ListTendersResponse:
        del context
        caller = current_caller()
        tenders = await self.list_tenders(
            UUID(request.screening_id),
            UUID(request.hold_id),
            owner=caller.principal,
            account_id=account_of(caller),
        )
        return tenders_to_proto(tenders)

    async def _held(
        self,
        response: type[HoldResponse],
        request: pb.HoldSeatsRequest | pb.ChangeHoldRequest,
        key: RequestKey,
        work: Coroutine[Any, Any, Hold],
    ) -> Any:
        """Answer with a hold and, where it is asked for, what can pay it.

        That is a read, and so no part of the answer that a repeat gets again.
        """
        if not request.with_tenders:
            return answer_of(key, await work)
        caller = current_caller()
        try:
            hold = await work
            answer = answer_of(key, hold)
        except RepeatedRequest as repeated:
            answer = repeated.answer
            hold_id = UUID(response.FromString(answer).hold.id)
            hold = await self.get_hold(UUID(request.screening_id), hold_id, caller.principal)
        tenders = await self.list_tenders.beside(hold, account_of(caller))
        return answer + pack_tenders(response, tenders)

    def _packed(self, seat_map: SeatMap) -> bytes:
        known = self._packed_maps.get(seat_map.screening_id)
        if known is not None and known[0] is seat_map:
            return known[1]
        packed = pack_seat_map(seat_map)
        self._packed_maps.put(seat_map.screening_id, (seat_map, packed))
        return packed


def _tickets(counts: Iterable[hold_pb2.TicketCount]) -> list[TicketCount]:
    return [TicketCount(each.ticket_type, each.count) for each in counts]


def channel_of(caller: Caller) -> str:
    """Read the door that a caller came through: the token's signed claim, WEB without one."""
    return caller.channel if caller.channel in {"WEB", "APP"} else "WEB"


def account_of(caller: Caller) -> UUID | None:
    """Give the account's ID, or None for a guest."""
    return UUID(caller.subject) if caller.kind is CallerKind.ACCOUNT else None
