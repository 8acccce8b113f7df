"""What staff call for screenings, with everything that a test does not care about."""

from typing import Any

from cinema.booking.v1.screening_impact_service_pb2 import GetOrderCountsResponse
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import events_pb2, programme_service_pb2, screening_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.catalog.feeds import CINEMA_ID, DAY
from tests.integration.catalog.test_cinemas_and_films import a_new_film
from tests.kit.catalog import Catalog, Metadata, new_request_id

ENGLISH = screening_pb2.LanguageVersion(
    kind=screening_pb2.LanguageVersion.KIND_SUBTITLED,
    audio_languages=["en"],
    subtitle_languages=["ro"],
)
CHANGES = ("RescheduleScreening", "ReplaceFilm", "MoveScreening")
BOUGHT = GetOrderCountsResponse(confirmed_orders=3, open_orders=1, tickets=7)


def at(clock: str, day: str = DAY) -> Timestamp:
    """A time of the cinema's clock, in winter."""
    stamp = Timestamp()
    stamp.FromJsonString(f"{day}T{clock}:00+02:00")
    return stamp


async def the_hall(catalog: Catalog, name: str = "S01") -> str:
    request = programme_service_pb2.ListHallsRequest(cinema_id=CINEMA_ID)
    halls = (await catalog.programme.ListHalls(request)).halls
    return next(hall.id for hall in halls if hall.name == name)


async def new_hall(catalog: Catalog, name: str, *formats: str) -> str:
    request = pb.CreateHallRequest(
        cinema_id=CINEMA_ID, name=name, formats=formats, request_id=new_request_id()
    )
    hall = (await catalog.admin.CreateHall(request, metadata=catalog.staff())).hall
    return str(hall.id)


async def new_film(catalog: Catalog, **changes: Any) -> str:
    request = pb.CreateFilmRequest(film=a_new_film(**changes), request_id=new_request_id())
    film = (await catalog.admin.CreateFilm(request, metadata=catalog.staff())).film
    return str(film.id)


async def a_request(catalog: Catalog, **changes: Any) -> pb.CreateScreeningRequest:
    values: dict[str, Any] = {
        "cinema_id": CINEMA_ID,
        "start_time": at("12:00"),
        "formats": ["2D"],
        "language_version": ENGLISH,
        "category": "MOVIE",
        "request_id": new_request_id(),
    } | changes
    values.setdefault("hall_id", await the_hall(catalog))
    values.setdefault("film_id", await new_film(catalog))
    return pb.CreateScreeningRequest(**values)


async def create(
    catalog: Catalog, metadata: Metadata | None = None, **changes: Any
) -> pb.CreateScreeningResponse:
    response: pb.CreateScreeningResponse = await catalog.admin.CreateScreening(
        await a_request(catalog, **changes), metadata=metadata or catalog.staff()
    )
    return response


def change(
    catalog: Catalog, name: str, screening: Screening, metadata: Metadata | None = None, **more: Any
) -> Any:
    """Call one of the changes of a screening."""
    values = {"screening_id": screening.id, "etag": screening.etag} | more
    request = getattr(pb, f"{name}Request")(**values, request_id=new_request_id())
    return getattr(catalog.admin, name)(request, metadata=metadata or catalog.staff())


def reschedule(catalog: Catalog, screening: Screening, clock: str, **more: Any) -> Any:
    return change(catalog, "RescheduleScreening", screening, start_time=at(clock), **more)


def cancel(catalog: Catalog, screening: Screening, **more: Any) -> Any:
    values: dict[str, Any] = {
        "cause": "CANCELLATION_CAUSE_TECHNICAL",
        "reason": "Broken.",
        "attributable": True,
    }
    return change(catalog, "CancelScreening", screening, **values | more)


async def events(catalog: Catalog, screening_id: str) -> list[Any]:
    rows = await catalog.database.fetch(
        "SELECT type, payload FROM outbox WHERE aggregate_id = $1 ORDER BY sequence", screening_id
    )
    return [getattr(events_pb2, row["type"]).FromString(row["payload"]) for row in rows]


async def dry_run(catalog: Catalog, name: str, screening: Screening) -> Any:
    arguments: dict[str, Any] = {
        "RescheduleScreening": {"start_time": at("21:30")},
        "ReplaceFilm": {"film_id": await new_film(catalog)},
        "MoveScreening": {"hall_id": await new_hall(catalog, "S02")},
        "CancelScreening": {"cause": "CANCELLATION_CAUSE_OTHER", "reason": "Why."},
        "TerminateScreening": {"reason": "Why."},
    }
    return await change(catalog, name, screening, validate_only=True, **arguments[name])
