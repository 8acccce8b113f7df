"""List cinemas by name."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Cinema
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class ListCinemas:
    """List at most `limit` cinemas after a name and ID."""

    programme: Programme

    async def __call__(self, after: tuple[str, str] | None, limit: int) -> list[Cinema]:
        return await self.programme.list_cinemas(after, limit)
