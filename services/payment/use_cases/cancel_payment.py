"""Give a payment up."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.errors import ProviderUnavailableError
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState
from services.payment.use_cases.ports import (
    Background,
    PaymentReader,
    ProviderDownError,
    ProviderRefusedError,
    Transactions,
)
from services.payment.use_cases.resolve_attempt import ResolveAttempt


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """Cancel what can still be cancelled; the provider is told in the background.

    An unknown reference leaves a tombstone, and None is returned for it. With `unless_authorized`
    the provider is asked first where somebody may have paid: what turns out to be authorised is not
    cancelled but brought forward to its decision. PAYMENT_CLOSED, PAYMENT_AUTHORIZED,
    PROVIDER_UNAVAILABLE.
    """

    transactions: Transactions
    reader: PaymentReader
    resolve: ResolveAttempt
    background: Background
    retry_after_ms: int = 2_000

    async def __call__(
        self, owner: str, reference_id: UUID, *, unless_authorized: bool = False
    ) -> Payment | None:
        if unless_authorized:
            await self._ask(owner, reference_id)
        async with self.transactions() as tx:
            payment, is_tombstone, now = await tx.payments.lock(owner, reference_id)
            if payment is None and not is_tombstone:
                if await tx.payments.add_tombstone(owner, reference_id):
                    await tx.commit()
                    return None
                payment, is_tombstone, now = await tx.payments.lock(owner, reference_id)
            if payment is None:
                return None
            if payment.cancel(now, unless_authorized=unless_authorized):
                await tx.payments.save(payment)
                await tx.commit()
        self._resolve_soon(payment, AttemptState.CANCELLING)
        return payment

    async def _ask(self, owner: str, reference_id: UUID) -> None:
        """Learn what the provider knows of a page that may have been paid."""
        payment = await self.reader.find(owner, reference_id)
        if payment is None:
            return
        for attempt in payment.attempts.values():
            if attempt.state is AttemptState.AWAITING_CUSTOMER:
                await self._learn(payment, attempt)
        known = await self.reader.find(owner, reference_id)
        if known is not None:
            self._resolve_soon(known, AttemptState.AUTHORIZED)

    async def _learn(self, payment: Payment, attempt: PaymentAttempt) -> None:
        try:
            await self.resolve.ask(payment, attempt)
        except (ProviderDownError, ProviderRefusedError) as silence:
            currency = payment.amount.currency
            raise ProviderUnavailableError(
                currency, retry_after_ms=self.retry_after_ms
            ) from silence

    def _resolve_soon(self, payment: Payment, state: AttemptState) -> None:
        for attempt in payment.attempts.values():
            if attempt.state is state:
                key = f"resolve:{payment.id}:{attempt.number}"
                self.background.start(
                    key, partial(self.resolve.quietly, payment.id, attempt.number)
                )
