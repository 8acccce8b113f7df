"""Tell what the captured money became."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.payment.domain.errors import PaymentNotFoundError
from services.payment.use_cases.audit_ports import (
    AuditReader,
    ProviderDay,
    Settlement,
    SettlementScope,
)
from services.payment.use_cases.ports import PaymentReader

MAX_DAYS = 31


@dataclass(frozen=True, slots=True)
class GetSettlement:
    """Add up the books. Raises PAYMENT_NOT_FOUND for an unknown reference."""

    audit: AuditReader
    payments: PaymentReader

    async def __call__(
        self, scope: SettlementScope
    ) -> tuple[Sequence[Settlement], Sequence[ProviderDay]]:
        if scope.reference_id is not None:
            if await self.payments.find(None, scope.reference_id) is None:
                raise PaymentNotFoundError(scope.reference_id)
            return await self.audit.settlements(scope), ()
        return await self.audit.settlements(scope), await self.audit.provider_days(MAX_DAYS)
