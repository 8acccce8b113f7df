"""One import: rows are copied into a staging table, then stored by statements over sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.adapters import event_payloads
from services.catalog.adapters.event_payloads import Changed, Moved
from services.catalog.adapters.import_statements import (
    CLAIMS,
    CLEAR,
    COUNT_NOT_SOLD,
    CREATE_HALLS,
    DROP,
    INSERT,
    SAVE_FILMS,
    STAGE_COLUMNS,
    TAKEN,
    UPDATE,
)
from services.catalog.adapters.screenings import add_events
from services.catalog.domain.cinema import Cinema
from services.catalog.domain.feed_rows import FeedFilm
from services.catalog.domain.hall_occupancy import Claim, Slot
from services.catalog.domain.imported_row import ImportedRow
from services.catalog.domain.screening_change import Change
from services.catalog.use_cases.import_ports import Stored
from services.common.db.outbox import Outbox
from services.common.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Connection, Record


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What one import may take; times in milliseconds."""

    statement_timeout_ms: int = 60_000
    lock_timeout_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class ImportStageRows:
    """The stage of one import; the caller holds the lock on its cinema.

    The staging table is an ordinary one (unlogged): a temporary table would need another right.
    """

    driver: "Connection[Any]"
    outbox: Outbox
    cinema: Cinema
    limits: ImportLimits
    import_id: UUID = field(default_factory=new_id)

    async def begin(self) -> None:
        await self.driver.execute(
            "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)",
            str(self.limits.statement_timeout_ms),
            str(self.limits.lock_timeout_ms),
        )

    async def add(self, rows: Sequence[tuple[int, ImportedRow, bytes]]) -> None:
        if not rows:
            return
        records = [
            (
                self.import_id, index, new_id(), row.feed_id, row.hall_name, row.film_feed_id,
                row.starts_at, row.ends_at, row.local_start, row.business_day, row.format,
                row.formats, row.rating, row.category, row.attribute_tokens,
                row.language_tokens, row.unknown_tokens, row.blocked_online, row.blocked_until,
                content_hash,
            )
            for index, row, content_hash in rows
        ]  # fmt: skip
        await self.driver.copy_records_to_table(
            "import_row", records=records, columns=STAGE_COLUMNS
        )

    async def save_films(self, films: Mapping[str, FeedFilm]) -> int:
        # One order for all, so that imports of two cinemas cannot wait for each other in a ring.
        ordered = [films[feed_id] for feed_id in sorted(films)]
        rows = await self.driver.fetch(
            SAVE_FILMS,
            self.cinema.country_code,
            [new_id() for _ in ordered],
            [film.film_id for film in ordered],
            [film.title for film in ordered],
            [film.length_minutes for film in ordered],
        )
        return len(rows)

    async def create_halls(self, names: Sequence[str]) -> int:
        rows = await self.driver.fetch(
            CREATE_HALLS, self.cinema.id, [new_id() for _ in names], list(names)
        )
        return len(rows)

    async def claims(self) -> tuple[list[Slot], list[Claim]]:
        taken = await self.driver.fetch(TAKEN, self.import_id, self.cinema.id)
        claims = await self.driver.fetch(CLAIMS, self.import_id, self.cinema.id)
        return (
            [Slot(*row) for row in taken],
            [_claim_of(row) for row in claims],
        )

    async def drop(self, indices: Sequence[int]) -> dict[int, str]:
        rows = await self.driver.fetch(DROP, self.import_id, list(indices))
        return {row["index"]: row["feed_id"] for row in rows}

    async def store(self) -> Stored:
        key = (self.import_id, self.cinema.id, self.cinema.country_code)
        updated = await self.driver.fetch(UPDATE, *key)
        created = await self.driver.fetch(INSERT, *key)
        await add_events(
            self.outbox,
            (event_payloads.screening_changed(_changed(row, self.cinema.id)) for row in updated),
        )
        await add_events(
            self.outbox,
            (event_payloads.screening_published(row["id"], self.cinema.id) for row in created),
        )
        not_sold = await self.driver.fetchval(COUNT_NOT_SOLD, self.import_id, self.cinema.id)
        await self.driver.execute(CLEAR, self.import_id)
        return Stored(len(created), len(updated), not_sold)


def _claim_of(row: "Record") -> Claim:
    """Say where a row's screening is to be: staff may have moved one whose row stays the same."""
    held = None
    if row["held_hall"] is not None:
        held = Slot(row["held_hall"], row["held_from"], row["held_until"])
    if held is not None and row["is_unchanged"]:
        return Claim(row["index"], held, held)
    return Claim(row["index"], Slot(row["hall_name"], row["starts_at"], row["ends_at"]), held)


def _changed(row: "Record", cinema_id: str) -> Changed:
    before = Moved(row["old_starts_at"], row["old_film_id"], row["old_hall_id"])
    after = Moved(row["starts_at"], row["film_id"], row["hall_id"])
    differs = {
        Change.START: before.starts_at != after.starts_at,
        Change.FILM: before.film_id != after.film_id,
        Change.HALL: before.hall_id != after.hall_id,
    }
    # The feed's row is one piece: whatever else it says may differ too.
    changes = (*(change for change in differs if differs[change]), Change.DETAILS)
    return Changed(row["id"], cinema_id, row["version"], row["now"], changes, before, after)
