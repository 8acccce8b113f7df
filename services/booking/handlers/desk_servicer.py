"""The calls of BookingService that customer service works with: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.handlers.callers import reader_of
from services.booking.handlers.order_converters import order_to_proto
from services.booking.handlers.order_servicer import contact_of
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.correct_contact import CorrectContact
from services.booking.use_cases.find_orders import (
    ByEmail,
    ByName,
    ByNumber,
    ByScreening,
    FindOrders,
    FoundOrder,
    FoundPlace,
    Search,
)
from services.common.rpc.call import current_call
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of

DEFAULT_FOUND_PER_PAGE, MAX_FOUND_PER_PAGE = 20, 50

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class DeskCalls:
    """One use case for each call."""

    find_orders: FindOrders
    correct_contact: CorrectContact


@dataclass(frozen=True)
class DeskServicer:
    """Orders found, and who bought them corrected."""

    desk: DeskCalls
    page_tokens: PageTokens

    async def FindOrders(
        self, request: pb.FindOrdersRequest, context: Context
    ) -> pb.FindOrdersResponse:
        del context
        size = page_size_of(
            request.page_size, default=DEFAULT_FOUND_PER_PAGE, largest=MAX_FOUND_PER_PAGE
        )
        keyset = self.page_tokens.open(request.page_token, request)
        found = await self.desk.find_orders(
            staff_of_call(), _search(request), _place_of(keyset) if keyset else None, size
        )
        page, token = self.page_tokens.cut(found, size, _keyset_of, request)
        return pb.FindOrdersResponse(
            orders=[order_to_proto(each.order) for each in page], next_page_token=token
        )

    async def CorrectContact(
        self, request: pb.CorrectContactRequest, context: Context
    ) -> pb.CorrectContactResponse:
        del context
        key = request_key(request, _corrected)
        order = await self.desk.correct_contact(
            UUID(request.order_id),
            contact_of(request.contact, ""),
            reader_of(current_call()),
            key,
            resend=request.resend_confirmation,
        )
        return cast("pb.CorrectContactResponse", answer_of(key, order))


def _search(request: pb.FindOrdersRequest) -> Search:
    """Read what is known of the orders; exactly one is set."""
    if request.HasField("order_number"):
        return ByNumber(request.order_number)
    if request.HasField("email"):
        return ByEmail(request.email)
    if request.HasField("name"):
        return ByName(request.name.last_name, request.name.first_name)
    return ByScreening(UUID(request.screening_id))


def _corrected(order: Order) -> pb.CorrectContactResponse:
    return pb.CorrectContactResponse(order=order_to_proto(order))


def _keyset_of(found: FoundOrder) -> Keyset:
    key, order_id = found.place
    return [key, str(order_id)]


def _place_of(keyset: Keyset) -> FoundPlace:
    key, order_id = keyset
    return str(key), UUID(str(order_id))
