"""Valid requests about what staff make: cinemas, halls, films, screenings."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cinema.booking.v1 import screening_impact_service_pb2 as impact
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin
from cinema.catalog.v1 import programme_service_pb2 as programme
from cinema.catalog.v1 import screening_pb2, seat_plan_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from deploy.demo.stage import CALL_TIMEOUT_S
from tests.kit.scene import Scene
from tests.kit.small_programme import local_today
from tests.kit.valid_request import Valid, staff


async def _get_contact_info(scene: Scene) -> Valid:
    cinema_id = (await scene.screening()).cinema_id
    return Valid(programme.GetContactInfoRequest(cinema_id=cinema_id))


async def _list_halls(scene: Scene) -> Valid:
    request = programme.ListHallsRequest(cinema_id=(await scene.screening()).cinema_id, page_size=1)
    return Valid(request, unknown={"cinema_id": "OK"})


async def _list_films(scene: Scene) -> Valid:
    request = programme.ListFilmsRequest(
        cinema_id=(await scene.screening()).cinema_id,
        date=local_today().isoformat(),
        page_size=1,
    )
    return Valid(request, unknown={"cinema_id": "OK"})


async def _get_film(scene: Scene) -> Valid:
    return Valid(programme.GetFilmRequest(film_id=(await scene.screening()).film.id))


async def _update_cinema(scene: Scene) -> Valid:
    """What is changed is what it is already, so that the etag stays good."""
    answer = await scene.stage.programme.GetCinema(
        programme.GetCinemaRequest(cinema_id=await scene.cinema()), timeout=CALL_TIMEOUT_S
    )
    request = admin.UpdateCinemaRequest(
        cinema=answer.cinema,
        update_mask=FieldMask(paths=["phone"]),
        request_id=str(uuid4()),
    )
    unknown = {"cinema.id": "CINEMA_NOT_FOUND", "cinema.policy_code": "OK"}
    return Valid(request, staff(scene, "programme_editor"), unknown=unknown, is_for_cinema=True)


async def _create_hall(scene: Scene) -> Valid:
    request = admin.CreateHallRequest(
        cinema_id=await scene.cinema(), name="Z9", formats=["2D"], request_id=str(uuid4())
    )
    return Valid(request, staff(scene, "programme_editor"), is_for_cinema=True)


def _film() -> screening_pb2.Film:
    return screening_pb2.Film(
        title="Zz Bad input",
        length_minutes=90,
        rating="AP-12",
        event_kind="OPERA",
        country_code="RO",
        languages=["it"],
        genres=["musical"],
    )


async def _create_film(scene: Scene) -> Valid:
    request = admin.CreateFilmRequest(film=_film(), request_id=str(uuid4()))
    unknown = {"film.id": "OK", "film.feed_id": "OK"}
    return Valid(request, staff(scene, "programme_editor"), unknown=unknown)


async def _update_film(scene: Scene) -> Valid:
    async def make() -> screening_pb2.Film:
        created: admin.CreateFilmResponse = await scene.stage.catalog_admin.CreateFilm(
            admin.CreateFilmRequest(film=_film(), request_id=str(uuid4())),
            metadata=staff(scene, "programme_editor"),
            timeout=CALL_TIMEOUT_S,
        )
        return created.film

    request = admin.UpdateFilmRequest(
        film=await scene.once("film", make),
        update_mask=FieldMask(paths=["title"]),
        request_id=str(uuid4()),
    )
    unknown = {"film.id": "FILM_NOT_FOUND", "film.feed_id": "OK"}
    return Valid(request, staff(scene, "programme_editor"), unknown=unknown)


def _at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment.astimezone(UTC).replace(second=0, microsecond=0))
    return stamp


async def _halls(scene: Scene) -> list[str]:
    """Two halls of the scene's own cinema in which nobody else shows anything."""

    async def make() -> list[str]:
        cinema_id = await scene.cinema()
        answers = [
            await scene.stage.catalog_admin.CreateHall(
                admin.CreateHallRequest(cinema_id=cinema_id, name=name, request_id=str(uuid4())),
                metadata=staff(scene, "programme_editor"),
                timeout=CALL_TIMEOUT_S,
            )
            for name in ("Z7", "Z8")
        ]
        return [answer.hall.id for answer in answers]

    halls: list[str] = await scene.once("halls", make)
    return halls


async def _new_screening(scene: Scene, days: int) -> admin.CreateScreeningRequest:
    film_id = (await scene.screening()).film.id
    return admin.CreateScreeningRequest(
        cinema_id=await scene.cinema(),
        hall_id=(await _halls(scene))[0],
        film_id=film_id,
        start_time=_at(await scene.now() + timedelta(days=days)),
        formats=["2D"],
        language_version=screening_pb2.LanguageVersion(
            kind=screening_pb2.LanguageVersion.KIND_ORIGINAL, audio_languages=["en"]
        ),
        category="MOVIE",
        request_id=str(uuid4()),
    )


async def _created(scene: Scene, name: str, days: int) -> screening_pb2.Screening:
    """A screening of the scene's own cinema for one call alone, far from the others."""

    async def make() -> screening_pb2.Screening:
        answer: admin.CreateScreeningResponse = await scene.stage.catalog_admin.CreateScreening(
            await _new_screening(scene, days),
            metadata=staff(scene, "programme_editor"),
            timeout=CALL_TIMEOUT_S,
        )
        return answer.screening

    screening: screening_pb2.Screening = await scene.once(f"created for {name}", make)
    return screening


async def _create_screening(scene: Scene) -> Valid:
    """Asked again under another request ID, it finds its own screening in the hall."""
    request = await _new_screening(scene, 20)
    return Valid(request, staff(scene, "programme_editor"), is_for_cinema=True)


async def _update_screening(scene: Scene) -> Valid:
    screening = await _created(scene, "UpdateScreening", 21)
    request = admin.UpdateScreeningRequest(
        screening_id=screening.id,
        etag=screening.etag,
        update_mask=FieldMask(paths=["category"]),
        category=screening.category,
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _reschedule_screening(scene: Scene) -> Valid:
    """To when it is: nothing changes and the etag stays good."""
    screening = await _created(scene, "RescheduleScreening", 22)
    request = admin.RescheduleScreeningRequest(
        screening_id=screening.id,
        etag=screening.etag,
        start_time=screening.start_time,
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _replace_film(scene: Scene) -> Valid:
    screening = await _created(scene, "ReplaceFilm", 23)
    request = admin.ReplaceFilmRequest(
        screening_id=screening.id,
        etag=screening.etag,
        film_id=screening.film.id,
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _move_screening(scene: Scene) -> Valid:
    screening = await _created(scene, "MoveScreening", 24)
    request = admin.MoveScreeningRequest(
        screening_id=screening.id,
        etag=screening.etag,
        hall_id=screening.hall_id,
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _cancel_screening(scene: Scene) -> Valid:
    screening = await _created(scene, "CancelScreening", 25)
    request = admin.CancelScreeningRequest(
        screening_id=screening.id,
        etag=screening.etag,
        cause=screening_pb2.CANCELLATION_CAUSE_TECHNICAL,
        reason="The projector failed.",
        attributable=True,
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _get_order_counts(scene: Scene) -> Valid:
    request = impact.GetOrderCountsRequest(screening_id=(await scene.screening()).id)
    caller = scene.callers.peer("catalog", server="booking")
    return Valid(request, caller, unknown={"screening_id": "OK"})


async def _get_move_impact(scene: Scene) -> Valid:
    """Of a screening that nobody sells, in a hall of one seat."""
    kind = seat_plan_pb2.Seat.KIND_STANDARD
    seat = seat_plan_pb2.Seat(id="A1", number="1", kind=kind, area="STANDARD")
    segment = seat_plan_pb2.SeatSegment(seats=[seat])
    plan = seat_plan_pb2.SeatPlan(
        id=str(uuid4()), rows=[seat_plan_pb2.SeatRow(name="A", segments=[segment])]
    )
    request = impact.GetMoveImpactRequest(screening_id=str(uuid4()), seat_plan=plan)
    request.prices.add(ticket_type="ADULT", area="STANDARD").price.currency_code = "RON"
    caller = scene.callers.peer("catalog", server="booking")
    # The plan is the caller's own word: nothing of it is looked up.
    plans = (
        "id",
        "hall_id",
        *(f"rows[0].segments[0].seats[0].{name}" for name in ("id", "sofa_id")),
    )
    unknown = {"screening_id": "OK", **{f"seat_plan.{path}": "OK" for path in plans}}
    return Valid(request, caller, unknown=unknown)


async def _stop_sales(scene: Scene) -> Valid:
    """Of a screening that nobody sells: the suite's own stay on sale."""
    request = impact.StopSalesRequest(screening_id=str(uuid4()), request_id=str(uuid4()))
    caller = scene.callers.peer("catalog", server="booking")
    return Valid(request, caller, unknown={"screening_id": "OK"}, keeps_no_answer=True)


BUILDERS = {
    "ProgrammeService.GetContactInfo": _get_contact_info,
    "ProgrammeService.ListHalls": _list_halls,
    "ProgrammeService.ListFilms": _list_films,
    "ProgrammeService.GetFilm": _get_film,
    "CatalogAdminService.UpdateCinema": _update_cinema,
    "CatalogAdminService.CreateHall": _create_hall,
    "CatalogAdminService.CreateFilm": _create_film,
    "CatalogAdminService.UpdateFilm": _update_film,
    "CatalogAdminService.CreateScreening": _create_screening,
    "CatalogAdminService.UpdateScreening": _update_screening,
    "CatalogAdminService.RescheduleScreening": _reschedule_screening,
    "CatalogAdminService.ReplaceFilm": _replace_film,
    "CatalogAdminService.MoveScreening": _move_screening,
    "CatalogAdminService.CancelScreening": _cancel_screening,
    "ScreeningImpactService.GetOrderCounts": _get_order_counts,
    "ScreeningImpactService.GetMoveImpact": _get_move_impact,
    "ScreeningImpactService.StopSales": _stop_sales,
}
