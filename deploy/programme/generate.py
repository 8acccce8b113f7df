"""A week of the sample chain, the same for the same seed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from deploy.programme.chain import chain_document, seat_plan_path
from deploy.programme.chain_facts import CINEMAS
from deploy.programme.feed import film_events
from deploy.programme.halls import Hall, make_halls
from deploy.programme.schedule import Show, week_of_shows


@dataclass(frozen=True, slots=True)
class FeedFile:
    """The feed of one cinema and business day; `path` is relative to the output folder."""

    path: str
    cinema_id: str
    business_day: date
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Programme:
    """A generated week."""

    week_start: date
    seed: int
    halls: tuple[Hall, ...]
    shows: tuple[Show, ...]

    def chain(self) -> dict[str, Any]:
        """Give cinemas, halls, prices and terms: what `chain.json` holds."""
        return chain_document(self.halls, self.seed)

    def feeds(self) -> Iterator[FeedFile]:
        """Yield the feed files, one for each cinema and day."""
        by_day = groupby(self.shows, key=lambda show: (show.hall.cinema_id, show.business_day))
        for (cinema_id, day), shows in by_day:
            path = f"{cinema_id}/film-events_{day.isoformat()}.json"
            yield FeedFile(path, cinema_id, day, film_events(list(shows)))

    def files(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every file of the week: its relative path and its document."""
        yield "chain.json", self.chain()
        for hall in self.halls:
            yield seat_plan_path(hall), hall.plan.to_json()
        for feed in self.feeds():
            yield feed.path, feed.document


def generate(week_start: date, seed: int) -> Programme:
    """Make the week of seven days that starts on `week_start`.

    Halls and prices depend on the seed alone: two weeks of one seed belong to the same chain.
    """
    halls_by_cinema = [make_halls(cinema, seed) for cinema in CINEMAS]
    shows = [show for halls in halls_by_cinema for show in week_of_shows(halls, week_start, seed)]
    halls = tuple(hall for halls in halls_by_cinema for hall in halls)
    return Programme(week_start, seed, halls, tuple(shows))


def write(programme: Programme, folder: Path) -> int:
    """Write the programme's files, replacing what is there; returns how many."""
    count = 0
    for path, document in programme.files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        target.write_text(text, encoding="utf-8")
        count += 1
    return count
