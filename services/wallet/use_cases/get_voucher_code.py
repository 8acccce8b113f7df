"""Hand out a voucher's code at the moment of sending it."""

from dataclasses import dataclass
from uuid import UUID

from services.wallet.domain.errors import VoucherNotFoundError
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.ports import Actor, AuditNote, Transactions


@dataclass(frozen=True, slots=True)
class GetVoucherCode:
    """Open the code; every time leaves an audit row."""

    transactions: Transactions
    codes: Codes

    async def __call__(self, actor: Actor, voucher_id: UUID) -> str:
        async with self.transactions() as tx:
            found = await tx.vouchers.sealed_code(voucher_id)
            if found is None:
                raise VoucherNotFoundError
            code = self.codes.reveal(found.owner_id, found.sealed, found.seal_key)
            await tx.audit.note(AuditNote(actor, "GetVoucherCode", f"voucher/{voucher_id}"))
            await tx.commit()
        return code
