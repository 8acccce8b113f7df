"""Cinemas, halls and films as staff describe them and anyone reads them."""

import asyncio
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import cinema_pb2, programme_service_pb2, screening_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_feed,
    a_film,
    a_plan,
    an_event,
    prices,
    terms,
)
from tests.integration.catalog.test_admin import assert_checks_pass, refusal, the_screening
from tests.kit.catalog import Catalog, Metadata, new_request_id
from tests.kit.seat_plan_import import plan_messages


async def the_cinema(catalog: Catalog) -> cinema_pb2.Cinema:
    request = programme_service_pb2.GetCinemaRequest(cinema_id=CINEMA_ID)
    return (await catalog.programme.GetCinema(request)).cinema


def update_cinema(
    catalog: Catalog, cinema: cinema_pb2.Cinema, *paths: str, metadata: Metadata | None = None
) -> Any:
    request = pb.UpdateCinemaRequest(
        cinema=cinema, update_mask=FieldMask(paths=paths), request_id=new_request_id()
    )
    return catalog.admin.UpdateCinema(request, metadata=metadata or catalog.staff())


def a_new_film(**changes: Any) -> screening_pb2.Film:
    values: dict[str, Any] = {
        "title": "Traviata",
        "length_minutes": 150,
        "rating": "AP-12",
        "event_kind": "OPERA",
        "country_code": "RO",
        "languages": ["it"],
        "genres": ["music"],
    }
    return screening_pb2.Film(**values | changes)


def create_film(catalog: Catalog, **changes: Any) -> Any:
    request = pb.CreateFilmRequest(film=a_new_film(**changes), request_id=new_request_id())
    return catalog.admin.CreateFilm(request, metadata=catalog.staff("programme_editor", "1806"))


def update_film(catalog: Catalog, film: screening_pb2.Film, *paths: str) -> Any:
    request = pb.UpdateFilmRequest(
        film=film, update_mask=FieldMask(paths=paths), request_id=new_request_id()
    )
    return catalog.admin.UpdateFilm(request, metadata=catalog.staff())


async def films(catalog: Catalog, **arguments: Any) -> list[screening_pb2.Film]:
    found: list[screening_pb2.Film] = []
    request = programme_service_pb2.ListFilmsRequest(page_size=1, **arguments)
    while True:
        page = await catalog.programme.ListFilms(request)
        found.extend(page.films)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def get_film(catalog: Catalog, film_id: str) -> screening_pb2.Film:
    request = programme_service_pb2.GetFilmRequest(film_id=film_id)
    return (await catalog.programme.GetFilm(request)).film


async def a_sold_programme(catalog: Catalog, *events: dict[str, Any]) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    await catalog.import_feed(CINEMA_ID, a_feed(*(events or (an_event(),))))


async def test_a_cinema_gets_new_data_field_by_field(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    cinema = await the_cinema(catalog)
    cinema.address = "Strada Mare 1"
    cinema.email = "sala@example.com"
    cinema.name = "Not in the mask"
    cinema.contact_hours.add(weekdays=[7, 1], open_time="10:00", close_time="00:30")

    updated = await update_cinema(catalog, cinema, "address", "email", "contact_hours")

    read = await the_cinema(catalog)
    assert read == updated.cinema
    assert (read.address, read.email, read.name) == (
        "Strada Mare 1", "sala@example.com", "Cinema 1818",
    )  # fmt: skip
    assert [list(hours.weekdays) for hours in read.contact_hours] == [[1, 7]]
    assert read.etag != cinema.etag
    audit = "SELECT actor FROM audit WHERE action = 'UpdateCinema' AND subject = $1"
    assert len(await catalog.database.fetch(audit, CINEMA_ID)) == 1


async def test_anyone_reads_how_to_reach_a_cinema(catalog: Catalog) -> None:
    hours = [{"weekdays": [1, 2], "open_time": "10:00", "close_time": "22:00"}]
    await catalog.create_cinema(
        a_cinema(address="Strada Mare 1", email="sala@example.com", contact_hours=hours)
    )

    answer = await catalog.programme.GetContactInfo(
        programme_service_pb2.GetContactInfoRequest(cinema_id=CINEMA_ID)
    )

    assert answer.contact_info == cinema_pb2.ContactInfo(
        cinema_id=CINEMA_ID,
        name="Cinema 1818",
        phone="+40314130320",
        email="sala@example.com",
        address="Strada Mare 1",
        contact_hours=[
            cinema_pb2.ContactHours(weekdays=[1, 2], open_time="10:00", close_time="22:00")
        ],
        time_zone="Europe/Bucharest",
    )


async def test_of_two_who_change_a_cinema_at_once_one_must_read_again(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    cinema = await the_cinema(catalog)
    one, other = cinema_pb2.Cinema(), cinema_pb2.Cinema()
    one.CopyFrom(cinema)
    other.CopyFrom(cinema)
    one.city, other.city = "Arad", "Deva"

    answers = await asyncio.gather(
        update_cinema(catalog, one, "city"),
        update_cinema(catalog, other, "city"),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert [error.code() for error in refused] == [grpc.StatusCode.ABORTED]
    _, why = await refusal(update_cinema(catalog, cinema, "city"))
    assert why.metadata == {"etag": (await the_cinema(catalog)).etag}


@pytest.mark.parametrize(
    ("changes", "paths", "reason"),
    [
        ({"time_zone": "Europe/Nowhere"}, ["time_zone"], "INVALID_TIME_ZONE"),
        ({"currency_code": "EUR"}, ["currency_code"], "CURRENCY_IN_USE"),
        ({"id": "9999"}, ["city"], "CINEMA_NOT_FOUND"),
        ({"email": "nobody"}, ["email"], "INVALID_FIELD"),
        ({"country_code": "FR"}, ["country_code"], "INVALID_FIELD"),
        ({}, [], "INVALID_FIELD"),
        ({}, ["halls"], "INVALID_FIELD"),
    ],
)
async def test_a_wrong_change_of_a_cinema_is_refused(
    catalog: Catalog, changes: dict[str, Any], paths: list[str], reason: str
) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.set_prices(prices())
    cinema = await the_cinema(catalog)
    before = cinema_pb2.Cinema()
    before.CopyFrom(cinema)
    for name, value in changes.items():
        setattr(cinema, name, value)

    _, why = await refusal(update_cinema(catalog, cinema, *paths))

    assert why.reason == reason
    assert await the_cinema(catalog) == before


async def test_a_change_of_a_cinema_is_told_for_its_screenings(catalog: Catalog) -> None:
    await a_sold_programme(catalog)
    cinema = await the_cinema(catalog)
    cinema.sold_online = False

    await update_cinema(catalog, cinema, "sold_online")

    screening = await the_screening(catalog)
    assert (screening.version, screening.not_sold_reason) == (
        2, screening_pb2.Screening.NOT_SOLD_REASON_CINEMA,
    )  # fmt: skip
    await assert_checks_pass(catalog)


async def test_another_time_zone_changes_the_clock_and_the_feed_the_instants(
    catalog: Catalog,
) -> None:
    await a_sold_programme(catalog)
    before = await the_screening(catalog)
    cinema = await the_cinema(catalog)
    cinema.time_zone = "Europe/Paris"

    await update_cinema(catalog, cinema, "time_zone")
    same_instant = await the_screening(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    same_clock = await the_screening(catalog)

    assert same_instant.start_time == before.start_time
    assert same_instant.local_start == f"{DAY}T19:00"
    assert same_clock.start_time.seconds == before.start_time.seconds + 3_600
    assert same_clock.local_start == before.local_start == f"{DAY}T20:00"
    await assert_checks_pass(catalog)


async def test_a_hall_is_made_once_and_listed(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())

    halls = []
    for name, formats in (("S02", ["2D"]), ("S01", []), ("S02", ["2D", "IMAX"])):
        request = pb.CreateHallRequest(
            cinema_id=CINEMA_ID, name=name, formats=formats, request_id=new_request_id()
        )
        halls.append((await catalog.admin.CreateHall(request, metadata=catalog.staff())).hall)

    listed = programme_service_pb2.ListHallsRequest(cinema_id=CINEMA_ID, page_size=1)
    first = await catalog.programme.ListHalls(listed)
    listed.page_token = first.next_page_token
    second = await catalog.programme.ListHalls(listed)
    assert halls[0].id == halls[2].id
    assert [*first.halls, *second.halls] == [halls[1], halls[2]]
    assert second.next_page_token == ""


async def test_staff_of_another_cinema_change_neither_cinema_nor_halls(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    cinema = await the_cinema(catalog)
    editor = catalog.staff("programme_editor", "1806")
    hall = pb.CreateHallRequest(cinema_id=CINEMA_ID, name="S01", request_id=new_request_id())
    calls = [
        update_cinema(catalog, cinema, "city", metadata=editor),
        catalog.admin.CreateHall(hall, metadata=editor),
        catalog.admin.ImportSeatPlan(plan_messages(CINEMA_ID, {}), metadata=editor),
        catalog.admin.ImportSeatPlan(plan_messages("9999", {}), metadata=editor),
    ]

    for call in calls:
        code, why = await refusal(call)
        assert (code, why.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")
    assert await the_cinema(catalog) == cinema
    assert await catalog.database.fetchval("SELECT count(*) FROM hall") == 0


async def test_a_film_is_created_and_read(catalog: Catalog) -> None:
    created = (await create_film(catalog)).film

    film = await get_film(catalog, created.id)

    assert film == created
    assert (film.rating, film.event_kind, film.feed_id) == ("AP-12", "OPERA", "")
    assert (list(film.languages), list(film.genres)) == (["it"], ["music"])


@pytest.mark.parametrize("rating", ["UNRATED", "RATING_PENDING", "", "IM-18-XXX"])
async def test_a_rating_of_the_scheme_or_none_is_taken(catalog: Catalog, rating: str) -> None:
    created = await create_film(catalog, rating=rating)

    assert created.film.rating == (rating or "RATING_PENDING")


@pytest.mark.parametrize(
    ("rating", "country"), [("12A", "RO"), ("AP-12", "GB"), ("AP-12", "XX"), ("ap-12", "RO")]
)
async def test_a_rating_of_another_scheme_is_refused_by_field(
    catalog: Catalog, rating: str, country: str
) -> None:
    code, why = await refusal(create_film(catalog, rating=rating, country_code=country))

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_RATING")
    assert why.metadata == {"country_code": country, "rating": rating}


async def test_films_are_listed_by_cinema_and_day(catalog: Catalog) -> None:
    other = a_film("9002s2r", name="Alta")
    await a_sold_programme(catalog)
    await catalog.import_feed(
        CINEMA_ID,
        a_feed(
            an_event(),
            an_event("2", "2026-11-25T12:00:00", attributeIds=["ag", "imax"]),
            an_event("3", "2026-11-26T12:00:00", filmId="9002s2r"),
            films=(a_film(), other),
        ),
    )
    await catalog.create_cinema(a_cinema("1806"))
    await create_film(catalog)

    everywhere = await films(catalog)

    assert [film.title for film in everywhere] == ["Alta", "Orbita a șaptea"]
    assert list(everywhere[1].dates) == [DAY, "2026-11-25"]
    assert list(everywhere[1].formats) == ["2D", "IMAX"]
    assert everywhere[1].rating == "RATING_PENDING"  # The showings contradict each other.
    assert (everywhere[0].rating, list(everywhere[0].languages)) == ("N-15", ["en"])
    assert [film.title for film in await films(catalog, cinema_id=CINEMA_ID, date=DAY)] == [
        "Orbita a șaptea"
    ]
    assert await films(catalog, cinema_id="1806") == []
    assert await films(catalog, date="2026-12-01") == []


@pytest.mark.rule("OTC-26")
async def test_a_film_that_staff_rate_is_sold_wherever_it_waited(catalog: Catalog) -> None:
    await a_sold_programme(catalog, an_event(attributeIds=["2d"]))
    waiting = await the_screening(catalog)
    film = await get_film(catalog, waiting.film.id)
    film.rating = "N-15"

    await update_film(catalog, film, "rating")

    rated = await the_screening(catalog)
    assert waiting.not_sold_reason == screening_pb2.Screening.NOT_SOLD_REASON_RATING
    assert (rated.film.rating, rated.sold_online, rated.version) == ("N-15", True, 2)
    await assert_checks_pass(catalog)


async def test_what_staff_say_of_a_film_stays_until_the_feed_says_something_new(
    catalog: Catalog,
) -> None:
    await a_sold_programme(catalog)
    film = await get_film(catalog, (await the_screening(catalog)).film.id)
    film.title, film.event_kind = "Orbita 7", "SPECIAL"
    await update_film(catalog, film, "title", "event_kind")

    await catalog.import_feed(CINEMA_ID, a_feed(an_event(), an_event("2", f"{DAY}T23:00:00")))
    same_feed = (await the_first(catalog)).film
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(), films=(a_film(name="Orbita 8"),)))
    new_feed = (await the_first(catalog)).film

    assert (same_feed.title, same_feed.event_kind) == ("Orbita 7", "SPECIAL")
    assert (new_feed.title, new_feed.event_kind) == ("Orbita 8", "SPECIAL")


async def the_first(catalog: Catalog) -> screening_pb2.Screening:
    return (await catalog.screenings(CINEMA_ID, DAY))[0]


async def test_an_old_etag_of_a_film_is_refused_with_the_fresh_one(catalog: Catalog) -> None:
    film = (await create_film(catalog)).film
    film.title = "La traviata"
    updated = await update_film(catalog, film, "title")

    code, why = await refusal(update_film(catalog, film, "title"))

    assert (code, why.reason) == (grpc.StatusCode.ABORTED, "CONCURRENT_CHANGE")
    assert why.metadata == {"etag": updated.film.etag}


async def test_an_unknown_film_is_not_found(catalog: Catalog) -> None:
    film = a_new_film(id=new_request_id())

    code, why = await refusal(update_film(catalog, film, "title"))
    get_code, get_why = await refusal(get_film(catalog, film.id))

    assert (code, why.reason) == (get_code, get_why.reason)
    assert (code, why.reason) == (grpc.StatusCode.NOT_FOUND, "FILM_NOT_FOUND")
