"""Payments as this process stored them last, so that what comes next need not read them."""

from dataclasses import dataclass, field

from services.common.bounded_cache import BoundedCache
from services.common.copies import copier
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.states import PaymentState

MAX_SEEN_PAYMENTS = 5_000
# The provider has something to tell about these: that it was paid, or that the money is taken.
_WAITS_FOR_NEWS = frozenset({PaymentState.OPEN, PaymentState.CAPTURING})


@dataclass(slots=True)
class SeenPayments:
    """By the provider's next word, which names the order of the last attempt.

    Another process may have changed them since: a store that is guarded by the version tells.
    """

    _by_order: BoundedCache[str, Payment] = field(
        default_factory=lambda: BoundedCache(MAX_SEEN_PAYMENTS)
    )

    def keep(self, payment: Payment) -> None:
        """Remember a payment as it was just stored."""
        if payment.state in _WAITS_FOR_NEWS:
            last = payment.attempts[max(payment.attempts)]
            self._by_order.put(last.ext_order_id, _copy(payment))

    def has_named(self, ext_order_id: str) -> bool:
        """Whether a payment is remembered, and with the provider's name of the order."""
        payment = self._by_order.get(ext_order_id)
        return payment is not None and any(
            attempt.ext_order_id == ext_order_id and attempt.provider_order_id is not None
            for attempt in payment.attempts.values()
        )

    def take(self, ext_order_id: str) -> Payment | None:
        """Give a payment away, to be changed; it is remembered again when that is stored."""
        payment = self._by_order.get(ext_order_id)
        self._by_order.forget(ext_order_id)
        return payment


def _copy(payment: Payment) -> Payment:
    copied = _copy_payment(payment)
    copied.attempts = {number: _copy_attempt(each) for number, each in payment.attempts.items()}
    copied.events, copied.entries, copied.strays = [], [], []
    return copied


_copy_payment = copier(Payment)
_copy_attempt = copier(PaymentAttempt)
