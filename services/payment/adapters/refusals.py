"""Refused notifications in PostgreSQL: one row for each minute, sender and outcome."""

from dataclasses import dataclass

from services.common.db.database import Database

_ADD = """
INSERT INTO refused_notification (minute, peer, outcome, count)
VALUES (date_trunc('minute', clock_timestamp()), $1, $2, $3)
ON CONFLICT (minute, peer, outcome)
    DO UPDATE SET count = refused_notification.count + excluded.count"""


@dataclass(frozen=True, slots=True)
class SqlRefusals:
    database: Database

    async def add(self, peer: str, outcome: str, count: int) -> None:
        await self.database.execute(_ADD, peer, outcome, count)
