"""What jobs over the orders of a screening need of storage, and what each kind brings."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.screening_job import JobKind, ScreeningJob


class JobTx(Protocol):
    """A transaction that has taken a job; rolled back unless committed."""

    @property
    def inner(self) -> Any:
        """The transaction that the work of the job's kind is done in."""
        ...

    async def take(self) -> ScreeningJob | None:
        """Lock a job that is due and that nobody else works at; None when there is none."""
        ...

    async def orders(self, job: ScreeningJob, limit: int) -> Sequence[UUID]:
        """List the next live or confirmed orders behind the job's position, by ID."""
        ...

    async def advance(self, job: ScreeningJob, order_ids: Sequence[UUID]) -> None:
        """Move the position behind orders that are done; the job stays due."""
        ...

    async def pass_again(self, job: ScreeningJob, wait: timedelta) -> None:
        """Begin another pass over all orders after a while."""
        ...

    async def finish(self, job: ScreeningJob) -> None: ...

    async def commit(self) -> None: ...


JobTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[JobTx]]


class JobFailures(Protocol):
    """Notes what went wrong, in a transaction of its own."""

    async def note(self, job: ScreeningJob, problem: str) -> None:
        """Let the job wait, longer each time."""
        ...


class JobWork(Protocol):
    """What a kind of job does. All of it happens in the transaction that moves the position."""

    async def do(self, tx: Any, job: ScreeningJob, order_ids: Sequence[UUID]) -> None:
        """Work at a batch of orders; those that need nothing are left alone."""
        ...

    async def after_pass(self, tx: Any, job: ScreeningJob) -> timedelta | None:
        """Say after how long another pass is needed; None ends the job."""
        ...


JobWorks: TypeAlias = dict[JobKind, JobWork]
