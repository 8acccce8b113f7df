"""TenderService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import tender_service_pb2 as pb
from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceServicer

from services.common import ids
from services.common.rpc.money import money_to_proto
from services.wallet.domain.screening import ScreeningFacts
from services.wallet.handlers.actors import current_actor
from services.wallet.handlers.converters import (
    RESERVATION_STATES,
    amount_to_pay_of,
    eligibility_to_proto,
    leg_key_of,
    reserved_seat_to_proto,
    screening_of,
    seats_of,
)
from services.wallet.use_cases.capture_leg import CaptureLeg
from services.wallet.use_cases.find_voucher import FindVoucher, Seeker
from services.wallet.use_cases.get_order_points import GetOrderPoints
from services.wallet.use_cases.get_voucher_code import GetVoucherCode
from services.wallet.use_cases.list_eligible_places import ListEligiblePlaces
from services.wallet.use_cases.release_leg import ReleaseLeg
from services.wallet.use_cases.reserve_places import ReservePlaces
from services.wallet.use_cases.reserve_voucher import ReserveVoucher
from services.wallet.use_cases.restore_places import RestorePlaces
from services.wallet.use_cases.restore_voucher import RestoreVoucher

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class TenderServicer(TenderServiceServicer):
    """One use case for each call. The commands are idempotent by the leg's key, for ever."""

    list_eligible_places: ListEligiblePlaces
    reserve_places: ReservePlaces
    find_voucher: FindVoucher
    reserve_voucher: ReserveVoucher
    capture_leg: CaptureLeg
    release_leg: ReleaseLeg
    restore_places: RestorePlaces
    restore_voucher: RestoreVoucher
    get_voucher_code: GetVoucherCode
    get_order_points: GetOrderPoints
    by_business_day: bool = False

    async def ListEligiblePlaces(
        self, request: pb.ListEligiblePlacesRequest, context: Context
    ) -> pb.ListEligiblePlacesResponse:
        del context
        judged = await self.list_eligible_places(
            UUID(request.account_id), self._screening(request.screening), seats_of(request.seats)
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
            self._screening(request.screening),
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
        state = await self.capture_leg(leg_key_of(request.key))
        return pb.CapturePlacesResponse(state=RESERVATION_STATES[state])

    async def ReleasePlaces(
        self, request: pb.ReleasePlacesRequest, context: Context
    ) -> pb.ReleasePlacesResponse:
        del context
        state = await self.release_leg(leg_key_of(request.key))
        return pb.ReleasePlacesResponse(state=RESERVATION_STATES[state])

    async def RestorePlaces(
        self, request: pb.RestorePlacesRequest, context: Context
    ) -> pb.RestorePlacesResponse:
        del context
        reservation = await self.restore_places(
            leg_key_of(request.key), caused_by_cinema=request.caused_by_cinema
        )
        return pb.RestorePlacesResponse(state=RESERVATION_STATES[reservation.state])

    async def FindVoucher(
        self, request: pb.FindVoucherRequest, context: Context
    ) -> pb.FindVoucherResponse:
        del context
        seeker = Seeker(request.principal, request.peer_address, _account_of(request.account_id))
        screening, currency = self._screening(request.screening), request.currency_code
        if request.voucher_id:
            voucher_id = ids.parse(request.voucher_id, field="voucher_id")
            voucher = await self.find_voucher.own(seeker, voucher_id, screening, currency)
        else:
            code = request.voucher_code
            voucher = await self.find_voucher.by_code(seeker, code, screening, currency)
        return pb.FindVoucherResponse(voucher_id=str(voucher.id), left=money_to_proto(voucher.left))

    async def ReserveVoucher(
        self, request: pb.ReserveVoucherRequest, context: Context
    ) -> pb.ReserveVoucherResponse:
        del context
        state = await self.reserve_voucher(
            leg_key_of(request.key),
            _account_of(request.account_id),
            UUID(request.voucher_id),
            self._screening(request.screening),
            amount_to_pay_of(request.amount, "amount"),
        )
        return pb.ReserveVoucherResponse(state=RESERVATION_STATES[state])

    async def CaptureVoucher(
        self, request: pb.CaptureVoucherRequest, context: Context
    ) -> pb.CaptureVoucherResponse:
        del context
        state = await self.capture_leg(leg_key_of(request.key))
        return pb.CaptureVoucherResponse(state=RESERVATION_STATES[state])

    async def ReleaseVoucher(
        self, request: pb.ReleaseVoucherRequest, context: Context
    ) -> pb.ReleaseVoucherResponse:
        del context
        state = await self.release_leg(leg_key_of(request.key))
        return pb.ReleaseVoucherResponse(state=RESERVATION_STATES[state])

    async def RestoreVoucher(
        self, request: pb.RestoreVoucherRequest, context: Context
    ) -> pb.RestoreVoucherResponse:
        del context
        state = await self.restore_voucher(
            leg_key_of(request.key), caused_by_cinema=request.caused_by_cinema
        )
        return pb.RestoreVoucherResponse(state=RESERVATION_STATES[state])

    async def GetVoucherCode(
        self, request: pb.GetVoucherCodeRequest, context: Context
    ) -> pb.GetVoucherCodeResponse:
        del context
        code = await self.get_voucher_code(current_actor(), UUID(request.voucher_id))
        return pb.GetVoucherCodeResponse(voucher_code=code)

    async def GetOrderPoints(
        self, request: pb.GetOrderPointsRequest, context: Context
    ) -> pb.GetOrderPointsResponse:
        del context
        return pb.GetOrderPointsResponse(points=await self.get_order_points(UUID(request.order_id)))

    def _screening(self, message: card_pb2.ScreeningFacts) -> ScreeningFacts:
        return screening_of(message, by_business_day=self.by_business_day)


def _account_of(text: str) -> UUID | None:
    return ids.parse(text, field="account_id") if text else None
