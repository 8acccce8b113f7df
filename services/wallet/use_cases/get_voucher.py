"""Show a voucher to who holds its code."""

from dataclasses import dataclass

from services.wallet.domain.errors import VoucherNotFoundError
from services.wallet.domain.voucher import Voucher
from services.wallet.use_cases.code_ports import Attempt, AttemptGuard, Codes
from services.wallet.use_cases.read_ports import Vouchers


@dataclass(frozen=True, slots=True)
class GetVoucher:
    """Find a voucher by its code; attempts are limited."""

    vouchers: Vouchers
    codes: Codes
    guard: AttemptGuard

    async def __call__(self, principal: str, peer_address: str, typed_code: str) -> Voucher:
        hashes = self.codes.hashes(typed_code)
        await self.guard.check(Attempt(principal, peer_address, hashes[0].hex()))
        voucher = await self.vouchers.find_by_code(hashes)
        if voucher is None:
            raise VoucherNotFoundError
        return voucher
