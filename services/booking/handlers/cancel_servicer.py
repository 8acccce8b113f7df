"""BookingService.CancelOrder: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.cancel_rules import WhatComesBack, what_comes_back
from services.booking.domain.order import Order, OrderState
from services.booking.handlers.callers import reader_of
from services.booking.handlers.order_converters import order_fields
from services.booking.use_cases.cancel_order import CancelOrder
from services.common.rpc.call import current_call
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.money import money_to_proto

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class CancelServicer:
    """The call by which buyers cancel."""

    cancel_order: CancelOrder

    async def CancelOrder(
        self, request: pb.CancelOrderRequest, context: Context
    ) -> pb.CancelOrderResponse:
        del context
        order_id, reader = UUID(request.order_id), reader_of(current_call())
        if request.validate_only:
            order, points = await self.cancel_order.preview(order_id, reader)
            return pb.CancelOrderResponse(comes_back=comes_back_of(order, points))
        key = request_key(request, _cancelled)
        order = await self.cancel_order(order_id, reader, key, whole_order=request.whole_order)
        return cast("pb.CancelOrderResponse", answer_of(key, order))


def _to_proto(back: WhatComesBack, points: int = 0) -> order_pb2.WhatComesBack:
    return order_pb2.WhatComesBack(
        refund=money_to_proto(back.refund),
        places=[
            order_pb2.WhatComesBack.Places(card_id=str(each.card_id), places=each.places)
            for each in back.places
        ],
        vouchers=[
            order_pb2.WhatComesBack.VoucherValue(
                voucher_id=str(each.voucher_id), amount=money_to_proto(each.amount)
            )
            for each in back.vouchers
        ],
        kept=money_to_proto(back.kept),
        points=points,
    )


def comes_back_of(order: Order, points: int = 0) -> order_pb2.WhatComesBack | None:
    """Write what goes back where of a cancelled order; None of any other."""
    if order.state is not OrderState.CANCELLED:
        return None
    return _to_proto(what_comes_back(order), points)


def _cancelled(order: Order) -> pb.CancelOrderResponse:
    return pb.CancelOrderResponse(order=order_fields(order), comes_back=comes_back_of(order))
