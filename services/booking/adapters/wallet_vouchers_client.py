"""Asks the wallet what a voucher can pay."""

from dataclasses import dataclass
from uuid import UUID

import grpc
from cinema.wallet.v1.tender_service_pb2 import FindVoucherRequest
from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceStub

from services.booking.adapters.wallet_client import WALLET, screening_for_wallet
from services.booking.domain.order_errors import TooManyAttemptsError, VoucherNotAcceptedError
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.voucher_tenders import VoucherOption, VoucherTender
from services.booking.use_cases.voucher_ports import VoucherHolder
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.money import money_of

RETRY_AFTER_MS = 60_000


@dataclass(frozen=True, slots=True)
class WalletVouchers:
    """The port `Vouchers` on the wallet's TenderService."""

    peer: Peer
    call_timeout_ms: int

    async def find(
        self, tender: VoucherTender, holder: VoucherHolder, facts: ScreeningFacts, currency: str
    ) -> VoucherOption:
        request = FindVoucherRequest(
            voucher_code=tender.code,
            voucher_id="" if tender.voucher_id is None else str(tender.voucher_id),
            account_id="" if holder.account_id is None else str(holder.account_id),
            principal=holder.principal,
            peer_address=holder.address,
            screening=screening_for_wallet(facts),
            currency_code=currency,
        )
        stub = self.peer.stub(TenderServiceStub)
        try:
            answer = await stub.FindVoucher(request, timeout=self.call_timeout_ms / 1000)
        except grpc.aio.AioRpcError as error:
            raise _refusal(error) from error
        return VoucherOption(UUID(answer.voucher_id), money_of(answer.left))


def _refusal(error: grpc.aio.AioRpcError) -> Exception:
    refusal = refusal_of(error)
    match refusal.reason:
        case "VOUCHER_NOT_ACCEPTED":
            return VoucherNotAcceptedError()
        case "TOO_MANY_ATTEMPTS":
            return TooManyAttemptsError(retry_after_ms=refusal.retry_after_ms or RETRY_AFTER_MS)
        case _:
            return DependencyUnavailableError(WALLET)
