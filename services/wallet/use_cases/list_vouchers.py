"""List the vouchers of a wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.wallet.use_cases.read_ports import ListedVoucher, VoucherPosition, Vouchers


@dataclass(frozen=True, slots=True)
class ListVouchers:
    """List a page, newest first; spent and expired vouchers stay."""

    vouchers: Vouchers

    async def __call__(
        self, account_id: UUID, after: VoucherPosition | None, limit: int
    ) -> Sequence[ListedVoucher]:
        return await self.vouchers.of_account(account_id, after, limit)
