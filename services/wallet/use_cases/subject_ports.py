"""What telling and erasing what is kept about a person needs from outside."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from services.common.money import Money
from services.common.subjects import SubjectPage, SubjectPlace


class Leftovers(NamedTuple):
    """What a person loses, and the card purchases that were theirs."""

    places: int
    points: int
    value: Sequence[Money]
    purchase_ids: Sequence[UUID]


class SubjectReader(Protocol):
    async def of_account(self, account_id: UUID, place: SubjectPlace | None) -> SubjectPage:
        """Read on in everything that is kept about an account."""
        ...

    async def of_guest(self, order_ids: Sequence[UUID], place: SubjectPlace | None) -> SubjectPage:
        """Read on in what is kept for orders that are no account's."""
        ...


class SubjectStore(Protocol):
    async def blockers(self, account_id: UUID) -> Sequence[str]:
        """Lock the account's cards and vouchers, and say what is under way with them."""
        ...

    async def leftovers(self, account_id: UUID, subject_id: UUID) -> Leftovers:
        """Say what is left; the purchases also of an account that has become the subject."""
        ...

    async def erase(self, account_id: UUID, subject_id: UUID) -> None:
        """Put the subject in the account's place, and remove what names the person."""
        ...

    async def rectify(self, account_id: UUID, surname: str, email: str) -> None:
        """Correct the profile, if there is one, and where waiting e-mails go; empty: as it is."""
        ...

    async def stop_reminders(self, account_id: UUID, *, stopped: bool) -> None:
        """Let no reminders go out, or let them go out as the profile agrees."""
        ...
