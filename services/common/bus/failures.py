"""Tells a failure that time heals from one that it does not."""

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from google.protobuf.message import DecodeError

from services.common.bus.events import Event
from services.common.errors import DomainError, ErrorKind

MAX_APPLY_ATTEMPTS = 5
MAX_COUNTED_EVENTS = 10_000

_PASSING_KINDS = frozenset(
    {
        ErrorKind.UNAVAILABLE,
        ErrorKind.ABORTED,
        ErrorKind.DEADLINE_EXCEEDED,
        ErrorKind.RESOURCE_EXHAUSTED,
    }
)


class NeverApplicableError(Exception):
    """Raised by a handler for an event that no repetition can make right."""


def is_infrastructure(error: BaseException) -> bool:
    """Tell whether the surroundings failed, not the event: retried for ever, never dead."""
    if isinstance(error, DomainError):
        return error.kind in _PASSING_KINDS
    return isinstance(error, OSError)


@dataclass(slots=True)
class Attempts:
    """Counts failures per event, in memory and bounded: a restart begins anew."""

    max_attempts: int = MAX_APPLY_ATTEMPTS
    _counts: OrderedDict[UUID, int] = field(default_factory=OrderedDict)

    def note_failure(self, event: Event, error: Exception) -> int | None:
        """Count a failure; gives the number of attempts when the event is dead now, else None."""
        if is_infrastructure(error):
            return None
        count = self._counts.pop(event.id, 0) + 1
        if isinstance(error, NeverApplicableError | DecodeError) or count >= self.max_attempts:
            return count
        self._counts[event.id] = count
        while len(self._counts) > MAX_COUNTED_EVENTS:
            self._counts.popitem(last=False)
        return None
