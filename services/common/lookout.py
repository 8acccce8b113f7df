"""The lookout: one statement looks for all that may be due in a service, and wakes who does it.

A statement that finds nothing costs nearly as much as one that finds something. So whoever does
what becomes due by time does not look by himself.
"""

import asyncio
import random
from dataclasses import dataclass, field

from services.common.db.database import Database


@dataclass(slots=True)
class Lookout:
    """One for each process. A failed look is whoever supervises `run`'s; the next may go well."""

    database: Database
    interval_ms: int
    _events: dict[str, asyncio.Event] = field(default_factory=dict)

    def event_for(self, due: str) -> asyncio.Event:
        """Give the event that a look sets when `due`, an SQL expression, is true.

        It is the first row by an index, `(SELECT true ... ORDER BY ... LIMIT 1)`: of EXISTS the
        planner thinks that the next best row will do, and reads a table without one to its end.
        Whoever waits for the event clears it before he looks what there is to do.
        """
        return self._events.setdefault(due, asyncio.Event())

    @property
    def statement(self) -> str:
        """Give the one statement that looks for all of it."""
        return "SELECT " + ", ".join(self._events)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.interval_ms * random.uniform(0.9, 1.1) / 1_000)  # noqa: S311

    async def look(self) -> None:
        """Look once at everything that somebody does."""
        events = list(self._events.values())
        row = await self.database.fetchrow(self.statement)
        if row is None:
            raise LookupError("a SELECT without FROM has a row")
        for event, is_due in zip(events, row.values(), strict=True):
            if is_due:
                event.set()
