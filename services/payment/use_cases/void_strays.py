"""Cancel provider orders that nobody may pay any more."""

from contextlib import suppress
from dataclasses import dataclass

from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import (
    DueStray,
    DueWork,
    PaymentProvider,
    ProviderRefusedError,
)


@dataclass(frozen=True, slots=True)
class VoidStray:
    """Cancel until the provider says that it is. One that it never named ends with its page."""

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
        over = {OrderStatus.CANCELLED, OrderStatus.CAPTURED}
        if report is None or report.status in over:
            await self.due_work.settle_stray(stray.ext_order_id)
