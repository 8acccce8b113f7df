"""BoxOfficeService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1.box_office_service_pb2_grpc import BoxOfficeServiceServicer

from services.booking.domain.seat_block import BlockedSeats, SeatBlock, UnblockedSeats
from services.booking.handlers.complaint_servicer import ComplaintOfficeServicer
from services.booking.handlers.counter_servicer import CounterServicer
from services.booking.handlers.remedy_servicer import RemedyOfficeServicer
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.block_seats import BlockSeats
from services.booking.use_cases.list_seat_blocks import ListSeatBlocks
from services.booking.use_cases.unblock_seats import UnblockSeats
from services.common.errors import InvalidPageTokenError
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, page_size_of
from services.common.rpc.times import timestamp_of

DEFAULT_BLOCKS_PER_PAGE = 100

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class BoxOfficeServicer(
    CounterServicer, RemedyOfficeServicer, ComplaintOfficeServicer, BoxOfficeServiceServicer
):
    """One use case for each call; those about orders, complaints and remedies are elsewhere."""

    block_seats: BlockSeats
    unblock_seats: UnblockSeats
    list_seat_blocks: ListSeatBlocks

    async def BlockSeats(
        self, request: pb.BlockSeatsRequest, context: Context
    ) -> pb.BlockSeatsResponse:
        del context
        key = request_key(request, _blocked_to_proto)
        blocked = await self.block_seats(
            staff_of_call(),
            UUID(request.screening_id),
            list(request.seat_ids),
            request.reason,
            key,
        )
        return cast("pb.BlockSeatsResponse", answer_of(key, blocked))

    async def UnblockSeats(
        self, request: pb.UnblockSeatsRequest, context: Context
    ) -> pb.UnblockSeatsResponse:
        del context
        key = request_key(request, _unblocked_to_proto)
        unblocked = await self.unblock_seats(
            staff_of_call(), UUID(request.screening_id), list(request.seat_ids), key
        )
        return cast("pb.UnblockSeatsResponse", answer_of(key, unblocked))

    async def ListSeatBlocks(
        self, request: pb.ListSeatBlocksRequest, context: Context
    ) -> pb.ListSeatBlocksResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_BLOCKS_PER_PAGE)
        keyset = self.page_tokens.open(request.page_token, request)
        blocks = await self.list_seat_blocks(
            staff_of_call(),
            UUID(request.screening_id),
            after_index=_index_of(keyset),
            limit=size + 1,
        )
        page, token = self.page_tokens.cut(blocks, size, _place_of, request)
        return pb.ListSeatBlocksResponse(
            blocks=[_block_to_proto(block) for block in page], next_page_token=token
        )


def _place_of(block: SeatBlock) -> Keyset:
    return [block.seat_index]


def _index_of(keyset: Keyset | None) -> int:
    place = keyset[0] if keyset else -1
    if not isinstance(place, int):
        raise InvalidPageTokenError
    return place


def _blocked_to_proto(blocked: BlockedSeats) -> pb.BlockSeatsResponse:
    return pb.BlockSeatsResponse(
        blocks=[_block_to_proto(block) for block in blocked.blocks],
        epoch=blocked.epoch,
        revision=blocked.revision,
    )


def _unblocked_to_proto(unblocked: UnblockedSeats) -> pb.UnblockSeatsResponse:
    return pb.UnblockSeatsResponse(
        freed_seat_ids=unblocked.freed,
        plan_blocked_seat_ids=unblocked.blocked_by_plan,
        epoch=unblocked.epoch,
        revision=unblocked.revision,
    )


def _block_to_proto(block: SeatBlock) -> pb.SeatBlock:
    return pb.SeatBlock(
        seat_id=block.seat_id,
        reason=block.reason,
        blocked_by=block.blocked_by,
        block_time=timestamp_of(block.blocked_at),
    )
