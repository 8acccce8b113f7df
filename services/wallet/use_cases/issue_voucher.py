"""Issue the refund voucher of a remedy."""

from dataclasses import dataclass

from services.wallet.domain.voucher import VoucherRequest
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.ports import NewId, Transaction, VoucherMismatchError


@dataclass(frozen=True, slots=True)
class IssueVoucher:
    """Issue exactly one voucher per remedy, in the transaction of the event that asks for it."""

    codes: Codes
    new_id: NewId
    product_code: str

    async def __call__(self, tx: Transaction, request: VoucherRequest) -> bool:
        """Tell whether it was issued now; raises VoucherMismatchError for another one."""
        voucher_id = self.new_id()
        product = await tx.products.newest(self.product_code)
        if product is None:
            raise LookupError(f"there is no product {self.product_code} for refund vouchers")
        if await tx.vouchers.issue(voucher_id, request, self.codes.new(voucher_id), product):
            return True
        if await tx.vouchers.of_remedy(request.remedy_id) != request:
            raise VoucherMismatchError(request.remedy_id, request.value)
        return False
