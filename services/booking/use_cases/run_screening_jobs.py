"""Go on with jobs over all orders of a screening."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.booking.domain.screening_job import JobKind, ScreeningJob
from services.booking.use_cases.job_ports import JobFailures, JobTransactions, JobWork
from services.booking.use_cases.order_ports import Retry
from services.common.errors import DomainError

MAX_ORDERS_PER_BATCH = 100


@dataclass(frozen=True, slots=True)
class RunScreeningJobs:
    """Take one batch of a job that is due: its work and its new position are one transaction.

    Killed in between, nothing of the batch is done, and whoever comes next does it. Several
    processes share the jobs; a job that fails waits, and keeps no other from its turn.
    """

    transactions: JobTransactions
    works: Mapping[JobKind, JobWork]
    failures: JobFailures
    retry: Retry

    async def __call__(self) -> bool:
        """Do it; tells whether there was anything to do."""
        taken: list[ScreeningJob] = []

        async def batch() -> bool:
            async with self.transactions() as tx:
                job = await tx.take()
                if job is None:
                    return False
                taken.append(job)
                work = self.works[job.kind]
                order_ids = await tx.orders(job, MAX_ORDERS_PER_BATCH)
                if order_ids:
                    await work.do(tx.inner, job, order_ids)
                    await tx.advance(job, order_ids)
                else:
                    wait = await work.after_pass(tx.inner, job)
                    await (tx.finish(job) if wait is None else tx.pass_again(job, wait))
                await tx.commit()
            return True

        try:
            return await self.retry(batch)
        except DomainError as refusal:
            if not taken:
                raise
            await self.failures.note(taken[-1], refusal.reason)
        except Exception as error:
            if taken:  # A bug: it waits like the others, and whoever supervises us hears of it.
                await self.failures.note(taken[-1], type(error).__name__)
            raise
        return True
