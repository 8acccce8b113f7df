"""Valid requests about what staff make: cinemas, halls, films."""

from uuid import uuid4

from cinema.catalog.v1 import catalog_admin_service_pb2 as admin
from cinema.catalog.v1 import programme_service_pb2 as programme
from cinema.catalog.v1 import screening_pb2
from google.protobuf.field_mask_pb2 import FieldMask

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
    return Valid(request, staff(scene, "programme_editor"))


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
    unknown = {"film.id": "FILM_NOT_FOUND"}
    return Valid(request, staff(scene, "programme_editor"), unknown=unknown)


BUILDERS = {
    "ProgrammeService.GetContactInfo": _get_contact_info,
    "ProgrammeService.ListHalls": _list_halls,
    "ProgrammeService.ListFilms": _list_films,
    "ProgrammeService.GetFilm": _get_film,
    "CatalogAdminService.UpdateCinema": _update_cinema,
    "CatalogAdminService.CreateHall": _create_hall,
    "CatalogAdminService.CreateFilm": _create_film,
    "CatalogAdminService.UpdateFilm": _update_film,
}
