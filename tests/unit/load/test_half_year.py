"""The programme that catalog is loaded with."""

import json
from datetime import date, timedelta
from itertools import pairwise

from tests.load.half_year import HalfYear

FIRST_DAY = date(2026, 11, 26)


def test_half_a_year_has_three_hundred_thousand_screenings() -> None:
    assert HalfYear(FIRST_DAY).screenings >= 300_000


def test_the_feeds_have_every_screening_once_and_none_overlap() -> None:
    programme = HalfYear(FIRST_DAY, days=9)

    shows = [show for each in programme.cinema_ids for show in programme.shows(each)]

    feeds = list(programme.feeds())
    events = [event for feed in feeds for event in json.loads(feed.content)["body"]["events"]]
    assert sum(feed.screenings for feed in feeds) == len(events) == programme.screenings
    assert len({(event["cinemaId"], event["id"]) for event in events}) == programme.screenings
    by_hall = sorted(shows, key=lambda show: (show.hall.cinema_id, show.hall.tiny_name, show.start))
    assert all(
        one.hall != next_one.hall or one.end + timedelta(minutes=5) <= next_one.start
        for one, next_one in pairwise(by_hall)
    )


def test_the_same_seed_makes_the_same_programme() -> None:
    assert next(HalfYear(FIRST_DAY, 8).feeds()) == next(HalfYear(FIRST_DAY, 8).feeds())
