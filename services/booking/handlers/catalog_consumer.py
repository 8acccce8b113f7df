"""What booking does when catalog tells of a change: marks its copies, stops sales, writes it down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from cinema.catalog.v1 import events_pb2

from services.booking.handlers.change_messages import change_of, end_of, stop_of
from services.booking.use_cases.worker_ports import ChangeNotes, FactsMarks
from services.common.bus.events import Event, Subscription
from services.common.db.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CatalogConsumer:
    """Handlers of catalog's events. Facts are only marked: they are asked for when they are needed.

    What those who have bought must hear of is written down with it; they are told by a job.
    """

    marks: Callable[[Transaction], FactsMarks]
    changes: Callable[[Transaction], ChangeNotes]

    def subscription(self) -> Subscription:
        return Subscription(
            "catalog",
            {
                "ScreeningPublished": self.screening_published,
                "ScreeningChanged": self.screening_changed,
                "ScreeningCancelled": self.screening_cancelled,
                "ScreeningTerminated": self.screening_terminated,
                "PricesPublished": self.prices_published,
                "TermsPublished": self.terms_published,
                "HolidaysSet": self.holidays_set,
            },
        )

    async def screening_published(self, tx: Transaction, event: Event) -> None:
        published = events_pb2.ScreeningPublished.FromString(event.payload)
        await self.marks(tx).screening_changed(UUID(published.screening_id))

    async def screening_changed(self, tx: Transaction, event: Event) -> None:
        changed = events_pb2.ScreeningChanged.FromString(event.payload)
        screening_id, change = UUID(changed.screening_id), change_of(changed)
        marks = self.marks(tx)
        if change.hall_id:
            await marks.screening_moved(screening_id)
        else:
            await marks.screening_changed(screening_id)
        if change.matters:
            await self.changes(tx).record(screening_id, change)

    async def screening_cancelled(self, tx: Transaction, event: Event) -> None:
        cancelled = events_pb2.ScreeningCancelled.FromString(event.payload)
        screening_id = UUID(cancelled.screening_id)
        await self.marks(tx).screening_called_off(screening_id)
        await self.changes(tx).record(screening_id, end_of(cancelled))

    async def screening_terminated(self, tx: Transaction, event: Event) -> None:
        terminated = events_pb2.ScreeningTerminated.FromString(event.payload)
        screening_id = UUID(terminated.screening_id)
        await self.marks(tx).screening_called_off(screening_id)
        await self.changes(tx).record(screening_id, stop_of(terminated))

    async def prices_published(self, tx: Transaction, event: Event) -> None:
        published = events_pb2.PricesPublished.FromString(event.payload)
        effective_at = published.effective_time.ToDatetime(tzinfo=UTC)
        await self.marks(tx).prices_change(published.cinema_id, effective_at)

    async def terms_published(self, tx: Transaction, event: Event) -> None:
        published = events_pb2.TermsPublished.FromString(event.payload)
        effective_at = published.effective_time.ToDatetime(tzinfo=UTC)
        await self.marks(tx).terms_change(published.policy_code, effective_at)

    async def holidays_set(self, tx: Transaction, event: Event) -> None:
        holidays = events_pb2.HolidaysSet.FromString(event.payload)
        await self.marks(tx).holidays_set(holidays.country_code, holidays.year)
