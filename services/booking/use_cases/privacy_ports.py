"""What the privacy calls need from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.erasure import Erasure, ErasureState, Losses
from services.booking.domain.privacy import Choice, Person
from services.booking.domain.staff import Staff
from services.booking.use_cases.box_office_ports import StaffAudit
from services.booking.use_cases.order_ports import Reader
from services.booking.use_cases.ports import Requests
from services.common.subjects import SubjectPage, SubjectPlace, SubjectRecord

OWNER = "owner"
NewId: TypeAlias = Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the person, or a privacy officer for one."""

    reader: Reader
    officer: Staff | None = None

    @property
    def name(self) -> str:
        """How the call is kept: a person is not named."""
        return self.officer.id if self.officer else OWNER


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right; empty: as it is."""

    first_name: str
    last_name: str
    email: str


class Subjects(Protocol):
    """What booking itself keeps about persons, read without locks."""

    async def page(self, person: Person, place: SubjectPlace | None) -> SubjectPage: ...

    async def choices(self, person: Person) -> Sequence[Choice]:
        """List what the person has chosen, oldest first."""
        ...

    async def order_ids(self, person: Person) -> Sequence[UUID]: ...

    async def blockers(self, person: Person) -> Sequence[str]:
        """Say what is under way that needs the person's data."""
        ...


class WalletPage(NamedTuple):
    records: Sequence[SubjectRecord]
    next_page_token: str


class WalletSubjects(Protocol):
    """The wallet. DEPENDENCY_UNAVAILABLE; ERASURE_BLOCKED by its own reasons."""

    async def page(self, person: Person, page_token: str, request_id: UUID) -> WalletPage: ...

    async def erase(self, account_id: UUID, subject_id: UUID, *, dry_run: bool) -> Losses: ...

    async def rectify(self, account_id: UUID, correction: Correction) -> None: ...

    async def stop_reminders(self, account_id: UUID, *, stopped: bool) -> None: ...


class PaymentSubjects(Protocol):
    """Payment. DEPENDENCY_UNAVAILABLE; ERASURE_BLOCKED by its own reasons."""

    async def records(self, reference_ids: Sequence[UUID]) -> Sequence[SubjectRecord]: ...

    async def erase(self, reference_ids: Sequence[UUID], *, dry_run: bool) -> None: ...


class Erasures(Protocol):
    """Erasures under way, outside of transactions."""

    async def find(self, erasure_id: UUID) -> Erasure | None: ...

    async def open_of(self, person: Person) -> Erasure | None: ...

    async def advance(
        self, erasure: Erasure, state: ErasureState, purchase_ids: Sequence[UUID]
    ) -> Erasure:
        """Note that a service is done; gives the erasure as it is now, whoever moved it."""
        ...

    async def postpone(self, erasure_id: UUID, problem: str) -> None:
        """Let the worker try again later."""
        ...

    async def take_due(self, limit: int) -> Sequence[Erasure]:
        """Take those that are due; others leave them alone for a while."""
        ...


class PrivacyStore(Protocol):
    """Persons' rows inside one transaction."""

    async def add_choice(self, person: Person, choice: Choice, chosen_by: str) -> Choice: ...

    async def note_access(self, person: Person, access_id: UUID, action: str, made_by: str) -> None:
        """Keep that somebody read or changed a person's data, once for each ID."""
        ...

    async def rectify(self, person: Person, correction: Correction) -> int:
        """Correct all contacts and waiting e-mails; tells how many orders."""
        ...

    async def add_erasure(self, erasure: Erasure, asked_by: str) -> bool:
        """Store it; false when the person has one under way."""
        ...

    async def blockers(self, person: Person) -> Sequence[str]:
        """Lock the person's orders, and say what is under way that needs the person's data."""
        ...

    async def erase(self, erasure: Erasure) -> None:
        """Put the subject in the person's place, remove what names the person, and end the erasure."""
        ...


class PrivacyTx(Protocol):
    """A transaction of the privacy calls; rolled back unless committed."""

    @property
    def privacy(self) -> PrivacyStore: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def audit(self) -> StaffAudit: ...

    async def commit(self) -> None: ...


PrivacyTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[PrivacyTx]]
