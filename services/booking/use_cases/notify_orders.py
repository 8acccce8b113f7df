"""Tell the buyers of a screening what catalog changed: a job over its orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order import Order
from services.booking.domain.remedy_offer import offer_of
from services.booking.domain.remedy_offering import offered_to
from services.booking.domain.screening_change import ScreeningChange
from services.booking.domain.screening_job import ScreeningJob
from services.booking.domain.screening_notice import (
    MAX_STALE_SALE_S,
    Notice,
    is_told,
    notice_of,
    timeline_of,
)
from services.common.ids import new_id

PASS_EVERY_S = 60


class NoticeTx(Protocol):
    """What telling buyers needs of the transaction of a job."""

    async def changes(self, screening_id: UUID) -> Sequence[ScreeningChange]:
        """List what happened to a screening, oldest first."""
        ...

    async def lock_orders(self, screening_id: UUID, order_ids: Sequence[UUID]) -> Sequence[Order]:
        """Lock and read orders, by ID."""
        ...

    async def enqueue(self, notices: Sequence[tuple[Order, Notice]]) -> set[str]:
        """Queue e-mails; gives the keys of those that were not queued before."""
        ...

    async def save_noted(self, orders: Sequence[Order]) -> None:
        """Store what was added to the timelines of orders, in one statement."""
        ...

    async def save_offers(self, offers: Sequence[OfferedRemedy]) -> None:
        """Store what is offered, in the place of what was offered before."""
        ...

    async def withdraw_offers(self, screening_id: UUID, order_ids: Sequence[UUID]) -> None:
        """End open offers of orders that are due nothing any more."""
        ...

    async def has_unpaid(self, screening_id: UUID, placed_before: datetime) -> bool:
        """Whether orders placed by then may still be confirmed."""
        ...


@dataclass(frozen=True, slots=True)
class NotifyOrders:
    """The port `JobWork`: one notice for each order and change, with what may be claimed for it.

    The e-mail's key decides that it is the first time. Who was still paying is told in a later
    pass; passes end when nobody can be paying any more.
    """

    notices: Callable[[Any], NoticeTx]

    async def do(self, tx: Any, job: ScreeningJob, order_ids: Sequence[UUID]) -> None:
        notices = self.notices(tx)
        changes = await notices.changes(job.screening_id)
        change = next(each for each in changes if each.version == job.version)
        # What came later has its own notice, and decides what is due now.
        told = [
            (order, _offered(order, changes))
            for order in await notices.lock_orders(job.screening_id, order_ids)
            if is_told(order, change, changes)
        ]
        written = [(order, notice_of(order, change, offered)) for order, offered in told]
        new = await notices.enqueue(written)
        first_told = {order.id for order, notice in written if notice.key in new}
        await self._note(notices, change, [each for each in told if each[0].id in first_told])

    async def after_pass(self, tx: Any, job: ScreeningJob) -> timedelta | None:
        settled_at = job.created_at + timedelta(seconds=MAX_STALE_SALE_S)
        if job.pass_began_at < settled_at:
            return timedelta(seconds=PASS_EVERY_S)
        unpaid = await self.notices(tx).has_unpaid(job.screening_id, settled_at)
        return timedelta(seconds=PASS_EVERY_S) if unpaid else None

    async def _note(
        self,
        notices: NoticeTx,
        change: ScreeningChange,
        told: Sequence[tuple[Order, OfferedRemedy | None]],
    ) -> None:
        for order, offered in told:
            for what, detail in timeline_of(change):
                order.note(what, detail)
            if offered is not None:
                order.note("REMEDY_OFFERED", f"{offered.kind} {offered.closes_at.isoformat()}")
        if told:
            offers = [offered for _, offered in told if offered is not None]
            without = [order.id for order, offered in told if offered is None]
            await notices.save_noted([order for order, _ in told])
            await notices.save_offers(offers)
            await notices.withdraw_offers(told[0][0].screening_id, without)


def _offered(order: Order, changes: Sequence[ScreeningChange]) -> OfferedRemedy | None:
    offer = offer_of(order.screening, order.policy, changes)
    return None if offer is None else offered_to(order, offer, new_id())
