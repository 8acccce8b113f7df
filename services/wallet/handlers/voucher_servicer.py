"""VoucherService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.wallet.v1 import voucher_service_pb2 as pb
from cinema.wallet.v1.voucher_service_pb2_grpc import VoucherServiceServicer

from services.common.errors import (
    FieldViolation,
    InvalidPageTokenError,
    InvalidRequestError,
)
from services.common.rpc.call import CallerKind, current_call, current_caller
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.wallet.handlers.converters import voucher_to_proto
from services.wallet.use_cases.get_voucher import GetVoucher
from services.wallet.use_cases.list_vouchers import ListVouchers
from services.wallet.use_cases.read_ports import ListedVoucher, VoucherPosition

DEFAULT_PAGE_SIZE = 20

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class VoucherServicer(VoucherServiceServicer):
    """One use case for each call."""

    get_voucher: GetVoucher
    list_vouchers: ListVouchers
    page_tokens: PageTokens

    async def GetVoucher(
        self, request: pb.GetVoucherRequest, context: Context
    ) -> pb.GetVoucherResponse:
        del context
        if bool(request.voucher_code) == bool(request.voucher_id):
            raise InvalidRequestError(FieldViolation("voucher_code", "or an ID must be given"))
        call = current_call()
        if request.voucher_id:
            caller = call.caller
            account_id = UUID(caller.subject) if caller.kind is CallerKind.ACCOUNT else None
            voucher = await self.get_voucher.own(account_id, UUID(request.voucher_id))
        else:
            voucher = await self.get_voucher.by_code(
                call.caller.principal, call.peer_address(), request.voucher_code
            )
        return pb.GetVoucherResponse(voucher=voucher_to_proto(voucher))

    async def ListVouchers(
        self, request: pb.ListVouchersRequest, context: Context
    ) -> pb.ListVouchersResponse:
        del context
        page_size = page_size_of(request.page_size, default=DEFAULT_PAGE_SIZE)
        after = _position_of(self.page_tokens.open(request.page_token, request))
        found = await self.list_vouchers(UUID(current_caller().subject), after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(found, page_size, _keyset_of, request)
        return pb.ListVouchersResponse(
            vouchers=[voucher_to_proto(each.voucher) for each in page],
            next_page_token=next_page_token,
        )


def _keyset_of(listed: ListedVoucher) -> Keyset:
    return [listed.position.issue_time.isoformat(), str(listed.position.voucher_id)]


def _position_of(keyset: list[str | int | None] | None) -> VoucherPosition | None:
    if keyset is None:
        return None
    try:
        issue_time, voucher_id = keyset
        return VoucherPosition(datetime.fromisoformat(str(issue_time)), UUID(str(voucher_id)))
    except ValueError:
        raise InvalidPageTokenError from None
