"""Show a voucher to who holds its code, or owns it."""

from dataclasses import dataclass
from uuid import UUID

from services.wallet.domain.errors import VoucherNotFoundError
from services.wallet.domain.voucher import Voucher
from services.wallet.use_cases.code_ports import Attempt, AttemptGuard, Codes
from services.wallet.use_cases.read_ports import Vouchers


@dataclass(frozen=True, slots=True)
class GetVoucher:
    """Find a voucher by its code, with limited attempts, or one of the account's own by its ID."""

    vouchers: Vouchers
    codes: Codes
    guard: AttemptGuard

    async def by_code(self, principal: str, peer_address: str, typed_code: str) -> Voucher:
        hashes = self.codes.hashes(typed_code)
        await self.guard.check(Attempt(principal, peer_address, hashes[0].hex()))
        voucher = await self.vouchers.find_by_code(hashes)
        if voucher is None:
            raise VoucherNotFoundError
        return voucher

    async def own(self, account_id: UUID | None, voucher_id: UUID) -> Voucher:
        voucher = None
        if account_id is not None:
            voucher = await self.vouchers.find(account_id, voucher_id)
        if voucher is None:
            raise VoucherNotFoundError
        return voucher
