"""What buying cards, e-mails and reminders need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from services.common.money import Money
from services.common.requests import RequestKey
from services.wallet.domain.profile import Profile
from services.wallet.domain.purchase import Purchase


@dataclass(frozen=True, slots=True)
class CardMail:
    """An e-mail about places or points, once by its key; without a name and without a number."""

    key: str
    kind: str
    recipient: str
    language: str
    product_name: str
    count: int
    last_date: str


class PurchaseStore(Protocol):
    async def add(self, purchase: Purchase, lasts: timedelta) -> Purchase:
        """Store a new one and give it with the times that the database set."""
        ...

    async def lock(self, purchase_id: UUID) -> Purchase | None: ...

    async def save(self, purchase: Purchase, next_step: timedelta | None) -> None:
        """Store it; `next_step` says when the worker is to look at it, None for never."""
        ...

    async def drop_claim(self, key: RequestKey, purchase_id: UUID) -> None:
        """Give the request of a refused purchase back, so that it may be sent again."""
        ...


class MailQueue(Protocol):
    async def add(self, mail: CardMail) -> None: ...


class Purchases(Protocol):
    async def find(self, account_id: UUID, purchase_id: UUID) -> Purchase | None: ...

    async def due(self, limit: int, again_after: timedelta) -> Sequence[UUID]:
        """Take purchases whose next step is due; others leave them alone meanwhile."""
        ...


class Payments(Protocol):
    """Payment, for our own purchases. DEPENDENCY_UNAVAILABLE: the outcome is unknown."""

    async def create(self, purchase: Purchase, description: str) -> str:
        """Open the payment; gives the redirect address, or "" while the provider is slow."""
        ...

    async def capture(self, purchase_id: UUID) -> None: ...

    async def cancel(self, purchase_id: UUID) -> None: ...

    async def refund(self, purchase_id: UUID, amount: Money) -> None: ...


class ExpiringPlaces(NamedTuple):
    """Places, or points when there is no card, of an account that expire together."""

    lot_id: UUID
    account_id: UUID
    card_id: UUID | None
    product_name: str
    number: int
    last_date: date
    profile: Profile


class ReminderStore(Protocol):
    async def take_expiring(self, within: timedelta, limit: int) -> list[ExpiringPlaces]:
        """Take lots that expire soon and were not told of; tells of them by event."""
        ...


class OpenClaim(Protocol):
    """A claimed request whose answer comes later: the work it made, and whether that is new."""

    @property
    def work_id(self) -> UUID: ...

    @property
    def is_new(self) -> bool: ...
