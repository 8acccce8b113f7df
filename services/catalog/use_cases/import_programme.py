"""Import a cinema's programme: all good rows at once, or nothing."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from services.catalog.domain.cinema import Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.feed_rows import FeedFilm, FeedScreening, RowProblem, Section
from services.catalog.domain.hall_occupancy import refused_claims
from services.catalog.domain.import_report import (
    MAX_REPORTED_TOKENS,
    ImportSummary,
    RefusalReason,
    RefusedRow,
    UnknownToken,
    refused_row,
)
from services.catalog.domain.imported_row import ImportedRow, imported_row
from services.catalog.use_cases.import_ports import ImportStage, ReadProgramme, Stored, Upload
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey

MAX_ROWS_PER_COPY = 1_000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The rows that were not stored, and the summary."""

    refused: tuple[RefusedRow, ...]
    summary: ImportSummary


@dataclass(frozen=True, slots=True)
class ImportProgramme:
    """Store the good rows of a feed in one transaction, and name the others.

    A feed that is cut off or unreadable changes nothing (UNREADABLE_FEED). Imports of one cinema
    wait for each other by the lock on its row. WRONG_CINEMA, CINEMA_NOT_FOUND.
    """

    transactions: Transactions
    read: ReadProgramme

    async def __call__(
        self, key: RequestKey, staff: Staff, cinema_id: str, upload: Upload
    ) -> ImportReport:
        staff.must_act_for(cinema_id)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            known = await tx.cinemas.lock(cinema_id)
            if known is None:
                raise CinemaNotFoundError(cinema_id)
            cinema, rules = known
            stage = tx.import_stage(cinema)
            await stage.begin()
            reading = _Reading(stage)
            async for row in self.read(upload(), {cinema_id: rules.profile_of(cinema)}):
                await reading.take(row)
            report = await reading.store()
            await tx.audit.add(staff, "ImportProgramme", cinema_id, after=key.fingerprint)
            await tx.requests.store(key, report.summary)
            await tx.commit()
        return report


@dataclass(slots=True)
class _Reading:
    """What has been read of a feed so far; screenings are staged in batches."""

    stage: ImportStage
    films: dict[str, FeedFilm] = field(default_factory=dict)
    halls: set[str] = field(default_factory=set)
    feed_ids: set[str] = field(default_factory=set)
    # Where rows stand that are equal to an earlier one with their ID.
    repeats: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown_tokens: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedRow] = field(default_factory=list)
    batch: list[tuple[int, ImportedRow, bytes]] = field(default_factory=list)
    events_read: int = 0
    ambiguous_starts: int = 0

    async def take(self, row: FeedFilm | FeedScreening | RowProblem) -> None:
        if isinstance(row, FeedFilm):
            self.films[row.film_id] = row
        elif isinstance(row, RowProblem):
            self.refused.append(refused_row(row))
            self.events_read += row.section is Section.EVENTS
        else:
            await self._stage(row)

    async def _stage(self, screening: FeedScreening) -> None:
        index = self.events_read
        self.events_read += 1
        self.unknown_tokens.update(screening.unknown_tokens)
        if screening.screening_id in self.feed_ids:
            self.repeats[screening.screening_id].append(index)
            return  # The reader lets only equal repeats through.
        self.feed_ids.add(screening.screening_id)
        self.halls.add(screening.hall_id)
        self.ambiguous_starts += screening.is_start_ambiguous
        row = imported_row(screening)
        self.batch.append((index, row, row.content_hash(self.films[screening.film_id])))
        if len(self.batch) >= MAX_ROWS_PER_COPY:
            await self._flush()

    async def _flush(self) -> None:
        await self.stage.add(self.batch)
        self.batch = []

    async def store(self) -> ImportReport:
        await self._flush()
        films_changed = await self.stage.save_films(self.films)
        halls_created = await self.stage.create_halls(sorted(self.halls))
        await self._refuse_occupied()
        stored = await self.stage.store()
        return ImportReport(
            tuple(self.refused), self._summary(stored, films_changed, halls_created)
        )

    async def _refuse_occupied(self) -> None:
        taken, claims = await self.stage.claims()
        indices = sorted(refused_claims(taken, claims))
        reason = RefusalReason.HALL_OCCUPIED
        for first, feed_id in sorted((await self.stage.drop(indices)).items()):
            self.refused += [
                RefusedRow(Section.EVENTS, index, feed_id, reason, "eventDateTime")
                for index in (first, *self.repeats.get(feed_id, ()))
            ]

    def _summary(self, stored: Stored, films_changed: int, halls_created: int) -> ImportSummary:
        refused = sum(row.section is Section.EVENTS for row in self.refused)
        return ImportSummary(
            screenings_read=self.events_read,
            screenings_created=stored.created,
            screenings_updated=stored.updated,
            screenings_unchanged=self.events_read - refused - stored.created - stored.updated,
            rows_refused=len(self.refused),
            films_changed=films_changed,
            halls_created=halls_created,
            unknown_tokens=tuple(
                UnknownToken(token, count)
                for token, count in self.unknown_tokens.most_common(MAX_REPORTED_TOKENS)
            ),
            screenings_not_sold=stored.not_sold,
            ambiguous_starts=self.ambiguous_starts,
        )
