"""Tell why an order is as it is, across the services."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.booking.domain.whole_story import StoryPart, Teller, WholeStory, whole_story
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Reader
from services.common.errors import DependencyUnavailableError


class StorySource(Protocol):
    """What one service did about orders."""

    @property
    def teller(self) -> Teller: ...

    async def story(self, order_id: UUID) -> StoryPart:
        """Ask for its newest entries; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...


@dataclass(frozen=True, slots=True)
class GetOrderStory:
    """Ask all services at once; whoever does not answer is named as missing, and nothing fails."""

    access: OrderAccess
    sources: Sequence[StorySource]

    async def __call__(self, order_id: UUID, reader: Reader) -> WholeStory:
        order = await self.access.visible(order_id, reader, with_timeline=True)
        parts = await asyncio.gather(*(_told(source, order_id) for source in self.sources))
        return whole_story(order, parts)


async def _told(source: StorySource, order_id: UUID) -> StoryPart:
    try:
        return await source.story(order_id)
    except DependencyUnavailableError as error:
        return StoryPart(source.teller, problem=error.reason)
