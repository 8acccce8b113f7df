"""Typed reading of one field of a feed row, each refusal with its reason."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.catalog.domain.feed_rows import ProblemReason

MAX_ID_CHARS = 64
MAX_NAME_CHARS = 300
MAX_TOKENS_PER_ROW = 64
MAX_TOKEN_CHARS = 64
MAX_DETAIL_CHARS = 120

_DAY_CHARS = len("2026-11-23")
_MINUTE_CHARS = len("2026-11-23T20:30")
_SECOND_CHARS = len("2026-11-23T20:30:00")

Row = Mapping[str, Any]


class RowError(Exception):
    """A row cannot be used; caught by the parser, which names the row."""

    def __init__(self, reason: ProblemReason, field: str, detail: object = "") -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field
        self.detail = printable(str(detail))


def printable(text: str) -> str:
    """Cut a text of unknown origin short and make it safe to store and to show."""
    safe = text[:MAX_DETAIL_CHARS].encode("utf-8", "backslashreplace").decode()
    return safe.replace("\x00", "\\x00")


def text(row: Row, field: str, max_chars: int = MAX_ID_CHARS) -> str:
    """Read a text of 1 to max_chars characters that PostgreSQL can store."""
    try:
        value = row[field]
    except KeyError:
        raise RowError(ProblemReason.MISSING_KEY, field) from None
    if not isinstance(value, str):
        raise RowError(ProblemReason.WRONG_TYPE, field, type(value).__name__)
    return storable(value, field, max_chars)


def storable(value: str, field: str, max_chars: int) -> str:
    if not value or value.isspace() or len(value) > max_chars:
        raise RowError(ProblemReason.OUT_OF_RANGE, field, f"{len(value)} characters")
    if "\x00" in value:
        raise RowError(ProblemReason.BAD_TEXT, field, "NUL")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise RowError(ProblemReason.BAD_TEXT, field, "half a surrogate pair") from None
    return value


def whole_number(row: Row, field: str, low: int, high: int) -> int:
    """Read a number from low to high; `true` is no number."""
    try:
        value = row[field]
    except KeyError:
        raise RowError(ProblemReason.MISSING_KEY, field) from None
    if type(value) is not int:
        raise RowError(ProblemReason.WRONG_TYPE, field, type(value).__name__)
    if not low <= value <= high:
        raise RowError(ProblemReason.OUT_OF_RANGE, field, f"not in {low}..{high}")
    return value


def flag(row: Row, field: str) -> bool:
    """Read a flag; absent and null mean no, as in the older feeds."""
    value = row.get(field)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise RowError(ProblemReason.WRONG_TYPE, field, type(value).__name__)
    return value


def tokens(row: Row, field: str) -> tuple[str, ...]:
    try:
        value = row[field]
    except KeyError:
        raise RowError(ProblemReason.MISSING_KEY, field) from None
    return token_list(value, field)


def token_list(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise RowError(ProblemReason.WRONG_TYPE, field, type(value).__name__)
    if len(value) > MAX_TOKENS_PER_ROW:
        raise RowError(ProblemReason.OUT_OF_RANGE, field, f"{len(value)} tokens")
    for token in value:
        if not isinstance(token, str):
            raise RowError(ProblemReason.WRONG_TYPE, field, type(token).__name__)
        storable(token, field, MAX_TOKEN_CHARS)
    return tuple(value)


def day(row: Row, field: str) -> date:
    """Read a date written `2026-11-23`."""
    value = text(row, field)
    if len(value) == _DAY_CHARS:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise RowError(ProblemReason.BAD_TIME, field, value)


def local_datetime(row: Row, field: str) -> datetime:
    """Read a local time such as `2026-11-23T20:30:00`, seconds optional, without offset."""
    value = text(row, field)
    if len(value) in (_MINUTE_CHARS, _SECOND_CHARS) and value[_DAY_CHARS] == "T":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                return moment
    raise RowError(ProblemReason.BAD_TIME, field, value)
