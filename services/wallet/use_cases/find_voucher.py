"""Find a voucher that can pay for seats of a screening."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.errors import VoucherNotAcceptedError
from services.wallet.domain.screening import ScreeningFacts
from services.wallet.domain.voucher import Voucher
from services.wallet.use_cases.code_ports import Attempt, AttemptGuard, Codes
from services.wallet.use_cases.read_ports import Vouchers


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who tries, and whose account it is for, None for a guest."""

    principal: str
    peer_address: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class FindVoucher:
    """Find it by its code, or as one of the account's own. Whatever is wrong, the answer is one.

    A code is hashed and looked up whatever it is, and judged by the same rules as the reservation.
    """

    vouchers: Vouchers
    codes: Codes
    guard: AttemptGuard

    async def by_code(
        self, seeker: Seeker, typed_code: str, screening: ScreeningFacts, currency: str
    ) -> Voucher:
        hashes: Sequence[bytes] = self.codes.hashes(typed_code)
        await self.guard.check(Attempt(seeker.principal, seeker.peer_address, hashes[0].hex()))
        return _usable(await self.vouchers.find_by_code(hashes), seeker, screening, currency)

    async def own(
        self, seeker: Seeker, voucher_id: UUID, screening: ScreeningFacts, currency: str
    ) -> Voucher:
        if seeker.account_id is None:
            raise VoucherNotAcceptedError
        found = await self.vouchers.find(seeker.account_id, voucher_id)
        return _usable(found, seeker, screening, currency)


def _usable(
    voucher: Voucher | None, seeker: Seeker, screening: ScreeningFacts, currency: str
) -> Voucher:
    if voucher is None:
        raise VoucherNotAcceptedError
    voucher.must_pay(seeker.account_id, screening, Money(currency, 1))
    return voucher
