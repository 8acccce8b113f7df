"""What booking does when payment tells of an attempt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cinema.payment.v1 import events_pb2, refund_pb2

from services.booking.use_cases.confirm_order import Captured, ConfirmPayments, FailPayment
from services.booking.use_cases.note_money import NoteRefund, NoteSetAside
from services.booking.use_cases.order_ports import LockedOrders
from services.booking.use_cases.outage_ports import OutageNotes
from services.booking.use_cases.settle_refund import SettleRefund
from services.common.bus.events import Event, Subscription
from services.common.db.outbox import Trace
from services.common.db.transaction import Transaction
from services.common.rpc.money import money_of

PAYMENT = "payment"
OWNER = "booking"
# A customer waits for tickets. What payment's relay numbered together comes within this time.
GATHER_MS = 5
_Quarantined = events_pb2.PaymentQuarantined
# Money that makes no ticket. What is lost or fails at the provider is shown by other means.
_GOES_BACK = {
    _Quarantined.CAUSE_WRONG_AMOUNT: "WRONG_AMOUNT",
    _Quarantined.CAUSE_CAPTURED_WITHOUT_GRANT: "CAPTURED_WITHOUT_GRANT",
    _Quarantined.CAUSE_SECOND_PAYMENT: "SECOND_PAYMENT",
}
_REFUNDS_OF_NO_TICKET = {
    refund_pb2.REFUND_REASON_LATE_PAYMENT,
    refund_pb2.REFUND_REASON_EXCEPTION,
}


class OrdersOf(Protocol):
    """Gives the orders inside a transaction; `traces` where they move for different events."""

    def __call__(
        self, tx: Transaction, traces: Mapping[UUID, Trace] | None = None
    ) -> LockedOrders: ...


@dataclass(frozen=True, slots=True)
class PaymentConsumer:
    """Handlers of payment's events; those of card purchases are the wallet's."""

    orders: OrdersOf
    confirm_payments: ConfirmPayments
    fail_payment: FailPayment
    note_set_aside: NoteSetAside
    note_refund: NoteRefund
    settle_refund: SettleRefund
    outages: Callable[[Transaction], OutageNotes]

    def subscription(self) -> Subscription:
        return Subscription(
            PAYMENT,
            {
                "PaymentFailed": self.payment_failed,
                "PaymentExpired": self.payment_expired,
                "PaymentCancelled": self.payment_cancelled,
                "PaymentQuarantined": self.payment_quarantined,
                "RefundCompleted": self.refund_completed,
                "RefundFailed": self.refund_failed,
                "ProviderAvailabilityChanged": self.provider_availability_changed,
            },
            together={"PaymentConfirmed": self.payments_confirmed},
            gather_ms=GATHER_MS,
        )

    async def payments_confirmed(self, tx: Transaction, events: Sequence[Event]) -> None:
        captured: list[Captured] = []
        traces: dict[UUID, Trace] = {}
        for event in events:
            confirmed = events_pb2.PaymentConfirmed.FromString(event.payload)
            if confirmed.owner == OWNER:
                order_id = UUID(confirmed.reference_id)
                amount = money_of(confirmed.amount)
                captured.append(Captured(order_id, confirmed.attempt, amount))
                traces[order_id] = event.trace
        if captured:
            await self.confirm_payments(self.orders(tx, traces), captured)

    async def payment_failed(self, tx: Transaction, event: Event) -> None:
        failed = events_pb2.PaymentFailed.FromString(event.payload)
        await self._ended(tx, failed.owner, failed.reference_id, failed.attempt)

    async def payment_expired(self, tx: Transaction, event: Event) -> None:
        expired = events_pb2.PaymentExpired.FromString(event.payload)
        await self._ended(tx, expired.owner, expired.reference_id, expired.attempt)

    async def payment_cancelled(self, tx: Transaction, event: Event) -> None:
        cancelled = events_pb2.PaymentCancelled.FromString(event.payload)
        await self._ended(tx, cancelled.owner, cancelled.reference_id, cancelled.attempt)

    async def payment_quarantined(self, tx: Transaction, event: Event) -> None:
        put_aside = events_pb2.PaymentQuarantined.FromString(event.payload)
        if put_aside.owner == OWNER and put_aside.cause == _Quarantined.CAUSE_REFUND_FAILING:
            await self.settle_refund.keeps_failing(self.orders(tx), UUID(put_aside.reference_id))
        cause = _GOES_BACK.get(put_aside.cause)
        if put_aside.owner == OWNER and cause is not None:
            await self.note_set_aside(
                self.orders(tx), UUID(put_aside.reference_id), put_aside.attempt, cause
            )

    async def refund_completed(self, tx: Transaction, event: Event) -> None:
        refunded = events_pb2.RefundCompleted.FromString(event.payload)
        if refunded.owner != OWNER:
            return
        orders, order_id = self.orders(tx), UUID(refunded.reference_id)
        if refunded.reason in _REFUNDS_OF_NO_TICKET:
            await self.note_refund(orders, order_id, money_of(refunded.amount))
        else:
            await self.settle_refund.completed(orders, order_id, UUID(refunded.refund_id))

    async def refund_failed(self, tx: Transaction, event: Event) -> None:
        failed = events_pb2.RefundFailed.FromString(event.payload)
        if failed.owner == OWNER and failed.reason not in _REFUNDS_OF_NO_TICKET:
            await self.settle_refund.failed(
                self.orders(tx),
                UUID(failed.reference_id),
                UUID(failed.refund_id),
                failed.failure_code,
            )

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
