"""What the use cases need of points and profiles."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.wallet.domain.points import PointAccount, PointEntry
from services.wallet.domain.profile import Profile


class PointsRead(NamedTuple):
    """An account's points, with how many expire on which day, soonest first."""

    balance: int
    pending: int
    debt: int
    expiring: Sequence[tuple[int, date]]


class ListedPointEntry(NamedTuple):
    number: int
    time: datetime
    entry: PointEntry


class Points(Protocol):
    async def read(self, account_id: UUID) -> PointsRead: ...

    async def entries(
        self, account_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedPointEntry]: ...

    async def of_order(self, order_id: UUID) -> int:
        """Add up what an order brought and has not lost."""
        ...

    async def due(self, limit: int) -> Sequence[UUID]:
        """List accounts with points to be posted or expired."""
        ...


class Profiles(Protocol):
    async def read(self, account_id: UUID) -> Profile: ...


class PointStore(Protocol):
    async def lock(self, account_id: UUID, order_id: UUID | None = None) -> PointAccount:
        """Lock the account's points, which are none at first; with the lot of an order."""
        ...

    async def save(self, account: PointAccount, *, reason: str = "") -> None:
        """Store what the account's moves left behind, and tell of points that came."""
        ...

    async def account_of_order(self, order_id: UUID) -> UUID | None: ...


class ProfileStore(Protocol):
    async def save(self, account_id: UUID, profile: Profile) -> None: ...

    async def today(self) -> date:
        """Say which date it is where the chain is."""
        ...

    async def without_birthday_place(
        self, birthdays: Sequence[tuple[int, int]], year: int, limit: int
    ) -> Sequence[UUID]:
        """List accounts with one of the birthdays and no place of that year; nobody else may."""
        ...

    async def note_birthday_places(
        self, year: int, card_ids: Sequence[UUID], account_ids: Sequence[UUID]
    ) -> None: ...
