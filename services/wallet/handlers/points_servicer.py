"""PointsService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.wallet.v1 import points_service_pb2 as pb
from cinema.wallet.v1.points_service_pb2_grpc import PointsServiceServicer

from services.common.errors import InvalidPageTokenError
from services.common.rpc.call import current_caller
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.times import timestamp_of
from services.wallet.domain.points import PointKind
from services.wallet.handlers.converters import card_to_proto
from services.wallet.use_cases.get_points import GetPoints, ListPointEntries
from services.wallet.use_cases.points_ports import ListedPointEntry
from services.wallet.use_cases.redeem_points import RedeemPoints

DEFAULT_PAGE_SIZE = 20
_KINDS = {kind: pb.PointEntry.Kind.Value(f"KIND_{kind}") for kind in PointKind}

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class PointsServicer(PointsServiceServicer):
    """One use case for each call; the points are always the caller's own."""

    get_points: GetPoints
    list_point_entries: ListPointEntries
    redeem_points: RedeemPoints
    page_tokens: PageTokens

    async def GetPoints(
        self, request: pb.GetPointsRequest, context: Context
    ) -> pb.GetPointsResponse:
        del request, context
        read = await self.get_points(UUID(current_caller().subject))
        return pb.GetPointsResponse(
            balance=read.balance,
            pending=read.pending,
            debt=read.debt,
            expiring=[
                pb.ExpiringPoints(points=points, last_date=last_date.isoformat())
                for points, last_date in read.expiring
            ],
        )

    async def ListPointEntries(
        self, request: pb.ListPointEntriesRequest, context: Context
    ) -> pb.ListPointEntriesResponse:
        del context
        page_size = page_size_of(request.page_size, default=DEFAULT_PAGE_SIZE)
        before = _number_of(self.page_tokens.open(request.page_token, request))
        account_id = UUID(current_caller().subject)
        found = await self.list_point_entries(account_id, before, page_size + 1)
        page, next_page_token = self.page_tokens.cut(found, page_size, _keyset_of, request)
        return pb.ListPointEntriesResponse(
            entries=[_entry(each) for each in page], next_page_token=next_page_token
        )

    async def RedeemPoints(
        self, request: pb.RedeemPointsRequest, context: Context
    ) -> pb.RedeemPointsResponse:
        del context
        key = request_key(request, lambda card: pb.RedeemPointsResponse(card=card_to_proto(card)))
        account_id = UUID(current_caller().subject)
        card = await self.redeem_points(key, account_id, request.product_code)
        return cast("pb.RedeemPointsResponse", answer_of(key, card))


def _entry(listed: ListedPointEntry) -> pb.PointEntry:
    entry = listed.entry
    message = pb.PointEntry(
        kind=_KINDS[entry.kind],
        pending_delta=entry.pending,
        balance_delta=entry.balance,
        debt_delta=entry.debt,
        order_id=str(entry.order_id) if entry.order_id else "",
        card_id=str(entry.card_id) if entry.card_id else "",
    )
    message.time.CopyFrom(timestamp_of(listed.time))
    return message


def _keyset_of(listed: ListedPointEntry) -> Keyset:
    return [listed.number]


def _number_of(keyset: list[str | int | None] | None) -> int | None:
    if keyset is None:
        return None
    match keyset:
        case [int(number)]:
            return number
        case _:
            raise InvalidPageTokenError
