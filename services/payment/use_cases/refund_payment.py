"""Give money back."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.common.money import Money
from services.payment.domain import budget
from services.payment.domain.errors import (
    AmountNotPositiveError,
    PaymentNotFoundError,
    RefundDiffersError,
)
from services.payment.domain.refund import Refund, RefundReason
from services.payment.use_cases.ports import Background, Transactions
from services.payment.use_cases.resolve_refund import ResolveRefund


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Take from the budget once for each `refund_id`; the provider is told in the background."""

    transactions: Transactions
    resolve: ResolveRefund
    background: Background

    async def __call__(
        self,
        owner: str,
        reference_id: UUID,
        refund_id: UUID,
        amount: Money,
        reason: RefundReason,
    ) -> Refund:
        if amount.minor_units <= 0:
            raise AmountNotPositiveError(amount.minor_units)
        async with self.transactions() as tx:
            payment, _, now = await tx.payments.lock(owner, reference_id)
            if payment is None:
                raise PaymentNotFoundError(reference_id)
            earlier = await tx.refunds.find(refund_id)
            if earlier is not None:
                return _same(earlier, payment.id, amount)
            refund = budget.refund(payment, refund_id, amount, reason, now)
            if not await tx.refunds.add(refund):
                raise RefundDiffersError(refund_id)
            await tx.payments.save(payment)
            await tx.commit()
        self.background.start(f"refund:{refund_id}", partial(self.resolve.quietly, refund_id))
        return refund


def _same(earlier: Refund, payment_id: UUID, amount: Money) -> Refund:
    if (earlier.payment_id, earlier.amount) != (payment_id, amount):
        raise RefundDiffersError(earlier.id)
    return earlier
