"""Puts the jobs over all orders of a screening together, for the worker and the tests."""

from typing import TYPE_CHECKING

from services.booking.adapters.hall_move_sql import SOME_ARE_MOVING
from services.booking.adapters.hall_moves import (
    HallMoveTransactions,
    MovingBoards,
    SeatedRows,
    UnseatedOrders,
)
from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.adapters.screening_jobs import (
    JOBS_ARE_DUE,
    JobRows,
    JobTransactionScopes,
)
from services.booking.adapters.screening_notices import ScreeningNotices
from services.booking.domain.screening_job import JobKind
from services.booking.handlers.move_tasks import MoveTasks
from services.booking.order_composition import RetryConflicts
from services.booking.use_cases.cancel_unseated import CancelUnseated
from services.booking.use_cases.job_ports import JobWorks
from services.booking.use_cases.move_seats import MoveSeats
from services.booking.use_cases.notify_orders import NotifyOrders
from services.booking.use_cases.ports import Screenings
from services.booking.use_cases.run_screening_jobs import RunScreeningJobs
from services.common.db.database import Database
from services.common.worker import Worker

if TYPE_CHECKING:
    from services.booking.composition import Parts

MAX_BATCHES_PER_ROUND = 100


def screening_jobs(database: Database) -> RunScreeningJobs:
    """Make the use case that goes on with jobs, with what each kind of them does."""
    works: JobWorks = {
        JobKind.NOTICE: NotifyOrders(ScreeningNotices),
        JobKind.MOVE: CancelUnseated(UnseatedOrders),
    }
    return RunScreeningJobs(
        JobTransactionScopes(database), works, JobRows(database), RetryConflicts(database)
    )


def seat_moves(database: Database, screenings: Screenings) -> MoveTasks:
    """Make the rounds that move seats to other halls."""
    move = MoveSeats(
        screenings,
        ScreeningCopies(database),
        SeatedRows(database),
        HallMoveTransactions(database),
        RetryConflicts(database),
    )
    return MoveTasks(MovingBoards(database), move)


def add_job_tasks(worker: Worker, parts: "Parts") -> None:
    """Move seats to other halls, and go on with jobs; each worker process takes its own batches."""
    run = screening_jobs(parts.database)
    moves = seat_moves(parts.database, parts.screenings)

    async def move() -> None:
        await moves.move_due()

    async def go_on() -> None:
        for _ in range(MAX_BATCHES_PER_ROUND):
            if not await run():
                return

    worker.add_due("move-seats", move, due=SOME_ARE_MOVING, lease=False)
    worker.add_due("screening-jobs", go_on, due=JOBS_ARE_DUE, lease=False)
