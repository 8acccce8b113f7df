"""The database's clock between two looks at it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class SeenClock:
    """What the database's clock says by now, as it was last seen.

    For when something is looked at next; deadlines are judged in the database.
    """

    _seen: datetime = _NEVER
    _at_s: float = 0.0

    def saw(self, now: datetime) -> None:
        """Take over what the database has just said."""
        self._seen, self._at_s = now, monotonic()

    def now(self) -> datetime:
        return self._seen + timedelta(seconds=monotonic() - self._at_s)
