"""Bring a refund forward: begin it at the provider, or ask how it stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.errors import DomainError
from services.payment.domain.refund import Refund, RefundEffect, RefundReport, RefundState
from services.payment.use_cases.ports import (
    PaymentProvider,
    ProviderDownError,
    ProviderRefusedError,
    Transactions,
)
from services.payment.use_cases.refund_ports import RefundOrder, RefundReader
from services.payment.use_cases.refund_reports import apply_refund_report, learn_of_refund


@dataclass(frozen=True, slots=True)
class ResolveRefund:
    """Take the one step that is due.

    Done twice, or by two processes at once, it does no harm: the same name at the provider is the
    same refund there.
    """

    transactions: Transactions
    reader: RefundReader
    provider: PaymentProvider

    async def quietly(self, refund_id: UUID) -> None:
        """Do what the call does, and leave what did not work to the worker."""
        try:
            await self(refund_id)
        except (ProviderDownError, ProviderRefusedError, DomainError):
            return

    async def __call__(self, refund_id: UUID) -> None:
        refund = await self.reader.find(None, refund_id)
        match refund:
            case Refund(state=RefundState.REQUESTED):
                await self._begin(refund)
            case Refund(state=RefundState.SENT):
                report = await self.provider.read_refund(order_of(refund))
                if report is not None:
                    await self._apply(report)
            case _:
                return

    async def _begin(self, refund: Refund) -> None:
        order = order_of(refund)
        try:
            report = await self.provider.refund_order(order)
        except ProviderRefusedError as refused:
            # Perhaps it was begun before, in words that the provider takes for others.
            earlier = await self.provider.read_refund(order)
            if earlier is None:
                await self._postpone(refund.id, refused.code)
                return
            report = earlier
        await self._apply(report)

    async def _apply(self, report: RefundReport) -> None:
        async with self.transactions() as tx:
            await apply_refund_report(tx, report)
            await tx.commit()

    async def _postpone(self, refund_id: UUID, code: str) -> None:
        def postpone(refund: Refund, now: datetime) -> RefundEffect:
            refund.postpone(code, now)
            return RefundEffect.NOTED

        async with self.transactions() as tx:
            await learn_of_refund(tx, refund_id, postpone)
            await tx.commit()


def order_of(refund: Refund) -> RefundOrder:
    """Write the refund as the provider is told of it."""
    return RefundOrder(
        pos_id=refund.pos_id,
        provider_order_id=refund.provider_order_id,
        provider_reference=refund.provider_reference,
        amount=refund.amount,
        provider_refund_id=refund.provider_refund_id,
    )
