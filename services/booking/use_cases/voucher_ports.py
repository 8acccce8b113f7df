"""What orders need to know of vouchers, which the wallet keeps."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.voucher_tenders import VoucherOption, VoucherTender


@dataclass(frozen=True, slots=True)
class VoucherHolder:
    """Who has a voucher: attempts are limited by principal and address."""

    principal: str
    address: str
    account_id: UUID | None


class Vouchers(Protocol):
    async def find(
        self, tender: VoucherTender, holder: VoucherHolder, facts: ScreeningFacts, currency: str
    ) -> VoucherOption:
        """Ask what a voucher can pay: VOUCHER_NOT_ACCEPTED, TOO_MANY_ATTEMPTS."""
        ...
