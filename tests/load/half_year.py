"""Half a year of a national chain: 28 multiplexes of 12 halls, full days, 300,000 screenings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache

from deploy.programme.chain_facts import CINEMAS
from deploy.programme.feed import film_events
from deploy.programme.films import Version, all_versions
from deploy.programme.generate import Programme
from deploy.programme.halls import Hall, make_halls
from deploy.programme.randomness import random_for
from deploy.programme.schedule import Show

DAYS = 183
HALLS_PER_CINEMA = 12
DAYS_PER_FEED = 7
STARTS = tuple(time(hour) for hour in (9, 12, 15, 18, 21))
# With advertising it is over before the next begins.
MAX_LENGTH_MINUTES = 150


@dataclass(frozen=True, slots=True)
class Feed:
    """What a cinema sends for a week."""

    cinema_id: str
    content: bytes
    screenings: int


@dataclass(frozen=True, slots=True)
class HalfYear:
    """The programme from a day on, the same for the same seed."""

    first_day: date
    days: int = DAYS
    seed: int = 1

    @property
    def halls(self) -> tuple[Hall, ...]:
        return _halls(self.seed)

    @property
    def cinema_ids(self) -> list[str]:
        return [cinema.cinema_id for cinema in CINEMAS]

    @property
    def dates(self) -> list[date]:
        return [self.first_day + timedelta(days=offset) for offset in range(self.days)]

    @property
    def screenings(self) -> int:
        return len(self.halls) * self.days * len(STARTS)

    def opening(self) -> Programme:
        """Give the chain, with the first day's programme."""
        first = self.dates[:1]
        shows = [show for each in self.cinema_ids for show in self._on(each, first)]
        return Programme(self.first_day, self.seed, self.halls, tuple(shows))

    def feeds(self) -> Iterator[Feed]:
        """Yield week after week, each of all cinemas."""
        for first in range(0, self.days, DAYS_PER_FEED):
            dates = self.dates[first : first + DAYS_PER_FEED]
            for cinema_id in self.cinema_ids:
                yield _feed(cinema_id, self._on(cinema_id, dates))

    def feed_of(self, cinema_id: str) -> Feed:
        """Give all days of a cinema in one feed."""
        return _feed(cinema_id, self.shows(cinema_id))

    def shows(self, cinema_id: str) -> Iterator[Show]:
        """Plan all days of a cinema."""
        return self._on(cinema_id, self.dates)

    def _on(self, cinema_id: str, dates: list[date]) -> Iterator[Show]:
        versions = [v for v in all_versions() if v.film.length_minutes <= MAX_LENGTH_MINUTES]
        halls = [hall for hall in self.halls if hall.cinema_id == cinema_id]
        for day in dates:
            random = random_for(self.seed, "half-year", cinema_id, day.isoformat())
            for hall in halls:
                for start in STARTS:
                    yield _show(hall, random.choice(versions), datetime.combine(day, start))


def _feed(cinema_id: str, shows: Iterable[Show]) -> Feed:
    given = list(shows)
    content = json.dumps(film_events(given), ensure_ascii=False).encode()
    return Feed(cinema_id, content, len(given))


@cache
def _halls(seed: int) -> tuple[Hall, ...]:
    large = (replace(cinema, halls=HALLS_PER_CINEMA) for cinema in CINEMAS)
    return tuple(hall for cinema in large for hall in make_halls(cinema, seed))


def _show(hall: Hall, version: Version, start: datetime) -> Show:
    name = f"{hall.tiny_name}-{start:%y%m%d%H}"
    return Show(name, hall, version, start.date(), start)
