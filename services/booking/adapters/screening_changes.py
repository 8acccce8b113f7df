"""Changes of screenings as catalog told them: written down where there may be orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.order_saving import Runner
from services.booking.adapters.screening_jobs import begin_job
from services.booking.domain.screening import ScreeningState
from services.booking.domain.screening_change import ScreeningChange
from services.booking.domain.screening_job import JobKind
from services.common.db.retention import RetentionRule
from services.common.db.transaction import Transaction

# Nobody has bought a screening that has no board here.
_RECORD = """
INSERT INTO screening_change (screening_id, version, changed_at, ending, old_start_time, start_time,
                              old_film_id, film_id, old_hall_id, hall_id, cause, attributable)
SELECT screening_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
FROM screening_board WHERE screening_id = $1
ON CONFLICT DO NOTHING RETURNING version"""
_OF_SCREENING = """
SELECT version, changed_at, ending, old_start_time, start_time, old_film_id, film_id, old_hall_id,
    hall_id, cause, attributable
FROM screening_change WHERE screening_id = $1 ORDER BY version"""

# Longer than anything can be due for them; the jobs that told of them go with them.
CHANGES_KEPT_S = 400 * 24 * 3_600.0
_DELETE_OLD = """
WITH old AS (
    SELECT screening_id, version FROM screening_change
    WHERE changed_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2
), jobs AS (
    DELETE FROM screening_job j USING old
    WHERE j.screening_id = old.screening_id AND j.version = old.version AND j.state = 'DONE'
)
DELETE FROM screening_change c USING old
WHERE c.screening_id = old.screening_id AND c.version = old.version"""


def screening_change_retention() -> RetentionRule:
    """Give the rule for changes of long ago, and the jobs that they began."""
    return RetentionRule("screening_change", _DELETE_OLD, CHANGES_KEPT_S)


@dataclass(frozen=True, slots=True)
class ScreeningChangeRows:
    """The port `ScreeningChanges`, on a transaction or on the database."""

    runner: Runner

    async def of(self, screening_id: UUID) -> Sequence[ScreeningChange]:
        return [_change(row) for row in await self.runner.fetch(_OF_SCREENING, screening_id)]


@dataclass(frozen=True, slots=True)
class ScreeningChangeNotes:
    """The port `ChangeNotes`, inside the transaction that consumes the event."""

    tx: Transaction

    async def record(self, screening_id: UUID, change: ScreeningChange) -> None:
        recorded = await self.tx.driver.fetchval(
            _RECORD,
            screening_id,
            change.version,
            change.changed_at,
            change.ending,
            change.old_start_time,
            change.start_time,
            change.old_film_id,
            change.film_id,
            change.old_hall_id,
            change.hall_id,
            change.cause,
            change.attributable,
        )
        if recorded is not None:
            await begin_job(self.tx, screening_id, JobKind.NOTICE, change.version)


def _change(row: Record) -> ScreeningChange:
    ending = row["ending"]
    values = dict(row) | {"ending": ScreeningState(ending) if ending else None}
    return ScreeningChange(**values)
