"""The calls of BoxOfficeService about orders at the counter: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.order import Order
from services.booking.domain.order_leg import TillReceipt, TillTender
from services.booking.domain.ticket_choice import TicketCount
from services.booking.handlers.cancel_servicer import comes_back_of
from services.booking.handlers.order_converters import order_fields, ticket_fields
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.cancel_at_box_office import CancelAtBoxOffice, Presented
from services.booking.use_cases.order_ports import OrderOwner
from services.booking.use_cases.override_fee_refund import OverriddenFee, OverrideFeeRefund
from services.booking.use_cases.sell_tickets import SellTickets, SoldTickets, TillSale
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.money import money_to_proto

_TENDERS = {
    order_pb2.TILL_TENDER_CASH: TillTender.CASH,
    order_pb2.TILL_TENDER_TERMINAL: TillTender.TERMINAL,
}
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class Counter:
    """What staff do at the counter for who stands there."""

    cancel: CancelAtBoxOffice
    sell: SellTickets
    override_fee: OverrideFeeRefund


@dataclass(frozen=True)
class CounterServicer:
    """One use case for each call."""

    counter: Counter

    async def SellTickets(
        self, request: pb.SellTicketsRequest, context: Context
    ) -> pb.SellTicketsResponse:
        del context
        sale = TillSale(
            screening_id=UUID(request.screening_id),
            seat_ids=list(request.seat_ids),
            tickets=[TicketCount(each.ticket_type, each.count) for each in request.tickets],
            receipt=TillReceipt(_TENDERS[request.tender], request.receipt_number),
        )
        key = request_key(request, _sold)
        return cast(
            "pb.SellTicketsResponse",
            answer_of(key, await self.counter.sell(staff_of_call(), sale, key)),
        )

    async def CancelOrder(
        self, request: pb.BoxOfficeServiceCancelOrderRequest, context: Context
    ) -> pb.BoxOfficeServiceCancelOrderResponse:
        del context
        staff = staff_of_call()
        presented = Presented(UUID(request.order_id), request.qr_payload, request.form_reference)
        if request.validate_only:
            order = await self.counter.cancel.preview(staff, presented)
            return pb.BoxOfficeServiceCancelOrderResponse(comes_back=comes_back_of(order))
        key = request_key(request, _cancelled)
        order = await self.counter.cancel(staff, presented, key, whole_order=request.whole_order)
        return cast("pb.BoxOfficeServiceCancelOrderResponse", answer_of(key, order))

    async def OverrideFeeRefund(
        self, request: pb.OverrideFeeRefundRequest, context: Context
    ) -> pb.OverrideFeeRefundResponse:
        del context
        key = request_key(request, _overridden)
        fee = await self.counter.override_fee(
            staff_of_call(), UUID(request.order_id), request.reason, key
        )
        return cast("pb.OverrideFeeRefundResponse", answer_of(key, fee))


def _sold(sold: SoldTickets) -> pb.SellTicketsResponse:
    owner = OrderOwner.of(sold.order)
    return pb.SellTicketsResponse(
        order=order_fields(sold.order),
        tickets=[ticket_fields(owner, ticket) for ticket in sold.tickets],
    )


def _cancelled(order: Order) -> pb.BoxOfficeServiceCancelOrderResponse:
    return pb.BoxOfficeServiceCancelOrderResponse(
        order=order_fields(order), comes_back=comes_back_of(order)
    )


def _overridden(fee: OverriddenFee) -> pb.OverrideFeeRefundResponse:
    states = pb.OverrideFeeRefundResponse
    is_agreed = fee.override.is_agreed
    return pb.OverrideFeeRefundResponse(
        state=states.STATE_AGREED if is_agreed else states.STATE_AWAITING_SECOND,
        amount=money_to_proto(fee.amount),
        proposed_by=fee.override.proposed_by,
        proposed_reason=fee.override.reason,
        order=order_fields(fee.order),
    )
