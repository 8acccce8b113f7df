"""What an import tells: a problem for each row that was not stored, and a summary."""

from dataclasses import dataclass
from enum import StrEnum

from services.catalog.domain.feed_rows import ProblemReason, RowProblem, Section

MAX_REPORTED_TOKENS = 500


class RefusalReason(StrEnum):
    """Why a row was not stored, as the contract has it."""

    MISSING_KEY = "MISSING_KEY"
    INVALID_VALUE = "INVALID_VALUE"
    UNKNOWN_FILM = "UNKNOWN_FILM"
    NONEXISTENT_LOCAL_TIME = "NONEXISTENT_LOCAL_TIME"
    HALL_OCCUPIED = "HALL_OCCUPIED"
    OTHER_CINEMA = "OTHER_CINEMA"
    DUPLICATE_ID = "DUPLICATE_ID"


_REASONS = {
    ProblemReason.MISSING_KEY: RefusalReason.MISSING_KEY,
    ProblemReason.UNKNOWN_FILM: RefusalReason.UNKNOWN_FILM,
    ProblemReason.NONEXISTENT_LOCAL_TIME: RefusalReason.NONEXISTENT_LOCAL_TIME,
    ProblemReason.OTHER_CINEMA: RefusalReason.OTHER_CINEMA,
    ProblemReason.DUPLICATE_ID: RefusalReason.DUPLICATE_ID,
}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not stored; `index` counts from 0 in its list, `key` may be ""."""

    section: Section
    index: int
    feed_id: str
    reason: RefusalReason
    key: str


@dataclass(frozen=True, slots=True)
class UnknownToken:
    """An attribute token that nobody has mapped, and how often it stands in the file."""

    token: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did. Every screening read is created, updated, unchanged or refused."""

    screenings_read: int
    screenings_created: int
    screenings_updated: int
    screenings_unchanged: int
    rows_refused: int
    films_changed: int
    halls_created: int
    unknown_tokens: tuple[UnknownToken, ...]
    screenings_not_sold: int
    ambiguous_starts: int


def refused_row(problem: RowProblem) -> RefusedRow:
    """Say in the contract's words what the reader says of a bad row."""
    reason = _REASONS.get(problem.reason, RefusalReason.INVALID_VALUE)
    return RefusedRow(problem.section, problem.index, problem.row_id, reason, problem.field)
