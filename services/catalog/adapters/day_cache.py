"""The days that a process keeps listed, within a bound on their screenings."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from services.catalog.adapters.programme_versions import Version
from services.catalog.domain.listing import ListedScreening

# Cinema, day, and whether it is the business day.
DayKey: TypeAlias = tuple[str, date, bool]


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A day of a cinema as it was at a version, until the next moment that may change it."""

    screenings: Sequence[ListedScreening]
    version: Version
    true_until: datetime

    @property
    def weight(self) -> int:
        return 1 + len(self.screenings)


@dataclass(slots=True)
class DayCache:
    """Keeps days of at most `max_screenings` in all; the one not asked for longest goes first."""

    max_screenings: int
    weight: int = 0
    _days: "OrderedDict[DayKey, KeptDay]" = field(default_factory=OrderedDict)

    def get(self, key: DayKey) -> KeptDay | None:
        day = self._days.get(key)
        if day is not None:
            self._days.move_to_end(key)
        return day

    def put(self, key: DayKey, day: KeptDay) -> None:
        old = self._days.pop(key, None)
        self.weight += day.weight - (old.weight if old else 0)
        self._days[key] = day
        while self.weight > self.max_screenings:
            _, oldest = self._days.popitem(last=False)
            self.weight -= oldest.weight
