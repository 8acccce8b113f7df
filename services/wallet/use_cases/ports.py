"""What the use cases need from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from services.common.money import Money
from services.common.requests import RequestKey
from services.wallet.domain.card import Card, CardKind
from services.wallet.domain.entries import PlaceEntry
from services.wallet.domain.leg import LegKey
from services.wallet.domain.product import CardProduct
from services.wallet.domain.reservation import Reservation, ReservedSeat, Subject
from services.wallet.domain.voucher import (
    Voucher,
    VoucherEntry,
    VoucherRequest,
    VoucherReservation,
    VoucherSubject,
)
from services.wallet.use_cases.code_ports import KeptCode, SealedCode
from services.wallet.use_cases.points_ports import PointStore, ProfileStore
from services.wallet.use_cases.purchase_ports import (
    MailQueue,
    OpenClaim,
    PurchaseStore,
    ReminderStore,
)
from services.wallet.use_cases.subject_ports import SubjectStore

# --- staff --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for the audit."""

    id: str
    roles: Sequence[str]
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditNote:
    """What an actor did to which thing; of `before` and `after` only hashes are kept."""

    actor: Actor
    action: str
    subject: str
    before: bytes = b""
    after: bytes = b""


# --- storage ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewCard:
    """`owner` is the account that it comes to by itself, None for a card to be registered."""

    id: UUID
    lot_id: UUID
    number: KeptCode
    owner: UUID | None = None
    surname_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewBatch:
    """Cards of one product version to be issued together."""

    id: UUID
    product: CardProduct
    product_version: int
    last_screening_date: date
    reason: str
    issued_by: str
    cards: Sequence[NewCard]
    partner: str = ""
    printed: bool = False


class VersionedProduct(NamedTuple):
    version: int
    product: CardProduct


class LockedCard(NamedTuple):
    """A card under its row lock, the seats it pays of a screening, and today's date here."""

    card: Card
    seats_paid: int
    today: date


class LockedVoucher(NamedTuple):
    """A voucher under its row lock, and today's date here."""

    voucher: Voucher
    today: date


class Extended(NamedTuple):
    """How many cards, and how many of their places, got a later date."""

    cards: int
    places: int


class ProductStore(Protocol):
    async def newest_for_update(self, code: str) -> VersionedProduct | None: ...

    async def newest(self, code: str) -> VersionedProduct | None: ...

    async def version(self, code: str, version: int) -> VersionedProduct: ...

    async def add(self, product: CardProduct, version: int) -> None: ...


class CardStore(Protocol):
    async def lock(self, card_id: UUID, screening_id: UUID | None) -> LockedCard | None: ...

    async def register(
        self,
        number_hashes: Sequence[bytes],
        surname_hashes: Sequence[bytes],
        account_id: UUID,
        kind: CardKind,
    ) -> Card | None:
        """Put the card into the wallet; None whatever is wrong, after the same work."""
        ...

    async def known_numbers(self, number_hashes: Sequence[bytes]) -> Sequence[bytes]:
        """Say which of the numbers there are; until the end of the transaction no other import asks."""
        ...

    async def activate(self, batch_id: UUID) -> int | None:
        """Activate printed cards; tells how many, None for an unknown batch."""
        ...

    async def extend(
        self, batch_id: UUID | None, card_ids: Sequence[UUID], last_screening_date: date
    ) -> Extended:
        """Move the places left of cards into lots that last longer."""
        ...

    async def read_locked(self, card_id: UUID, screening_id: UUID | None) -> LockedCard | None:
        """Read a card whose row this transaction has locked."""
        ...

    async def reserve(self, card_id: UUID, key: LegKey, seats: Sequence[ReservedSeat]) -> None:
        """Note the seats of a claimed reservation and move their places; the card is locked."""
        ...

    async def read(self, card_id: UUID) -> Card: ...

    async def make_void(self, card_id: UUID) -> None: ...

    async def issue(self, batch: NewBatch) -> None:
        """Store cards, lots, entries and one event per card."""
        ...

    async def add_lot(self, lot_id: UUID, card_id: UUID, last_screening_date: date) -> None:
        """Add an empty lot."""
        ...

    async def post(
        self, card_id: UUID, key: LegKey, entries: Sequence[PlaceEntry], *, tells: bool
    ) -> None:
        """Add entries and move their lots' balances; `tells` also writes the event."""
        ...


class ReservationStore(Protocol):
    async def claim(
        self, key: LegKey, subject: Subject | VoucherSubject, ask_after: timedelta
    ) -> bool:
        """Take the key for a new reservation; false when it is taken, or dead.

        The row of the subject's card, if there is one, is locked with it.
        """
        ...

    async def bury(self, key: LegKey) -> bool:
        """Leave a tombstone under a key that was never seen; false when it was."""
        ...

    async def lock(self, key: LegKey) -> Reservation | VoucherReservation | None: ...

    async def set_taken(self, key: LegKey, taken: Money) -> None: ...

    async def save_state(self, reservation: Reservation | VoucherReservation) -> None: ...


class VoucherStore(Protocol):
    async def issue(
        self,
        voucher_id: UUID,
        request: VoucherRequest,
        code: KeptCode,
        product: VersionedProduct,
    ) -> bool:
        """Store the remedy's voucher and its event; false when the remedy has one."""
        ...

    async def of_remedy(self, remedy_id: UUID) -> VoucherRequest: ...

    async def lock(self, voucher_id: UUID) -> LockedVoucher | None: ...

    async def post(
        self, reservation: VoucherReservation, entries: Sequence[VoucherEntry], *, tells: bool
    ) -> None:
        """Add entries and move the voucher's balances; `tells` also writes the event."""
        ...

    async def extend(self, voucher_id: UUID, last_screening_date: date) -> None: ...

    async def sealed_code(self, voucher_id: UUID) -> SealedCode | None: ...


class RequestStore(Protocol):
    async def claim(self, key: RequestKey) -> None: ...

    async def claim_open(self, key: RequestKey, work_id: UUID) -> OpenClaim: ...

    async def store(self, key: RequestKey, result: Any) -> None: ...


class AuditStore(Protocol):
    async def note(self, entry: AuditNote) -> None: ...


class Transaction(Protocol):
    @property
    def products(self) -> ProductStore: ...

    @property
    def cards(self) -> CardStore: ...

    @property
    def reservations(self) -> ReservationStore: ...

    @property
    def vouchers(self) -> VoucherStore: ...

    @property
    def points(self) -> PointStore: ...

    @property
    def profiles(self) -> ProfileStore: ...

    @property
    def purchases(self) -> PurchaseStore: ...

    @property
    def mails(self) -> MailQueue: ...

    @property
    def reminders(self) -> ReminderStore: ...

    @property
    def subjects(self) -> SubjectStore: ...

    @property
    def requests(self) -> RequestStore: ...

    @property
    def audit(self) -> AuditStore: ...

    async def commit(self) -> None: ...


Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Transaction]]


NewId: TypeAlias = Callable[[], UUID]


class VoucherMismatchError(Exception):
    """A remedy asks for another voucher than the one it has."""

    def __init__(self, remedy_id: UUID, value: Money) -> None:
        super().__init__(f"Remedy {remedy_id} has another voucher than one of {value}.")
