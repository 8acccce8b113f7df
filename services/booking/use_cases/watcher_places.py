"""How many may watch at a time: each caller, each address without a token, each thing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from services.booking.domain.watch_errors import TooManyWatchersError


class Scope(StrEnum):
    """What watchers are counted by."""

    CALLER = "CALLER"
    ADDRESS = "ADDRESS"
    SUBJECT = "SUBJECT"


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who watches: the token's principal, or the network address of somebody without a token."""

    key: str
    is_known: bool


@dataclass(slots=True)
class WatcherPlaces:
    """The places of one process. What a process has in all is the server's limit of streams."""

    max_per_caller: int
    max_per_address: int
    max_per_subject: int
    _taken: Counter[tuple[Scope, str]] = field(default_factory=Counter)

    @contextmanager
    def taken(self, watcher: Watcher, subject_id: UUID) -> Iterator[None]:
        """Keep a place while the context is open; TOO_MANY_WATCHERS when there is none."""
        scope = Scope.CALLER if watcher.is_known else Scope.ADDRESS
        most = self.max_per_caller if watcher.is_known else self.max_per_address
        places = [
            ((scope, watcher.key), most),
            ((Scope.SUBJECT, str(subject_id)), self.max_per_subject),
        ]
        for (kind, key), limit in places:
            if self._taken[kind, key] >= limit:
                raise TooManyWatchersError(kind, limit)
        for place, _ in places:
            self._taken[place] += 1
        try:
            yield
        finally:
            for place, _ in places:
                self._taken[place] -= 1
                if not self._taken[place]:
                    del self._taken[place]
