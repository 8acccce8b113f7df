"""Cancel the orders for which another hall had no seats: a job over the orders of the screening."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.screening_job import ScreeningJob
from services.booking.domain.unseated_remedy import unseated_remedy
from services.booking.use_cases.end_order import end_confirmed, lock_order
from services.booking.use_cases.move_ports import UnseatedTx
from services.common.ids import new_id


@dataclass(frozen=True, slots=True)
class CancelUnseated:
    """The port `JobWork`: the cinema cancels them, and everything goes back without being asked for.

    With the last of them done, sales go on.
    """

    unseated: Callable[[Any], UnseatedTx]

    async def do(self, tx: Any, job: ScreeningJob, order_ids: Sequence[UUID]) -> None:
        unseated = self.unseated(tx)
        wanted = await unseated.unseated(job.screening_id, order_ids)
        if not wanted:
            return
        changed_at = await unseated.changed_at(job.screening_id, job.version) or job.created_at
        for order_id in wanted:
            order = await lock_order(unseated.orders, job.screening_id, order_id)
            by_cinema = Cancellation(CancelCause.CINEMA, order.read_at, caused_by_cinema=True)
            remedy = unseated_remedy(order, changed_at, new_id())
            await end_confirmed(unseated.orders, order, by_cinema, remedy)

    async def after_pass(self, tx: Any, job: ScreeningJob) -> timedelta | None:
        await self.unseated(tx).resume_sales(job.screening_id)
        return None
