"""Change how a screening is described and sold."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class UpdateScreening:
    """Store the fields that are given.

    SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, INVALID_FIELD
    for a sales window that is none.
    """

    change: ChangeScreening

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, changes: Mapping[str, object]
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            return ChangedScreening(
                scene.screening.describe(etag=order.etag, now=scene.now, **changes)
            )

        return await self.change(key, staff, "UpdateScreening", order, work)
