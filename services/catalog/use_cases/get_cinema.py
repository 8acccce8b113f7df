"""Get a cinema."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Cinema
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class GetCinema:
    """Get a cinema; CINEMA_NOT_FOUND."""

    programme: Programme

    async def __call__(self, cinema_id: str) -> Cinema:
        return await self.programme.cinema(cinema_id)
