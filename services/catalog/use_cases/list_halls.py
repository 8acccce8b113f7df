"""List the halls of a cinema."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Hall
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class ListHalls:
    """List at most `limit` halls after a name."""

    programme: Programme

    async def __call__(self, cinema_id: str, after: str, limit: int) -> list[Hall]:
        return await self.programme.list_halls(cinema_id, after, limit)
