"""Call a screening off before it begins."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening import CancellationCause, Ending, ScreeningState
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.catalog.use_cases.screening_orders import ScreeningOrders
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What staff say of a screening that they call off."""

    cause: CancellationCause
    reason: str
    attributable: bool


@dataclass(frozen=True, slots=True)
class CancelScreening:
    """Call a screening off for good; again it succeeds and changes nothing.

    Booking hears of it after the commit, and by the event. SCREENING_NOT_FOUND, WRONG_CINEMA,
    CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE.
    """

    change: ChangeScreening
    orders: ScreeningOrders

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, given: Cancellation
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            screening = scene.screening
            if screening.state is ScreeningState.CANCELLED:
                return ChangedScreening(screening)
            ending = Ending(scene.now, given.cause, given.reason, given.attributable)
            return ChangedScreening(screening.cancel(ending, etag=order.etag))

        changed = await self.change(key, staff, "CancelScreening", order, work)
        if not order.validate_only:
            await self.orders.stop_sales(order.screening_id)
        return changed
