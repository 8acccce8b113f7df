"""The calls of BookingService about orders: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.order import Contact, Order
from services.booking.domain.order_lines import PlaceTender
from services.booking.domain.remedy_rules import RemedyWish
from services.booking.domain.voucher_tenders import VoucherTender
from services.booking.handlers.callers import account_id_of, address_of, reader_of
from services.booking.handlers.cancel_servicer import CancelServicer
from services.booking.handlers.order_converters import (
    order_fields,
    ticket_fields,
)
from services.booking.handlers.remedy_converters import reason_of, remedy_of, wished_kind
from services.booking.use_cases.abandon_order import AbandonOrder
from services.booking.use_cases.get_order import GetOrder
from services.booking.use_cases.list_orders import ListOrders, OrderPlace
from services.booking.use_cases.list_tickets import ListTickets
from services.booking.use_cases.order_ports import OrderTokens
from services.booking.use_cases.place_order import PlaceOrder, Purchase
from services.booking.use_cases.request_remedy import RequestRemedy
from services.booking.use_cases.resend_confirmation import ResendConfirmation
from services.booking.use_cases.retry_payment import RetryPayment
from services.common import ids
from services.common.errors import RepeatedRequest
from services.common.rpc.call import Call, CallerKind, current_call, current_caller
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of

DEFAULT_ORDERS_PER_PAGE = 20
DEFAULT_TICKETS_PER_PAGE = 100

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class OrderServicer(CancelServicer):
    """One use case for each call."""

    place_order: PlaceOrder
    retry_payment: RetryPayment
    abandon_order: AbandonOrder
    get_order: GetOrder
    list_orders: ListOrders
    list_tickets: ListTickets
    request_remedy: RequestRemedy
    resend_confirmation: ResendConfirmation
    order_tokens: OrderTokens
    page_tokens: PageTokens

    async def PlaceOrder(
        self, request: pb.PlaceOrderRequest, context: Context
    ) -> pb.PlaceOrderResponse:
        del context
        key = request_key(request, _placed)
        caller = current_caller()
        try:
            order = await self.place_order(_purchase(request, current_call()), key)
            answer, order_id = answer_of(key, order), order.id
        except RepeatedRequest as repeated:
            answer = repeated.answer
            order_id = UUID(pb.PlaceOrderResponse.FromString(answer).order.id)
        if caller.kind is CallerKind.GUEST:
            # The stored answer holds no secret: a guest's is derived anew each time. Messages put
            # one behind the other on the wire are one message.
            token = self.order_tokens.token_of(order_id)
            answer += pb.PlaceOrderResponse(order_token=token).SerializeToString()
        return cast("pb.PlaceOrderResponse", answer)

    async def RetryPayment(
        self, request: pb.RetryPaymentRequest, context: Context
    ) -> pb.RetryPaymentResponse:
        del context
        key = request_key(request, _retried)
        order = await self.retry_payment(UUID(request.order_id), reader_of(current_call()), key)
        return cast("pb.RetryPaymentResponse", answer_of(key, order))

    async def AbandonOrder(
        self, request: pb.AbandonOrderRequest, context: Context
    ) -> pb.AbandonOrderResponse:
        del context
        key = request_key(request, _abandoned)
        order = await self.abandon_order(UUID(request.order_id), reader_of(current_call()), key)
        return cast("pb.AbandonOrderResponse", answer_of(key, order))

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.GetOrderResponse:
        del context
        order_id, reader = UUID(request.order_id), reader_of(current_call())
        if not request.with_tickets:
            order = await self.get_order(order_id, reader)
            return pb.GetOrderResponse(order=order_fields(order))
        order, owner, tickets = await self.get_order.with_tickets(order_id, reader)
        return pb.GetOrderResponse(
            order=order_fields(order),
            tickets=[ticket_fields(owner, ticket) for ticket in tickets],
        )

    async def ListOrders(
        self, request: pb.ListOrdersRequest, context: Context
    ) -> pb.ListOrdersResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_ORDERS_PER_PAGE)
        keyset = self.page_tokens.open(request.page_token, request)
        found = await self.list_orders(
            UUID(current_caller().subject),
            before=_order_place(keyset) if keyset else None,
            limit=size + 1,
        )
        page, next_page_token = self.page_tokens.cut(found, size, _place_of_order, request)
        return pb.ListOrdersResponse(
            orders=[order_fields(order) for order in page], next_page_token=next_page_token
        )

    async def ListTickets(
        self, request: pb.ListTicketsRequest, context: Context
    ) -> pb.ListTicketsResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_TICKETS_PER_PAGE)
        keyset = self.page_tokens.open(request.page_token, request)
        owner, tickets = await self.list_tickets(
            UUID(request.order_id),
            reader_of(current_call()),
            after_number=str(keyset[0]) if keyset else "",
            limit=size + 1,
        )
        page, token = self.page_tokens.cut(tickets, size, lambda ticket: [ticket.number], request)
        return pb.ListTicketsResponse(
            tickets=[ticket_fields(owner, ticket) for ticket in page], next_page_token=token
        )

    async def RequestRemedy(
        self, request: pb.RequestRemedyRequest, context: Context
    ) -> pb.RequestRemedyResponse:
        del context
        key = request_key(request, _remedied)
        wish = RemedyWish(reason_of(request.reason), wished_kind(request.kind))
        order = await self.request_remedy(
            UUID(request.order_id), reader_of(current_call()), wish, key
        )
        return cast("pb.RequestRemedyResponse", answer_of(key, order))

    async def ResendConfirmation(
        self, request: pb.ResendConfirmationRequest, context: Context
    ) -> pb.ResendConfirmationResponse:
        del context
        key = request_key(request, lambda _: pb.ResendConfirmationResponse())
        order_id, reader = UUID(request.order_id), reader_of(current_call())
        order = await self.resend_confirmation(order_id, reader, key)
        return cast("pb.ResendConfirmationResponse", answer_of(key, order))


def _place_of_order(order: Order) -> Keyset:
    return [order.created_at.isoformat(), str(order.id)]


def _order_place(keyset: Keyset) -> OrderPlace:
    created_at, order_id = keyset
    return datetime.fromisoformat(str(created_at)), UUID(str(order_id))


def _purchase(request: pb.PlaceOrderRequest, call: Call) -> Purchase:
    return Purchase(
        screening_id=UUID(request.screening_id),
        hold_id=UUID(request.hold_id),
        owner=call.caller.principal,
        account_id=account_id_of(call.caller),
        contact=contact_of(request.contact, address_of(call)),
        terms_accepted=request.terms_accepted,
        gtc_version=request.gtc_version,
        otc_version=request.otc_version,
        tenders=tuple(
            PlaceTender(UUID(tender.card_id), tuple(tender.seat_ids))
            for tender in request.place_tenders
        ),
        return_url=request.return_url,
        vouchers=tuple(
            VoucherTender(
                tender.voucher_code,
                ids.parse(tender.voucher_id, field="voucher_id") if tender.voucher_id else None,
            )
            for tender in request.voucher_tenders
        ),
    )


def contact_of(contact: order_pb2.Contact, ip_address: str) -> Contact:
    """Read who buys."""
    return Contact(
        first_name=contact.first_name,
        last_name=contact.last_name,
        email=contact.email,
        language=contact.language_code,
        ip_address=ip_address,
    )


def _placed(order: Order) -> pb.PlaceOrderResponse:
    return pb.PlaceOrderResponse(order=order_fields(order))


def _retried(order: Order) -> pb.RetryPaymentResponse:
    return pb.RetryPaymentResponse(order=order_fields(order))


def _abandoned(order: Order) -> pb.AbandonOrderResponse:
    return pb.AbandonOrderResponse(order=order_fields(order))


def _remedied(order: Order) -> pb.RequestRemedyResponse:
    return pb.RequestRemedyResponse(remedy=remedy_of(order))
