import json
import re
import statistics
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest

from deploy.programme import Programme, generate, write
from deploy.programme.films import FILMS
from deploy.programme.halls import HallKind
from deploy.programme.schedule import Show
from services.catalog.domain.feed_rows import FeedFilm, FeedScreening
from services.catalog.domain.import_profile import Category, ImportProfile
from services.catalog.domain.local_time import business_day_of
from services.catalog.domain.quickbook import parse_feed
from services.catalog.domain.vocabularies import CINEMA_CITY_RO

WEEK = date(2026, 11, 23)
ShowsByHall: TypeAlias = dict[tuple[str, str], list[Show]]
EVENT_KEYS = {
    "id", "filmId", "cinemaId", "businessDay", "eventDateTime", "attributeIds", "languages",
    "bookingLink", "compositeBookingLink", "bookingRouterLaunchLink", "presentationCode",
    "soldOut", "availabilityRatio", "auditorium", "auditoriumTinyName",
}  # fmt: skip
FILM_KEYS = {
    "id", "name", "length", "posterLink", "videoLink", "link", "weight", "releaseYear",
    "releaseDate", "attributeIds",
}  # fmt: skip


@pytest.fixture(scope="module")
def programme() -> Programme:
    return generate(WEEK, seed=1)


@pytest.fixture(scope="module")
def shows_by_hall(programme: Programme) -> ShowsByHall:
    shows: ShowsByHall = defaultdict(list)
    for show in programme.shows:
        shows[show.hall.cinema_id, show.hall.tiny_name].append(show)
    return shows


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    write(generate(WEEK, seed=5), tmp_path / "one")
    write(generate(WEEK, seed=5), tmp_path / "two")

    one, two = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*.json")}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) > 28 * 7


def test_another_seed_makes_another_week() -> None:
    assert generate(WEEK, seed=1).shows != generate(WEEK, seed=2).shows


def test_the_next_week_has_the_same_chain_and_new_screening_ids(programme: Programme) -> None:
    following = generate(WEEK + timedelta(days=7), seed=1)

    assert following.chain() == programme.chain()
    ids = {(show.hall.cinema_id, show.id) for show in programme.shows + following.shows}
    assert len(ids) == len(programme.shows) + len(following.shows)


def test_there_are_28_cinemas_each_with_a_phone_and_its_profile(programme: Programme) -> None:
    cinemas = programme.chain()["cinemas"]

    assert len({entry["cinema"]["id"] for entry in cinemas}) == 28
    assert len({entry["cinema"]["phone"] for entry in cinemas}) == 28
    for entry in cinemas:
        assert re.fullmatch(r"\+40314130\d{3}", entry["cinema"]["phone"])
        assert entry["cinema"]["time_zone"] == "Europe/Bucharest"
        assert entry["cinema"]["currency_code"] == "RON"
        assert entry["import_profile"]["cinema_id"] == entry["cinema"]["id"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_halls_are_as_large_as_real_ones(seed: int) -> None:
    halls = generate(WEEK, seed).halls

    capacities = [hall.plan.capacity for hall in halls]
    per_cinema: dict[str, int] = defaultdict(int)
    for hall in halls:
        per_cinema[hall.cinema_id] += 1
    assert min(capacities) >= 32
    assert max(capacities) <= 478
    assert 125 <= statistics.median(capacities) <= 170
    assert {kind for hall in halls for kind in [hall.kind]} == set(HallKind)
    assert 3 <= min(per_cinema.values()) <= max(per_cinema.values()) <= 14


def test_every_plan_has_a_wheelchair_place_beside_its_companion(programme: Programme) -> None:
    for hall in programme.halls:
        neighbours = {
            frozenset((left.id, right.id))
            for row in hall.plan.rows
            for run in row.segments
            for left, right in pairwise(run)
        }
        seats = {seat.id: seat for seat in hall.plan.seats()}
        wheelchairs = [seat for seat in seats.values() if seat.kind == "WHEELCHAIR"]
        companions = [seat for seat in seats.values() if seat.kind == "COMPANION"]

        assert wheelchairs
        assert len(companions) == len(wheelchairs)
        assert {seat.companion_of for seat in companions} == {seat.id for seat in wheelchairs}
        assert all(frozenset((s.id, s.companion_of)) in neighbours for s in companions)


def test_sofas_are_pairs_that_no_aisle_divides(programme: Programme) -> None:
    sofas = 0
    for hall in programme.halls:
        for run in (run for row in hall.plan.rows for run in row.segments):
            halves: dict[str, list[int]] = defaultdict(list)
            for position, seat in enumerate(run):
                if seat.sofa_id is not None:
                    assert seat.kind == "SOFA"
                    halves[seat.sofa_id].append(position)
            assert all(b - a == 1 for a, b in halves.values())
            sofas += len(halves)

    assert sofas > 100


def test_seats_are_drawn_apart_and_aisles_are_wider(programme: Programme) -> None:
    for hall in programme.halls:
        for row in hall.plan.rows:
            seats = [seat for run in row.segments for seat in run]
            assert [seat.id for seat in seats] == [
                f"{row.name}{n}" for n in range(1, len(seats) + 1)
            ]
            assert all(b.x - a.x == 100 for run in row.segments for a, b in pairwise(run))
            assert all(b[0].x - a[-1].x > 200 for a, b in pairwise(row.segments))
    assert sum(len(row.segments) > 1 for hall in programme.halls for row in hall.plan.rows) > 500


def test_each_hall_has_two_to_five_shows_a_day_on_the_grid(
    programme: Programme, shows_by_hall: ShowsByHall
) -> None:
    assert len(shows_by_hall) == len(programme.halls)
    for shows in shows_by_hall.values():
        per_day: dict[date, int] = defaultdict(int)
        for show in shows:
            per_day[show.business_day] += 1
            assert show.start.minute % 5 == show.start.second == 0
        assert sorted(per_day) == [WEEK + timedelta(days=offset) for offset in range(7)]
        assert set(per_day.values()) <= {2, 3, 4, 5}


def test_shows_leave_20_to_40_minutes_between_them(shows_by_hall: ShowsByHall) -> None:
    for shows in shows_by_hall.values():
        for earlier, later in pairwise(shows):
            pause = later.start - earlier.end
            assert pause >= timedelta(minutes=20)
            if earlier.business_day == later.business_day:
                assert pause <= timedelta(minutes=40)


def test_shows_after_midnight_belong_to_the_evening_before(programme: Programme) -> None:
    late = [show for show in programme.shows if show.start.date() != show.business_day]

    assert late
    assert all(business_day_of(show.start) == show.business_day for show in programme.shows)


def test_the_feed_has_the_keys_of_the_real_one(programme: Programme) -> None:
    for feed in programme.feeds():
        assert set(feed.document) == {"body"}
        assert set(feed.document["body"]) == {"films", "events"}
        assert {frozenset(film) for film in feed.document["body"]["films"]} == {
            frozenset(FILM_KEYS)
        }
        assert {frozenset(event) for event in feed.document["body"]["events"]} == {
            frozenset(EVENT_KEYS)
        }


def test_the_parser_reads_every_generated_row(programme: Programme) -> None:
    zone = ZoneInfo("Europe/Bucharest")
    screenings = []
    for feed in programme.feeds():
        profiles = {feed.cinema_id: ImportProfile(feed.cinema_id, zone, "RON", CINEMA_CITY_RO)}
        document = json.loads(json.dumps(feed.document))
        rows = list(parse_feed(document, profiles))
        assert all(isinstance(row, FeedFilm | FeedScreening) for row in rows)
        screenings += [row for row in rows if isinstance(row, FeedScreening)]

    assert [row.screening_id for row in screenings] == [show.id for show in programme.shows]
    assert [row.local_start for row in screenings] == [show.start for show in programme.shows]
    assert {row.rating for row in screenings} == {film.rating for film in FILMS}
    assert {row.category for row in screenings} == {
        Category.MOVIE, Category.VIP, Category.ALTERNATIVE,
    }  # fmt: skip
    assert not {token for row in screenings for token in row.unknown_tokens}
    formats = {name for row in screenings for name in row.formats}
    assert formats == {"2D", "3D", "IMAX", "4DX", "VIP"}


def test_every_area_of_every_cinema_has_a_price_on_every_weekday(programme: Programme) -> None:
    chain = programme.chain()
    areas: dict[str, set[str]] = defaultdict(set)
    for hall in programme.halls:
        areas[hall.cinema_id] |= {seat.area for seat in hall.plan.seats()}

    for prices in chain["price_lists"]:
        types = {ticket_type["code"] for ticket_type in prices["ticket_types"]}
        priced = [
            (line["ticket_type"], line["area"], weekday)
            for line in prices["lines"]
            for weekday in line["weekdays"]
            if "local_start_before" not in line
        ]
        assert types == {
            "ADULT", "CHILD", "STUDENT", "SENIOR", "DISABLED", "COMPANION", "FAMILY"
        }  # fmt: skip
        assert len(priced) == len(set(priced))
        assert set(priced) >= {
            (ticket_type, area, weekday)
            for ticket_type in types
            for area in areas[prices["cinema_id"]]
            for weekday in range(1, 8)
        }
        assert all(line["price"]["minor_units"] > 0 for line in prices["lines"])
        assert {line["format"] for line in prices["supplements"]} == {"3D", "IMAX", "4DX", "VIP"}


def test_two_policies_ship_with_the_figures_of_the_terms(programme: Programme) -> None:
    terms = {entry["policy_code"]: entry for entry in programme.chain()["terms"]}

    assert set(terms) == {"cinema-city-ro", "cinecarte-fr"}
    for entry in terms.values():
        policy = entry["policy"]
        assert policy["hold_seconds"] == 600
        assert policy["max_tickets_per_type"] == 10
        assert policy["cancel_before_start_seconds"] == 7_200
        assert policy["refund_before_start_seconds"] == 1_800
        assert policy["remedy_days"] == 2
        assert policy["complaint_days"] == 7
        assert policy["complaint_answer_business_days"] == 20
        assert not policy["goods_sold_online"]
        assert all(text in entry["otc_text"] for text in ("10 minutes", "2 hours", "10 tickets"))
        assert entry["gtc_text"] != entry["otc_text"]
        assert policy["ratings_not_sold_online"] == ["UNRATED", "RATING_PENDING", "IM-18-XXX"]
