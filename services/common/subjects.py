"""What is kept about a person."""

from collections.abc import Sequence
from typing import NamedTuple


class SubjectRecord(NamedTuple):
    """One thing, as a JSON object."""

    kind: str
    json: str


class SubjectPlace(NamedTuple):
    """Where a page ended: in which section, and after which row of it."""

    kind: str
    after: str | None


class SubjectPage(NamedTuple):
    """Some of what is kept, and where to go on; None at the end."""

    records: Sequence[SubjectRecord]
    next_place: SubjectPlace | None
