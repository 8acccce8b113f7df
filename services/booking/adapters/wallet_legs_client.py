"""The wallet's side of an order: places and vouchers reserved, captured and given back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import grpc
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import tender_service_pb2 as pb
from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceStub

from services.booking.domain.order import Order
from services.booking.domain.order_errors import (
    CardNotFoundError,
    PlaceNotEligibleError,
    VoucherNotAcceptedError,
)
from services.booking.domain.order_leg import LegKind, OrderLeg
from services.common.errors import DependencyUnavailableError
from services.common.ids import new_id
from services.common.money import Money
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.money import money_or_zero, money_to_proto

if TYPE_CHECKING:
    from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceAsyncStub

WALLET = "wallet"


class UnexpectedAnswerError(RuntimeError):
    """A peer refused what it must not refuse: a bug in one of us."""


@dataclass(frozen=True, slots=True)
class WalletLegs:
    """The ports `PlaceLegs` and `OrderPoints`, and the codes of vouchers, on TenderService.

    A leg's key makes each command idempotent; request IDs are new each time, so that an answer is
    never one from before.
    """

    peer: Peer
    call_timeout_ms: int

    async def reserve(self, order: Order, leg: OrderLeg) -> Mapping[str, Money]:
        if leg.kind is LegKind.VOUCHER:
            return await self._reserve_voucher(order, leg)
        request = pb.ReservePlacesRequest(
            key=_key(order.id, leg),
            account_id=str(order.account_id),
            card_id=str(leg.card_id),
            screening=_screening(order),
            seats=_seats(order, leg),
            request_id=str(new_id()),
        )
        try:
            answer = await self._stub.ReservePlaces(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _reserve_refusal(error, leg) from error
        return {
            seat.seat_id: money_or_zero(seat.supplement_due, order.currency)
            for seat in answer.seats
        }

    async def capture(self, order_id: UUID, leg: OrderLeg) -> None:
        key, request_id = _key(order_id, leg), str(new_id())
        try:
            if leg.kind is LegKind.VOUCHER:
                voucher = pb.CaptureVoucherRequest(key=key, request_id=request_id)
                await self._stub.CaptureVoucher(voucher, timeout=self._timeout_s)
            else:
                places = pb.CapturePlacesRequest(key=key, request_id=request_id)
                await self._stub.CapturePlaces(places, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error

    async def release(self, order_id: UUID, leg: OrderLeg) -> None:
        key, request_id = _key(order_id, leg), str(new_id())
        try:
            if leg.kind is LegKind.VOUCHER:
                voucher = pb.ReleaseVoucherRequest(key=key, request_id=request_id)
                await self._stub.ReleaseVoucher(voucher, timeout=self._timeout_s)
            else:
                places = pb.ReleasePlacesRequest(key=key, request_id=request_id)
                await self._stub.ReleasePlaces(places, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error

    async def restore(self, order: Order, leg: OrderLeg) -> None:
        key, request_id = _key(order.id, leg), str(new_id())
        caused_by_cinema = order.returned_by_cinema
        try:
            if leg.kind is LegKind.VOUCHER:
                voucher = pb.RestoreVoucherRequest(
                    key=key, caused_by_cinema=caused_by_cinema, request_id=request_id
                )
                await self._stub.RestoreVoucher(voucher, timeout=self._timeout_s)
            else:
                places = pb.RestorePlacesRequest(
                    key=key, caused_by_cinema=caused_by_cinema, request_id=request_id
                )
                await self._stub.RestorePlaces(places, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error

    async def _reserve_voucher(self, order: Order, leg: OrderLeg) -> Mapping[str, Money]:
        request = pb.ReserveVoucherRequest(
            key=_key(order.id, leg),
            account_id="" if order.account_id is None else str(order.account_id),
            voucher_id=str(leg.voucher_id),
            screening=_screening(order),
            amount=money_to_proto(leg.amount) if leg.amount else None,
            request_id=str(new_id()),
        )
        try:
            await self._stub.ReserveVoucher(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _voucher_refusal(error) from error
        return {}

    async def voucher_code(self, voucher_id: UUID) -> str:
        """Get a voucher's code at the moment of sending it; never stored, never logged."""
        request = pb.GetVoucherCodeRequest(voucher_id=str(voucher_id))
        try:
            answer = await self._stub.GetVoucherCode(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error
        return answer.voucher_code

    async def of_order(self, order_id: UUID) -> int:
        request = pb.GetOrderPointsRequest(order_id=str(order_id))
        try:
            answer = await self._stub.GetOrderPoints(request, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise _unexpected(error) from error
        return answer.points

    @property
    def _stub(self) -> "TenderServiceAsyncStub":
        return self.peer.stub(TenderServiceStub)

    @property
    def _timeout_s(self) -> float:
        return self.call_timeout_ms / 1000


def _key(order_id: UUID, leg: OrderLeg) -> pb.LegKey:
    return pb.LegKey(order_id=str(order_id), leg=leg.name, attempt=leg.attempt)


def _screening(order: Order) -> card_pb2.ScreeningFacts:
    screening = order.screening
    return card_pb2.ScreeningFacts(
        screening_id=str(order.screening_id),
        cinema_id=screening.cinema_id,
        local_date=screening.local_date,
        public_holiday=screening.public_holiday,
        format=screening.format,
        event_kind=screening.event_kind,
        cards_accepted=screening.cards_accepted,
        business_day=screening.business_day,
    )


def _seats(order: Order, leg: OrderLeg) -> list[card_pb2.SeatFacts]:
    return [
        card_pb2.SeatFacts(
            seat_id=line.seat_id, area=line.area, supplement=money_to_proto(line.supplement)
        )
        for line in order.lines
        if line.seat_id in leg.seat_ids
    ]


def _reserve_refusal(error: grpc.aio.AioRpcError, leg: OrderLeg) -> Exception:
    refusal = refusal_of(error)
    card_id = leg.card_id or UUID(int=0)
    match refusal.reason:
        case "PLACE_NOT_ELIGIBLE":
            seat_id = refusal.metadata.get("seat_id", leg.seat_ids[0])
            reason = refusal.metadata.get("ineligible_reason", "OTHER")
            return PlaceNotEligibleError(card_id, seat_id, reason)
        case "CARD_NOT_FOUND":
            return CardNotFoundError(card_id)
        case "RESERVATION_RELEASED":
            return PlaceNotEligibleError(card_id, leg.seat_ids[0], refusal.reason)
        case _:
            return _unexpected(error)


def _voucher_refusal(error: grpc.aio.AioRpcError) -> Exception:
    if refusal_of(error).reason in {"VOUCHER_NOT_ACCEPTED", "RESERVATION_RELEASED"}:
        return VoucherNotAcceptedError()
    return _unexpected(error)


def _unexpected(error: grpc.aio.AioRpcError) -> Exception:
    refusal = refusal_of(error)
    if error.code() in {grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL}:
        return DependencyUnavailableError(WALLET)
    return UnexpectedAnswerError(f"wallet: {error.code().name} {refusal.reason}")
