"""Puts the jobs over all orders of a screening together, for the worker and the tests."""

from typing import TYPE_CHECKING

from services.booking.adapters.screening_jobs import JobRows, JobTransactionScopes
from services.booking.adapters.screening_notices import ScreeningNotices
from services.booking.domain.screening_job import JobKind
from services.booking.order_composition import RetryConflicts
from services.booking.use_cases.job_ports import JobWorks
from services.booking.use_cases.notify_orders import NotifyOrders
from services.booking.use_cases.run_screening_jobs import RunScreeningJobs
from services.common.db.database import Database
from services.common.worker import Worker

if TYPE_CHECKING:
    from services.booking.composition import Parts

MAX_BATCHES_PER_ROUND = 100


def screening_jobs(database: Database) -> RunScreeningJobs:
    """Make the use case that goes on with jobs, with what each kind of them does."""
    works: JobWorks = {JobKind.NOTICE: NotifyOrders(ScreeningNotices)}
    return RunScreeningJobs(
        JobTransactionScopes(database), works, JobRows(database), RetryConflicts(database)
    )


def add_job_tasks(worker: Worker, parts: "Parts") -> None:
    """Go on with jobs; each worker process takes its own batches."""
    run = screening_jobs(parts.database)

    async def go_on() -> None:
        for _ in range(MAX_BATCHES_PER_ROUND):
            if not await run():
                return

    interval_s = parts.settings.screening_job_interval_ms / 1_000
    worker.add_periodic("screening-jobs", go_on, interval_s=interval_s, lease=False)
