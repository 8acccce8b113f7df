"""Reads what is kept about a person, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.db.database import Database
from services.common.subjects import SubjectPage, SubjectPlace, SubjectRecord

MAX_RECORDS_PER_PAGE = 500
MAX_PAGE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class SubjectSection:
    """One kind of thing that is kept about a person, and how to read it.

    `sql` gives `place`, where a row stands, as text, and what is told of it as further columns, in
    the order of places. $1 is the place to go on after as text, NULL at the beginning, $2 the
    largest number of rows; `values` follow.
    """

    kind: str
    sql: str
    values: tuple[Any, ...]


async def read_subject_page(
    database: Database,
    sections: Sequence[SubjectSection],
    place: SubjectPlace | None,
    *,
    max_records: int = MAX_RECORDS_PER_PAGE,
) -> SubjectPage:
    """Read on from a place, over the sections in their order, until the page is full."""
    begin, after = 0, None
    if place is not None:
        begin = next((n for n, each in enumerate(sections) if each.kind == place.kind), 0)
        after = place.after
    records: list[SubjectRecord] = []
    size = 0
    for section in sections[begin:]:
        room = max_records - len(records)
        rows = await database.fetch(_told(section.sql), after, room, *section.values)
        for row in rows:
            size += len(row["record"].encode())
            if records and size > MAX_PAGE_BYTES:
                return SubjectPage(records, SubjectPlace(section.kind, after))
            records.append(SubjectRecord(section.kind, row["record"]))
            after = row["place"]
        if len(rows) == room:
            return SubjectPage(records, SubjectPlace(section.kind, after))
        after = None
    return SubjectPage(records, None)


def _told(sql: str) -> str:
    return f"SELECT place, (to_jsonb(t) - 'place')::text AS record FROM ({sql}) t"  # noqa: S608 - ours
