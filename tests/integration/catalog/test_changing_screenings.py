"""Who may change a screening, when, and what asking first tells."""

import asyncio

import grpc
import pytest
from cinema.booking.v1.screening_impact_service_pb2 import GetMoveImpactResponse
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from google.protobuf.field_mask_pb2 import FieldMask

from services.common.rpc.errors import Refusal
from tests.integration.catalog.feeds import CINEMA_ID, a_cinema
from tests.integration.catalog.screening_calls import (
    BOUGHT,
    CHANGES,
    cancel,
    change,
    create,
    dry_run,
    events,
    new_film,
    new_hall,
    reschedule,
)
from tests.integration.catalog.test_admin import (
    a_sold_screening,
    assert_checks_pass,
    refusal,
    start,
    termination,
    the_screening,
)
from tests.integration.catalog.test_seat_plans import a_smaller_plan, publish
from tests.kit.catalog import Catalog, new_request_id
from tests.kit.fake_booking import FakeBooking


@pytest.mark.parametrize(
    "name", ["RescheduleScreening", "ReplaceFilm", "MoveScreening", "CancelScreening",
             "TerminateScreening"],
)  # fmt: skip
async def test_a_dry_run_says_whom_it_would_touch_and_writes_nothing(
    catalog: Catalog, booking: FakeBooking, name: str
) -> None:
    screening = await a_sold_screening(catalog)
    booking.counts = BOUGHT
    booking.preview = GetMoveImpactResponse(same_seat_orders=4, tickets=7)
    if name == "TerminateScreening":
        await start(catalog, screening)
    if name == "MoveScreening":
        await new_hall(catalog, "S02")
        await publish(catalog, a_smaller_plan(4), hall_name="S02")

    answer = await dry_run(catalog, name, screening)
    booking.away = True
    code, why = await refusal(dry_run(catalog, name, screening))

    assert (answer.impact.orders, answer.impact.tickets) == (4, 7)
    assert answer.screening.version == 2
    assert (code, why.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
    assert await the_screening(catalog) == screening
    assert len(await events(catalog, screening.id)) == 1
    audited = "SELECT count(*) FROM audit WHERE action = $1"
    assert await catalog.database.fetchval(audited, name) == 0
    assert booking.stopped == []


async def test_a_repeat_of_a_move_gets_the_same_answer_whatever_is_bought_since(
    catalog: Catalog, booking: FakeBooking
) -> None:
    screening = await a_sold_screening(catalog)
    request = pb.MoveScreeningRequest(
        screening_id=screening.id,
        etag=screening.etag,
        hall_id=await new_hall(catalog, "S02"),
        request_id=new_request_id(),
    )
    manager = catalog.staff("cinema_manager", CINEMA_ID)
    first = await catalog.admin.MoveScreening(request, metadata=manager)
    booking.counts = BOUGHT

    assert await catalog.admin.MoveScreening(request, metadata=manager) == first


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, "begun") for name in (*CHANGES, "CancelScreening")),
        *((name, "cancelled") for name in CHANGES),
    ],
)
async def test_what_has_begun_or_is_off_is_not_changed(
    catalog: Catalog, name: str, how: str
) -> None:
    screening = await a_sold_screening(catalog)
    state = "SCHEDULED"
    if how == "begun":
        await start(catalog, screening, 0)
    else:
        screening = (await cancel(catalog, screening)).screening
        state = "CANCELLED"

    code, why = await refusal(dry_run(catalog, name, screening))

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SCREENING_NOT_CHANGEABLE")
    assert why.metadata == {"screening_id": screening.id, "state": state}


async def test_two_who_change_the_same_screening_at_once_one_must_read_again(
    catalog: Catalog,
) -> None:
    screening = await a_sold_screening(catalog)

    answers = await asyncio.gather(
        reschedule(catalog, screening, "21:00", metadata=catalog.staff("programme_editor", "*")),
        reschedule(catalog, screening, "21:30", metadata=catalog.staff("cinema_manager", "1818")),
        return_exceptions=True,
    )

    (changed,) = [answer for answer in answers if not isinstance(answer, BaseException)]
    (lost,) = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    why = await of(lost)
    assert (lost.code(), why.reason) == (grpc.StatusCode.ABORTED, "CONCURRENT_CHANGE")
    assert why.metadata == {"etag": changed.screening.etag}
    assert await the_screening(catalog) == changed.screening
    await assert_checks_pass(catalog)


async def of(error: grpc.aio.AioRpcError) -> Refusal:
    async def failing() -> None:
        raise error

    return (await refusal(failing()))[1]


async def test_staff_of_another_cinema_change_no_screening(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    manager = catalog.staff("cinema_manager", "1806")
    await catalog.create_cinema(a_cinema("1806"))
    calls = [
        create(catalog, metadata=catalog.staff("programme_editor", "1806")),
        reschedule(catalog, screening, "21:00", metadata=manager),
        cancel(catalog, screening, metadata=manager),
        change(catalog, "ReplaceFilm", screening, metadata=manager, film_id=screening.film.id),
        change(catalog, "MoveScreening", screening, metadata=manager, hall_id=screening.hall_id),
        change(
            catalog,
            "UpdateScreening",
            screening,
            metadata=manager,
            update_mask=FieldMask(paths=["box_office_only"]),
        ),
        catalog.admin.TerminateScreening(termination(screening), metadata=manager),
    ]

    for call in calls:
        code, why = await refusal(call)
        assert (code, why.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")
    assert await the_screening(catalog) == screening


async def test_each_change_is_audited(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    screening = (await reschedule(catalog, screening, "21:00")).screening
    screening = (
        await change(catalog, "ReplaceFilm", screening, film_id=await new_film(catalog))
    ).screening
    await cancel(catalog, screening)

    rows = await catalog.database.fetch(
        "SELECT action FROM audit WHERE subject = $1 ORDER BY number", screening.id
    )

    assert [row["action"] for row in rows] == [
        "RescheduleScreening", "ReplaceFilm", "CancelScreening",
    ]  # fmt: skip
