"""The calls of BookingService that customer service works with: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.domain.whole_story import WholeStory
from services.booking.handlers.callers import reader_of
from services.booking.handlers.order_converters import order_fields
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
from services.booking.use_cases.get_order_story import GetOrderStory
from services.common.rpc.call import current_call
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.times import timestamp_of

TOO_LONG = "TOO_LONG"
DEFAULT_FOUND_PER_PAGE, MAX_FOUND_PER_PAGE = 20, 50

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class DeskCalls:
    """One use case for each call."""

    find_orders: FindOrders
    correct_contact: CorrectContact
    get_order_story: GetOrderStory


@dataclass(frozen=True)
class DeskServicer:
    """Orders found and explained, and who bought them corrected."""

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
            orders=[order_fields(each.order) for each in page], next_page_token=token
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

    async def GetOrderStory(
        self, request: pb.GetOrderStoryRequest, context: Context
    ) -> pb.GetOrderStoryResponse:
        del context
        order_id, reader = UUID(request.order_id), reader_of(current_call())
        return _story_to_proto(await self.desk.get_order_story(order_id, reader))


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
    return pb.CorrectContactResponse(order=order_fields(order))


def _story_to_proto(story: WholeStory) -> pb.GetOrderStoryResponse:
    answer = pb.GetOrderStoryResponse(
        order_number=story.order.number,
        correlation_id=str(story.order.id),
        missing=[
            pb.GetOrderStoryResponse.MissingPart(
                service=part.teller, reason=part.problem or TOO_LONG
            )
            for part in story.missing
        ],
    )
    for entry in story.entries:
        added = answer.entries.add(
            service=entry.teller,
            what=entry.what,
            detail=entry.detail,
            text=entry.text,
            correlation_id=entry.correlation_id,
        )
        added.time.CopyFrom(timestamp_of(entry.time))
    return answer


def _keyset_of(found: FoundOrder) -> Keyset:
    key, order_id = found.place
    return [key, str(order_id)]


def _place_of(keyset: Keyset) -> FoundPlace:
    key, order_id = keyset
    return str(key), UUID(str(order_id))
