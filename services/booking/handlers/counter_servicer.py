"""The calls of BoxOfficeService about orders at the counter: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import box_office_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.handlers.cancel_servicer import comes_back_of
from services.booking.handlers.order_converters import order_to_proto
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.cancel_at_box_office import CancelAtBoxOffice, Presented
from services.common.rpc.idempotency import answer_of, request_key

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class Counter:
    """What staff do at the counter for who stands there."""

    cancel: CancelAtBoxOffice


@dataclass(frozen=True)
class CounterServicer:
    """One use case for each call."""

    counter: Counter

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


def _cancelled(order: Order) -> pb.BoxOfficeServiceCancelOrderResponse:
    return pb.BoxOfficeServiceCancelOrderResponse(
        order=order_to_proto(order), comes_back=comes_back_of(order)
    )
