"""VoucherService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.wallet.v1 import voucher_service_pb2 as pb
from cinema.wallet.v1.voucher_service_pb2_grpc import VoucherServiceServicer

from services.common.rpc.call import current_call
from services.wallet.handlers.converters import voucher_to_proto
from services.wallet.use_cases.get_voucher import GetVoucher


@dataclass(frozen=True)
class VoucherServicer(VoucherServiceServicer):
    get_voucher: GetVoucher

    async def GetVoucher(
        self, request: pb.GetVoucherRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetVoucherResponse:
        del context
        call = current_call()
        voucher = await self.get_voucher(
            call.caller.principal, call.peer_address(), request.voucher_code
        )
        return pb.GetVoucherResponse(voucher=voucher_to_proto(voucher))
