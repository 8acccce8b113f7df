"""What booking does when payment tells of an attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cinema.payment.v1 import events_pb2

from services.booking.use_cases.confirm_order import ConfirmPayment, FailPayment
from services.booking.use_cases.order_ports import LockedOrders
from services.booking.use_cases.outage_ports import OutageNotes
from services.common.bus.events import Event, Subscription
from services.common.db.transaction import Transaction
from services.common.rpc.money import money_of

PAYMENT = "payment"
OWNER = "booking"


@dataclass(frozen=True, slots=True)
class PaymentConsumer:
    """Handlers of payment's events; those of card purchases are the wallet's."""

    orders: Callable[[Transaction], LockedOrders]
    confirm_payment: ConfirmPayment
    fail_payment: FailPayment
    outages: Callable[[Transaction], OutageNotes]

    def subscription(self) -> Subscription:
        return Subscription(
            PAYMENT,
            {
                "PaymentConfirmed": self.payment_confirmed,
                "PaymentFailed": self.payment_failed,
                "PaymentExpired": self.payment_expired,
                "PaymentCancelled": self.payment_cancelled,
                "ProviderAvailabilityChanged": self.provider_availability_changed,
            },
        )

    async def payment_confirmed(self, tx: Transaction, event: Event) -> None:
        confirmed = events_pb2.PaymentConfirmed.FromString(event.payload)
        if confirmed.owner == OWNER:
            await self.confirm_payment(
                self.orders(tx),
                UUID(confirmed.reference_id),
                confirmed.attempt,
                money_of(confirmed.amount),
            )

    async def payment_failed(self, tx: Transaction, event: Event) -> None:
        failed = events_pb2.PaymentFailed.FromString(event.payload)
        await self._ended(tx, failed.owner, failed.reference_id, failed.attempt)

    async def payment_expired(self, tx: Transaction, event: Event) -> None:
        expired = events_pb2.PaymentExpired.FromString(event.payload)
        await self._ended(tx, expired.owner, expired.reference_id, expired.attempt)

    async def payment_cancelled(self, tx: Transaction, event: Event) -> None:
        cancelled = events_pb2.PaymentCancelled.FromString(event.payload)
        await self._ended(tx, cancelled.owner, cancelled.reference_id, cancelled.attempt)

    async def provider_availability_changed(self, tx: Transaction, event: Event) -> None:
        changed = events_pb2.ProviderAvailabilityChanged.FromString(event.payload)
        outages = self.outages(tx)
        if changed.availability == events_pb2.ProviderAvailabilityChanged.AVAILABILITY_UNAVAILABLE:
            await outages.began(changed.currency_code, changed.retry_after.ToMilliseconds())
        else:
            await outages.ended(changed.currency_code)

    async def _ended(self, tx: Transaction, owner: str, reference_id: str, attempt: int) -> None:
        if owner == OWNER:
            await self.fail_payment(self.orders(tx), UUID(reference_id), attempt)
