"""Stop the sale of a screening that is off, before the event tells of it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID


class StopsSales(Protocol):
    """A transaction that marks facts of catalog."""

    async def screening_called_off(self, screening_id: UUID) -> None: ...

    async def commit(self) -> None: ...


Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[StopsSales]]


@dataclass(frozen=True, slots=True)
class StopSales:
    """Stop sales under the board's lock; again it changes nothing that anybody sees."""

    transactions: Transactions

    async def __call__(self, screening_id: UUID) -> None:
        async with self.transactions() as tx:
            await tx.screening_called_off(screening_id)
            await tx.commit()
