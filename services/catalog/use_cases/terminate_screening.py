"""Stop a screening while it runs."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening import Ending, ScreeningState
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.catalog.use_cases.screening_orders import ScreeningOrders
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Termination:
    """What staff say of a screening that they stop."""

    reason: str
    attributable: bool


@dataclass(frozen=True, slots=True)
class TerminateScreening:
    """End a running screening for good; again it succeeds and changes nothing.

    Booking hears of it after the commit, and by the event. SCREENING_NOT_FOUND, WRONG_CINEMA,
    CONCURRENT_CHANGE, SCREENING_NOT_RUNNING.
    """

    change: ChangeScreening
    orders: ScreeningOrders

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, given: Termination
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            screening = scene.screening
            if screening.state is ScreeningState.TERMINATED:
                return ChangedScreening(screening)
            ending = Ending(scene.now, None, given.reason, given.attributable)
            return ChangedScreening(screening.terminate(ending, etag=order.etag))

        changed = await self.change(key, staff, "TerminateScreening", order, work)
        if not order.validate_only:
            await self.orders.stop_sales(order.screening_id)
        return changed
