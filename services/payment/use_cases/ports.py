"""What the use cases need from outside."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from services.common.money import Money
from services.payment.domain.attempt import Opening
from services.payment.domain.journal import Entry
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundEffect, RefundReport
from services.payment.domain.report import Effect, OrderReport
from services.payment.domain.states import Decision
from services.payment.domain.stray import StrayOrder
from services.payment.use_cases.audit_ports import ExceptionDesk
from services.payment.use_cases.refund_ports import RefundOrder, RefundStore, SpendingStore
from services.payment.use_cases.subject_ports import SubjectStore

# --- the provider -------------------------------------------------------------------------------


class ProviderDownError(Exception):
    """The provider does not answer, or answers that it cannot.

    `was_sent` false: it got nothing. True: it may have done what was asked.
    """

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class OutcomeUnknownError(ProviderDownError):
    """No answer came in time, or it was cut off: the provider may well have done it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, was_sent=True)


class ProviderRefusedError(Exception):
    """The provider will not do it, however often it is asked. `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OrderExistsError(Exception):
    """Our name for the order is taken; its page address can no longer be learned."""

    def __init__(self, provider_order_id: str) -> None:
        super().__init__(provider_order_id)
        self.provider_order_id = provider_order_id


@dataclass(frozen=True, slots=True)
class PointOfSale:
    """Our account at the provider for one currency."""

    pos_id: str
    currency: str
    auto_receive: bool


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be opened at the provider; `valid_s` is how long its page takes the payment."""

    pos_id: str
    ext_order_id: str
    amount: Money
    opening: Opening
    valid_s: int
    round: int


class OpenedOrder(NamedTuple):
    provider_order_id: str
    redirect_url: str


class PaymentProvider(Protocol):
    """A provider with a hosted page. All calls may raise ProviderDownError or ProviderRefusedError.

    None of them is made inside a transaction.
    """

    def point_of_sale(self, currency: str) -> PointOfSale:
        """Find where a currency is taken; raises CURRENCY_NOT_SUPPORTED."""
        ...

    async def open_order(self, order: NewOrder) -> OpenedOrder:
        """Open an order; raises OrderExistsError when an earlier answer was lost."""
        ...

    async def read_order(self, pos_id: str, provider_order_id: str) -> OrderReport | None:
        """Ask where an order stands; None when the provider does not know it."""
        ...

    async def void_order(self, pos_id: str, provider_order_id: str) -> None:
        """Cancel what is not captured; done again it does no harm. Its end is read separately."""
        ...

    async def capture_order(self, pos_id: str, provider_order_id: str) -> None:
        """Take the whole authorised amount."""
        ...

    async def refund_order(self, refund: RefundOrder) -> RefundReport:
        """Give money back; the same reference again tells of the earlier one."""
        ...

    async def read_refund(self, refund: RefundOrder) -> RefundReport | None:
        """Ask where a refund stands; None when the provider has none of this reference."""
        ...


# --- the owners of purchases --------------------------------------------------------------------


class OwnerUnavailableError(Exception):
    """The owner does not answer now."""


class Verdict(NamedTuple):
    """What the owner says. `capture_now`: a grant that nothing else is to be captured before."""

    decision: Decision
    refusal_reason: str | None
    capture_now: bool = False


class Owners(Protocol):
    """The services that own purchases."""

    async def decide(self, owner: str, reference_id: UUID, attempt: int, amount: Money) -> Verdict:
        """Ask for the decision about an authorised attempt; raises OwnerUnavailableError."""
        ...


# --- storage ------------------------------------------------------------------------------------


class Locked(NamedTuple):
    """A payment under its row lock, and the database's clock read after the lock."""

    payment: Payment | None
    is_tombstone: bool
    now: datetime


class PaymentStore(Protocol):
    """Payments inside a transaction. The payment's row is the lock of all its parts."""

    async def lock(self, owner: str, reference_id: UUID) -> Locked: ...

    async def lock_by_id(self, payment_id: UUID) -> Locked: ...

    async def add_tombstone(self, owner: str, reference_id: UUID) -> bool:
        """Store that a payment of this reference must never be made; false when there is one."""
        ...

    async def save(self, payment: Payment) -> None:
        """Store what changed: the payment, its attempts, events, journal entries and strays."""
        ...

    async def is_stray(self, ext_order_id: str) -> bool: ...

    async def void_stray(self, ext_order_id: str, provider_order_id: str) -> None:
        """Let the worker cancel a stray order, under the provider's name for it."""
        ...

    async def add_stray(self, stray: StrayOrder) -> None:
        """Let the worker cancel an order that belongs to no payment."""
        ...


@dataclass(frozen=True, slots=True)
class NotificationFacts:
    """What is kept of a notification: nothing of the buyer, nothing of a card."""

    digest: bytes
    pos_id: str
    ext_order_id: str
    provider_order_id: str
    status: str


class ForgedNotificationError(Exception):
    """The signature is missing, not one of ours, or made by an algorithm that is not allowed."""


class NotificationInbox(Protocol):
    async def add(self, facts: NotificationFacts, effect: Effect | RefundEffect) -> bool:
        """Store a notification by the SHA-256 of its bytes; false when it was stored before."""
        ...


class Transaction(Protocol):
    """Rolled back unless committed."""

    @property
    def payments(self) -> PaymentStore: ...

    @property
    def spendings(self) -> SpendingStore: ...

    @property
    def notifications(self) -> NotificationInbox: ...

    @property
    def exceptions(self) -> ExceptionDesk: ...

    @property
    def refunds(self) -> RefundStore: ...

    @property
    def subjects(self) -> SubjectStore: ...

    async def book(self, entry: Entry, payment_id: UUID | None) -> None:
        """Add an entry to the journal that no payment's change brings along."""
        ...

    async def commit(self) -> None: ...


Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Transaction]]


class PaymentReader(Protocol):
    async def find(self, owner: str | None, reference_id: UUID) -> Payment | None:
        """Read without a lock; any owner's when `owner` is None. Tombstones are not found."""
        ...

    async def find_by_id(self, payment_id: UUID) -> Payment | None: ...


class DueAttempt(NamedTuple):
    payment_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class DueStray:
    ext_order_id: str
    pos_id: str
    provider_order_id: str | None
    is_past_expiry: bool


class DueWork(Protocol):
    """Work whose time has come. What is taken is left alone by others until its back-off is over."""

    async def take_attempts(self, limit: int) -> Sequence[DueAttempt]: ...

    async def take_strays(self, limit: int) -> Sequence[DueStray]: ...

    async def take_refunds(self, limit: int) -> Sequence[UUID]: ...

    async def settle_stray(self, ext_order_id: str) -> None:
        """Forget an order that nobody can pay any more, and end the exception it was."""
        ...


# --- the process --------------------------------------------------------------------------------


class Background(Protocol):
    """Runs work after the answer was given. Full or crashed: the worker does it instead."""

    def start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Begin the work unless one with the same key runs or there is no room."""
        ...

    async def wait_for(self, key: str, timeout_s: float) -> bool:
        """Wait for running work; false when it still runs. Its failure is not raised here."""
        ...


NewId: TypeAlias = Callable[[], UUID]
