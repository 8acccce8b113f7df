"""What wallet does when payment tells of the payment of a card."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cinema.payment.v1 import events_pb2

from services.common.bus.events import Event, Subscription
from services.common.db import transaction as db
from services.common.rpc.money import money_of
from services.wallet.use_cases.complete_purchase import CompletePurchase
from services.wallet.use_cases.ports import Transaction

PAYMENT = "payment"
OWNER = "wallet"
# Most of these events are of orders, and nothing to us.
PAGED_EVERY_MS = 1_000


@dataclass(frozen=True, slots=True)
class PaymentConsumer:
    """Handlers of payment's events; those of orders are booking's."""

    complete: CompletePurchase
    join: Callable[[db.Transaction], Transaction]

    def subscription(self) -> Subscription:
        return Subscription(
            PAYMENT,
            {
                "PaymentConfirmed": self.payment_confirmed,
                "PaymentFailed": self.payment_failed,
                "PaymentExpired": self.payment_expired,
                "PaymentCancelled": self.payment_cancelled,
                "RefundCompleted": self.refund_completed,
            },
            paged_every_ms=PAGED_EVERY_MS,
        )

    async def payment_confirmed(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.PaymentConfirmed.FromString(event.payload)
        if message.owner == OWNER:
            purchase_id, amount = UUID(message.reference_id), money_of(message.amount)
            await self.complete.paid(self.join(tx), purchase_id, amount)

    async def payment_failed(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.PaymentFailed.FromString(event.payload)
        await self._ended(tx, message.owner, message.reference_id)

    async def payment_expired(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.PaymentExpired.FromString(event.payload)
        await self._ended(tx, message.owner, message.reference_id)

    async def payment_cancelled(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.PaymentCancelled.FromString(event.payload)
        await self._ended(tx, message.owner, message.reference_id)

    async def refund_completed(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.RefundCompleted.FromString(event.payload)
        if message.owner == OWNER and message.refund_id == message.reference_id:
            await self.complete.refunded(self.join(tx), UUID(message.reference_id))

    async def _ended(self, tx: db.Transaction, owner: str, reference_id: str) -> None:
        if owner == OWNER:
            await self.complete.ended(self.join(tx), UUID(reference_id))
