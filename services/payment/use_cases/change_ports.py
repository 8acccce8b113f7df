"""How a use case changes one payment without locking anybody out."""

from collections.abc import Callable
from typing import Protocol, TypeAlias
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import Locked, NotificationFacts

# Changes the payment that is given, or makes one; None: nothing is to be stored. It may be called
# again on what somebody else made of the payment meanwhile, so it does nothing else.
Change: TypeAlias = Callable[[Locked], Payment | None]
# Changes it by a notification; None: the notification is about no attempt of ours.
Judge: TypeAlias = Callable[[Locked], Effect | None]


class PaymentChanges(Protocol):
    """Changes of one payment, each a transaction of its own.

    What was read is stored only if nobody changed the payment meanwhile; else it is read and
    changed again. So each change is made to the truth, as under a lock.
    """

    async def by_reference(self, owner: str, reference_id: UUID, change: Change) -> Payment | None:
        """Change a payment; gives it as it is then."""
        ...

    async def by_new_reference(
        self, owner: str, reference_id: UUID, change: Change
    ) -> Payment | None:
        """As `by_reference`, for one that hardly exists yet: it is made before it is looked for."""
        ...

    async def by_id(
        self, payment_id: UUID, change: Change, *, may_be_lost: bool = False
    ) -> Payment | None:
        """Change a payment; `may_be_lost`: what a crash loses is asked for again."""
        ...

    async def following(
        self, payment: Payment, change: Change, *, may_be_lost: bool = False
    ) -> Payment | None:
        """Change a payment that was stored or read a moment ago, without reading it again."""
        ...

    def has_named(self, ext_order_id: str) -> bool:
        """Whether the provider's name of an order is known for certain; False: perhaps it is."""
        ...

    async def by_notification(self, facts: NotificationFacts, judge: Judge) -> Effect | None:
        """Store a notification with its effect; REPEATED when it was stored before."""
        ...
