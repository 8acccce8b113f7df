"""The import of seat plans in messages."""

from __future__ import annotations

from cinema.catalog.v1 import seat_plan_import_pb2 as pb
from cinema.catalog.v1 import seat_plan_pb2

from services.catalog.domain.seat_plan_source import (
    NoteReason,
    PlanFormat,
    PlanNote,
    ReadOptions,
    RowOrder,
)
from services.catalog.handlers import cinema_messages
from services.catalog.use_cases.import_seat_plan import ImportedPlan, SeatPlanFile
from services.catalog.use_cases.preview_seat_plan import PreviewedPlan
from services.common.rpc.times import optional_moment_of

_FORMATS = {each: pb.SeatPlanHeader.Format.Value(f"FORMAT_{each}") for each in PlanFormat}
_FORMATS_READ = {value: each for each, value in _FORMATS.items()}
_ROW_ORDERS = {
    pb.SeatPlanHeader.ROW_ORDER_UNSPECIFIED: RowOrder.BY_NAME,
    pb.SeatPlanHeader.ROW_ORDER_FRONT_FIRST: RowOrder.FRONT_FIRST,
    pb.SeatPlanHeader.ROW_ORDER_BACK_FIRST: RowOrder.BACK_FIRST,
}
_REASONS = {each: pb.SeatPlanNote.Reason.Value(f"REASON_{each}") for each in NoteReason}


def file_of(header: pb.SeatPlanHeader, content: bytes) -> SeatPlanFile:
    """Read what a header says of a file."""
    options = ReadOptions(
        format=_FORMATS_READ.get(header.format),
        row_order=_ROW_ORDERS[header.row_order],
        price_areas={each.code: each.area for each in header.price_areas},
    )
    return SeatPlanFile(
        header.cinema_id,
        header.hall_name,
        content,
        options,
        optional_moment_of(header, "effective_time"),
    )


def imported_to_proto(imported: ImportedPlan) -> pb.ImportSeatPlanResponse:
    return pb.ImportSeatPlanResponse(
        hall=cinema_messages.hall_to_proto(imported.published.hall),
        seat_plan=seat_plan_pb2.SeatPlan.FromString(imported.published.packed_plan),
        format=_FORMATS[imported.read.format],
        notes=[_note_to_proto(note) for note in imported.read.notes],
    )


def previewed_to_proto(previewed: PreviewedPlan) -> pb.ImportSeatPlanResponse:
    return pb.ImportSeatPlanResponse(
        seat_plan=seat_plan_pb2.SeatPlan.FromString(previewed.packed_plan),
        format=_FORMATS[previewed.read.format],
        notes=[_note_to_proto(note) for note in previewed.read.notes],
        svg=previewed.svg,
    )


def _note_to_proto(note: PlanNote) -> pb.SeatPlanNote:
    return pb.SeatPlanNote(reason=_REASONS[note.reason], field=note.field, value=note.value)
