"""Take from what was captured: for a voucher, or because a remedy has lapsed."""

from dataclasses import dataclass
from uuid import UUID

from services.common.errors import RequestIdReusedError
from services.common.money import Money
from services.payment.domain import budget
from services.payment.domain.budget import Purpose
from services.payment.domain.errors import AmountNotPositiveError, PaymentNotFoundError
from services.payment.domain.payment import Payment
from services.payment.use_cases.ports import Transactions
from services.payment.use_cases.refund_ports import StoredSpending


@dataclass(frozen=True, slots=True)
class SpendBudget:
    """Spend once for each `spending_id`; again returns what was left the first time."""

    transactions: Transactions

    async def __call__(
        self,
        owner: str,
        reference_id: UUID,
        spending_id: UUID,
        amount: Money,
        purpose: Purpose = Purpose.VOUCHER,
    ) -> Money:
        if amount.minor_units <= 0:
            raise AmountNotPositiveError(amount.minor_units)
        async with self.transactions() as tx:
            payment, _, _ = await tx.payments.lock(owner, reference_id)
            if payment is None:
                raise PaymentNotFoundError(reference_id)
            earlier = await tx.spendings.find(spending_id)
            if earlier is not None:
                return _same(earlier, payment, spending_id, amount, purpose)
            left = budget.spend(payment, spending_id, amount, purpose)
            await tx.spendings.add(spending_id, payment.id, amount, left, purpose)
            await tx.payments.save(payment)
            await tx.commit()
        return left


def _same(
    earlier: StoredSpending, payment: Payment, spending_id: UUID, amount: Money, purpose: Purpose
) -> Money:
    if (earlier.payment_id, earlier.amount, earlier.purpose) != (payment.id, amount, purpose):
        raise RequestIdReusedError(spending_id)
    return earlier.remaining
