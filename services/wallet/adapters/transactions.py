"""Wallet's transactions: the chassis's, with the stores of this service on its connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.common.db.audit import Audit, AuditEntry
from services.common.db.database import Database
from services.common.db.idempotency import RequestStore
from services.common.db.transaction import Transaction
from services.wallet.adapters.card_mails import Mails
from services.wallet.adapters.cards import CardStore
from services.wallet.adapters.known_products import KnownProducts
from services.wallet.adapters.points import PointStore
from services.wallet.adapters.products import Products
from services.wallet.adapters.profiles import ProfileStore
from services.wallet.adapters.purchases import PurchaseRows
from services.wallet.adapters.reminders import Reminders
from services.wallet.adapters.reservations import Reservations
from services.wallet.adapters.subjects import SubjectRows
from services.wallet.adapters.vouchers import VoucherStore
from services.wallet.use_cases.ports import AuditNote


@dataclass(frozen=True, slots=True)
class AuditNotes:
    """The port `AuditStore` on the chassis's chained audit."""

    audit: Audit

    async def note(self, entry: AuditNote) -> None:
        actor = entry.actor
        await self.audit.add(
            AuditEntry(
                actor=actor.id,
                roles=actor.roles,
                action=entry.action,
                subject=entry.subject,
                request_id=actor.request_id,
                before=entry.before,
                after=entry.after,
            )
        )


@dataclass(slots=True)
class WalletTransaction:
    """One transaction; each store works on its connection and commits with it."""

    inner: Transaction
    time_zone: str
    known: KnownProducts
    products: Products = field(init=False)
    cards: CardStore = field(init=False)
    reservations: Reservations = field(init=False)
    vouchers: VoucherStore = field(init=False)
    points: PointStore = field(init=False)
    profiles: ProfileStore = field(init=False)
    purchases: PurchaseRows = field(init=False)
    mails: Mails = field(init=False)
    reminders: Reminders = field(init=False)
    subjects: SubjectRows = field(init=False)
    audit: AuditNotes = field(init=False)

    def __post_init__(self) -> None:
        self.products = Products(self.inner.driver)
        self.cards = CardStore(self.inner, self.time_zone, self.known)
        self.reservations = Reservations(self.inner.driver)
        self.vouchers = VoucherStore(self.inner, self.time_zone)
        self.points = PointStore(self.inner, self.time_zone)
        self.profiles = ProfileStore(self.inner, self.time_zone)
        self.purchases = PurchaseRows(self.inner.driver)
        self.mails = Mails(self.inner)
        self.reminders = Reminders(self.inner, self.time_zone)
        self.subjects = SubjectRows(self.inner, self.time_zone)
        self.audit = AuditNotes(self.inner.audit)

    @property
    def requests(self) -> RequestStore:
        return self.inner.requests

    async def commit(self) -> None:
        await self.inner.commit()


@dataclass(frozen=True, slots=True)
class WalletTransactions:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`.

    `time_zone` says which date it is today, for grace periods.
    """

    database: Database
    time_zone: str
    known: KnownProducts = field(default_factory=KnownProducts)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[WalletTransaction]:
        async with self.database.transaction() as inner:
            yield self.join(inner)

    def join(self, inner: Transaction) -> WalletTransaction:
        """Work in a transaction that somebody else commits."""
        return WalletTransaction(inner, self.time_zone, self.known)
