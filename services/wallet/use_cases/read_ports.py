"""What the use cases read without locks, and ask of booking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from services.wallet.domain.card import Card
from services.wallet.domain.entries import EntryKind
from services.wallet.domain.leg import LegKey
from services.wallet.domain.reservation import ReservedSeat, Subject
from services.wallet.domain.voucher import Voucher
from services.wallet.use_cases.code_ports import SealedCode


@dataclass(frozen=True, slots=True)
class CardPosition:
    """The last card of a page of a wallet."""

    register_time: datetime
    card_id: UUID


class ListedCardEntry(NamedTuple):
    """An entry of a card as its owner sees it; the screening is that of the order."""

    number: int
    kind: EntryKind
    left: int
    reserved: int
    used: int
    order_id: UUID | None
    screening_id: UUID | None
    seat_id: str
    last_screening_date: date
    time: datetime

    def without_issue(self) -> "ListedCardEntry":
        """Hide how many places the card was issued with."""
        return self._replace(left=0) if self.kind is EntryKind.ISSUE else self


class Cards(Protocol):
    """Reads without locks."""

    async def of_account(
        self, account_id: UUID, after: CardPosition | None, limit: int
    ) -> Sequence[Card]:
        """List registered cards, newest registration first."""
        ...

    async def find(self, account_id: UUID, card_id: UUID) -> tuple[Card, SealedCode] | None: ...

    async def entries(
        self, card_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedCardEntry]:
        """List what happened to a card's places, newest first."""
        ...

    async def seats_paid(
        self, card_ids: Sequence[UUID], screening_id: UUID
    ) -> Mapping[UUID, int]: ...

    async def sealed_numbers(self, card_ids: Sequence[UUID]) -> Sequence[SealedCode]: ...


@dataclass(frozen=True, slots=True)
class VoucherPosition:
    """The last voucher of a page."""

    issue_time: datetime
    voucher_id: UUID


class ListedVoucher(NamedTuple):
    voucher: Voucher
    position: VoucherPosition


class Vouchers(Protocol):
    async def find_by_code(self, code_hashes: Sequence[bytes]) -> Voucher | None: ...

    async def find(self, account_id: UUID, voucher_id: UUID) -> Voucher | None: ...

    async def of_account(
        self, account_id: UUID, after: VoucherPosition | None, limit: int
    ) -> Sequence[ListedVoucher]:
        """List an account's own vouchers, newest first."""
        ...


class OpenReservations(Protocol):
    async def take_due(self, limit: int, ask_again_after: timedelta) -> Sequence[LegKey]:
        """Take reservations whose time to ask has come; others leave them alone meanwhile."""
        ...

    async def ask_after(self, key: LegKey, wait: timedelta) -> None: ...


# --- booking ------------------------------------------------------------------------------------


class Decision(StrEnum):
    """What is to become of a reservation."""

    UNDECIDED = "UNDECIDED"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"


class LegVerdict(NamedTuple):
    decision: Decision
    ask_after: timedelta


class LegDecisions(Protocol):
    async def ask(self, key: LegKey) -> LegVerdict:
        """Ask the order's owner; raises DEPENDENCY_UNAVAILABLE."""
        ...


class SeenCard(NamedTuple):
    """A card as it was a moment ago, and whether the leg's key is known already."""

    card: Card
    is_known: bool


class QuickReservations(Protocol):
    """Takes places without a transaction of its own, when nothing stands in the way."""

    async def look(self, key: LegKey, card_id: UUID) -> SeenCard | None: ...

    async def take(
        self, key: LegKey, subject: Subject, seats: Sequence[ReservedSeat], ask_after: timedelta
    ) -> bool:
        """Reserve in one statement, all or nothing; false when something has changed."""
        ...
