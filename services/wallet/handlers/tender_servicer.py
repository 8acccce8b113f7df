"""TenderService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.wallet.v1 import tender_service_pb2 as pb
from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceServicer

from services.wallet.handlers.actors import current_actor
from services.wallet.handlers.converters import (
    RESERVATION_STATES,
    eligibility_to_proto,
    leg_key_of,
    reserved_seat_to_proto,
    screening_of,
    seats_of,
)
from services.wallet.use_cases.capture_places import CapturePlaces
from services.wallet.use_cases.get_voucher_code import GetVoucherCode
from services.wallet.use_cases.list_eligible_places import ListEligiblePlaces
from services.wallet.use_cases.release_places import ReleasePlaces
from services.wallet.use_cases.reserve_places import ReservePlaces
from services.wallet.use_cases.restore_places import RestorePlaces

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class TenderServicer(TenderServiceServicer):
    """One use case for each call. The commands are idempotent by the leg's key, for ever."""

    list_eligible_places: ListEligiblePlaces
    reserve_places: ReservePlaces
    capture_places: CapturePlaces
    release_places: ReleasePlaces
    restore_places: RestorePlaces
    get_voucher_code: GetVoucherCode

    async def ListEligiblePlaces(
        self, request: pb.ListEligiblePlacesRequest, context: Context
    ) -> pb.ListEligiblePlacesResponse:
        del context
        judged = await self.list_eligible_places(
            UUID(request.account_id), screening_of(request.screening), seats_of(request.seats)
        )
        return pb.ListEligiblePlacesResponse(cards=[eligibility_to_proto(each) for each in judged])

    async def ReservePlaces(
        self, request: pb.ReservePlacesRequest, context: Context
    ) -> pb.ReservePlacesResponse:
        del context
        reservation = await self.reserve_places(
            leg_key_of(request.key),
            UUID(request.account_id),
            UUID(request.card_id),
            screening_of(request.screening),
            seats_of(request.seats),
        )
        return pb.ReservePlacesResponse(
            state=RESERVATION_STATES[reservation.state],
            seats=[reserved_seat_to_proto(seat) for seat in reservation.seats],
        )

    async def CapturePlaces(
        self, request: pb.CapturePlacesRequest, context: Context
    ) -> pb.CapturePlacesResponse:
        del context
        reservation = await self.capture_places(leg_key_of(request.key))
        return pb.CapturePlacesResponse(state=RESERVATION_STATES[reservation.state])

    async def ReleasePlaces(
        self, request: pb.ReleasePlacesRequest, context: Context
    ) -> pb.ReleasePlacesResponse:
        del context
        reservation = await self.release_places(leg_key_of(request.key))
        return pb.ReleasePlacesResponse(state=RESERVATION_STATES[reservation.state])

    async def RestorePlaces(
        self, request: pb.RestorePlacesRequest, context: Context
    ) -> pb.RestorePlacesResponse:
        del context
        reservation = await self.restore_places(
            leg_key_of(request.key), caused_by_cinema=request.caused_by_cinema
        )
        return pb.RestorePlacesResponse(state=RESERVATION_STATES[reservation.state])

    async def GetVoucherCode(
        self, request: pb.GetVoucherCodeRequest, context: Context
    ) -> pb.GetVoucherCodeResponse:
        del context
        code = await self.get_voucher_code(current_actor(), UUID(request.voucher_id))
        return pb.GetVoucherCodeResponse(voucher_code=code)
