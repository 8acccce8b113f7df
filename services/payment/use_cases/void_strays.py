"""Cancel provider orders that nobody may pay any more."""

from contextlib import suppress
from dataclasses import dataclass

from services.payment.domain.events import Cause
from services.payment.domain.provider_reports import put_aside
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import (
    DueStray,
    DueWork,
    PaymentProvider,
    ProviderRefusedError,
    Transactions,
)

_OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.CAPTURED})


@dataclass(frozen=True, slots=True)
class VoidStray:
    """Cancel until the provider says that it is. One that it never named ends with its page."""

    transactions: Transactions
    provider: PaymentProvider
    due_work: DueWork

    async def __call__(self, stray: DueStray) -> None:
        if stray.provider_order_id is None:
            if stray.is_past_expiry:
                await self.due_work.settle_stray(stray.ext_order_id)
            return
        with suppress(ProviderRefusedError):
            # It is over already: the question below tells.
            await self.provider.void_order(stray.pos_id, stray.provider_order_id)
        report = await self.provider.read_order(stray.pos_id, stray.provider_order_id)
        if report is not None and report.status is OrderStatus.CAPTURED:
            # Money for an order that nobody waits for: back in full, and by name.
            async with self.transactions() as tx:
                await tx.exceptions.open(put_aside(Cause.CAPTURED_WITHOUT_GRANT, report))
                await tx.commit()
        if report is None or report.status in _OVER:
            await self.due_work.settle_stray(stray.ext_order_id)
