"""The calls about seat plans as far as they need no database: refusals, and the dry run."""

from typing import Any
from xml.etree.ElementTree import fromstring

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import seat_plan_import_pb2 as pb
from cinema.catalog.v1.seat_plan_pb2 import Seat, SeatPlan

from services.common.rpc.errors import Refusal, refusal_of
from tests.kit.catalog import Catalog, Metadata, new_request_id
from tests.kit.seat_plan_import import plan_header, plan_messages
from tests.unit.catalog.seat_plan_files import (
    group,
    presglobal,
    presglobal_row,
    presglobal_seat,
    presglobal_section,
    vista,
    vista_area,
    vista_row,
    vista_seat,
)

CINEMA_ID = "1818"
ROWS = 100_000
VISTA = vista(
    vista_area(
        vista_row("A", vista_seat("1", 0, 0, 3), vista_seat("2", 1, 0, 7), vista_seat("3", 3, 0, 6))
    )
)


async def dry_run(
    catalog: Catalog, document: Any, metadata: Metadata | None = None, **header: Any
) -> pb.ImportSeatPlanResponse:
    answer: pb.ImportSeatPlanResponse = await catalog.admin.ImportSeatPlan(
        plan_messages(CINEMA_ID, document, dry_run=True, **header),
        metadata=metadata or catalog.staff(),
    )
    return answer


async def refused(call: Any) -> tuple[grpc.StatusCode, Refusal]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), refusal_of(caught.value)


async def test_a_dry_run_answers_with_plan_notes_and_drawing(catalog: Catalog) -> None:
    answer = await dry_run(catalog, VISTA)

    (row,) = answer.seat_plan.rows
    assert [[seat.id for seat in run.seats] for run in row.segments] == [["A1", "A2"], ["A3"]]
    assert row.segments[0].seats[1].companion_of == "A1"
    assert row.segments[1].seats[0].block_reason == Seat.BLOCK_REASON_UNKNOWN
    assert answer.seat_plan.sofa_sale == SeatPlan.SOFA_SALE_WHOLE
    assert answer.format == pb.SeatPlanHeader.FORMAT_VISTA
    (note,) = answer.notes
    assert note.reason == pb.SeatPlanNote.REASON_UNKNOWN_STATUS
    assert (note.field, note.value) == ("SeatLayoutData.Areas[0].Rows[0].Seats[2].Status", "6")
    assert fromstring(answer.svg).tag.endswith("svg")  # noqa: S314 - our own document
    assert answer.seat_plan.id == answer.hall.id == ""


async def test_staff_name_format_row_order_and_price_areas(catalog: Catalog) -> None:
    rows = {str(y): presglobal_row(name, {"1": presglobal_seat("1", TicketGroupId=4)})
            for y, name in enumerate("AB", 1)}  # fmt: skip
    document = presglobal(presglobal_section(rows, DefaultTicketGroupId=1))

    answer = await dry_run(
        catalog,
        document,
        format="FORMAT_PRESGLOBAL",
        row_order="ROW_ORDER_BACK_FIRST",
        price_areas=[{"code": "4", "area": "VIP"}],
    )
    code, why = await refused(dry_run(catalog, document, format="FORMAT_VISTA"))

    assert [row.name for row in answer.seat_plan.rows] == ["B", "A"]
    assert {run.seats[0].area for row in answer.seat_plan.rows for run in row.segments} == {"VIP"}
    assert (code, why.violations) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        (("file", "is no VISTA"),),
    )


HALF = vista(vista_area(vista_row("A", vista_seat("1", 0, 0, SeatsInGroup=group((0, 0))))))
TWICE = vista(vista_area(vista_row("A", vista_seat("1", 0, 0), vista_seat("1", 1, 0))))
ALONE = vista(vista_area(vista_row("A", vista_seat("1", 0, 0, "Companion"))))
SEATS = "SeatLayoutData.Areas[0].Rows[0].Seats"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (HALF, f"{SEATS}[0]"),
        (TWICE, f"{SEATS}[1]"),
        (ALONE, f"{SEATS}[0]"),
        (b'{"rows": [', "file"),
        (b"", "file"),
        ({"rows": []}, "schema"),
        (b'{"schema": "parterre.seat-plan.v1", "rows": [' + b'{"seats": 1},' * ROWS, "rows"),
    ],
)
async def test_a_plan_that_cannot_be_used_is_refused_by_its_place(
    catalog: Catalog, document: Any, field: str
) -> None:
    code, why = await refused(dry_run(catalog, document))

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SEAT_PLAN")
    assert [where for where, _ in why.violations] == [field]


async def test_a_published_plan_of_a_hundred_thousand_rows_is_refused_by_field(
    catalog: Catalog,
) -> None:
    plan = SeatPlan()
    row = plan.rows.add(name="A")
    row.segments.add(seats=[Seat(id="A1", number="1", kind=Seat.KIND_STANDARD, area="S")])
    plan.rows.extend([row] * (ROWS - 1))
    request = admin_pb.PublishSeatPlanRequest(
        cinema_id=CINEMA_ID, hall_name="S01", seat_plan=plan, request_id=new_request_id()
    )

    code, why = await refused(
        catalog.admin.PublishSeatPlan(request, metadata=catalog.staff(), timeout=30)
    )

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert "seat_plan.rows" in [where for where, _ in why.violations]


async def test_a_file_that_is_too_large_is_refused_by_field(catalog: Catalog) -> None:
    code, why = await refused(dry_run(catalog, b" " * (16 * 1024 * 1024 + 1)))

    assert (code, why.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "FEED_TOO_LARGE")
    assert [where for where, _ in why.violations] == ["chunk"]
    assert why.metadata == {"limit_bytes": str(16 * 1024 * 1024)}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [pb.ImportSeatPlanRequest()],
        [pb.ImportSeatPlanRequest(chunk=b"{}")],
        [plan_header(CINEMA_ID), plan_header(CINEMA_ID)],
        [plan_header("../etc")],
        [plan_header(CINEMA_ID, hall_name="")],
        [plan_header(CINEMA_ID, format=9)],
        [plan_header(CINEMA_ID, request_id="")],
        [plan_header(CINEMA_ID, effective_time="1900-01-01T00:00:00Z")],
        [plan_header(CINEMA_ID, price_areas=[{"code": "1", "area": "vip"}])],
        [plan_header(CINEMA_ID), pb.ImportSeatPlanRequest(chunk=b"x" * 262_145)],
    ],
)
async def test_an_import_that_is_no_import_is_refused(
    catalog: Catalog, messages: list[pb.ImportSeatPlanRequest]
) -> None:
    code, why = await refused(
        catalog.admin.ImportSeatPlan(iter(messages), metadata=catalog.staff())
    )

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_plans_are_imported_and_drawn_for_staff_alone(catalog: Catalog) -> None:
    other_cinema = catalog.staff("programme_editor", "1806")
    drawing = pb.GetSeatPlanDrawingRequest(seat_plan_id=new_request_id())

    answers = [
        await refused(dry_run(catalog, VISTA, metadata=catalog.staff("usher"))),
        await refused(dry_run(catalog, VISTA, metadata=catalog.service())),
        await refused(dry_run(catalog, VISTA, metadata=other_cinema)),
        await refused(catalog.admin.GetSeatPlanDrawing(drawing)),
        await refused(catalog.admin.GetSeatPlanDrawing(drawing, metadata=catalog.staff("usher"))),
    ]

    assert [(code, why.reason) for code, why in answers] == [
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
        (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA"),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
    ]
