"""Which hall shows what and when: a week without overlaps, on a grid of five minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from deploy.programme.films import Version, all_versions
from deploy.programme.halls import Hall, HallKind
from deploy.programme.randomness import random_for

ADVERTISING_MINUTES = 25
MIN_TURNAROUND_MINUTES, MAX_TURNAROUND_MINUTES = 20, 40
GRID_MINUTES = 5
MIN_SHOWS, MAX_SHOWS = 2, 5
_FIRST_SHOW_MINUTES = {True: (10 * 60, 12 * 60), False: (11 * 60, 15 * 60)}
# Minutes after the business day's midnight; the rest is tomorrow's date.
_LAST_START_MINUTES = {True: 24 * 60 + 40, False: 22 * 60 + 45}
_FRIDAY, _SATURDAY = 4, 5
_DAYS_IN_WEEK = 7
_WEEKEND_SHOW_WEIGHTS = (1, 2, 4, 5)
_WEEKDAY_SHOW_WEIGHTS = (2, 4, 3, 1)
_SCREENING_IDS_PER_DAY = 1_000
_FIRST_ID_DAY = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Show:
    """A screening. `business_day` is the day of the programme, `start` the local time."""

    id: str
    hall: Hall
    version: Version
    business_day: date
    start: datetime

    @property
    def end(self) -> datetime:
        """When the film ends, advertising counted."""
        return self.start + timedelta(
            minutes=ADVERTISING_MINUTES + self.version.film.length_minutes
        )


def week_of_shows(halls: tuple[Hall, ...], week_start: date, seed: int) -> Iterator[Show]:
    """Plan seven days of one cinema, ordered by day, hall and start."""
    for offset in range(_DAYS_IN_WEEK):
        day = week_start + timedelta(days=offset)
        number = (day - _FIRST_ID_DAY).days * _SCREENING_IDS_PER_DAY
        for hall in halls:
            random = random_for(seed, "shows", hall.cinema_id, hall.tiny_name, day.isoformat())
            for version, start in _hall_day(hall, day, random):
                number += 1
                yield Show(str(number), hall, version, day, start)


def _hall_day(hall: Hall, day: date, random: Random) -> Iterator[tuple[Version, datetime]]:
    versions = _versions_for(hall)
    is_weekend = day.weekday() > _FRIDAY
    weights = _WEEKEND_SHOW_WEIGHTS if is_weekend else _WEEKDAY_SHOW_WEIGHTS
    (shows,) = random.choices(range(MIN_SHOWS, MAX_SHOWS + 1), weights)
    low, high = _FIRST_SHOW_MINUTES[is_weekend]
    last_start = _LAST_START_MINUTES[day.weekday() in (_FRIDAY, _SATURDAY)]
    minute = random.randrange(low, high + 1, GRID_MINUTES)
    midnight = datetime.combine(day, time())
    for _ in range(shows):
        if minute > last_start:
            return
        version = random.choice(versions)
        yield version, midnight + timedelta(minutes=minute)
        turnaround = random.randrange(MIN_TURNAROUND_MINUTES, MAX_TURNAROUND_MINUTES - 3)
        minute += ADVERTISING_MINUTES + version.film.length_minutes + turnaround
        minute += -minute % GRID_MINUTES


def _versions_for(hall: Hall) -> list[Version]:
    """List what the hall is equipped for; IMAX and 4DX take the large films only."""
    match hall.kind:
        case HallKind.IMAX | HallKind.FOUR_DX:
            return [version for version in all_versions() if version.film.is_large]
        case HallKind.VIP:
            return [version for version in all_versions() if not version.is_3d]
        case HallKind.STANDARD:
            return list(all_versions())
