"""Changes of screenings: what is asked for, and what is answered."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import screening_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.domain.screening import CancellationCause
from services.catalog.domain.screening_change import Impact, ScreeningWarning
from services.catalog.handlers.requests import id_or_empty
from services.catalog.handlers.screening_messages import language_tokens_of
from services.catalog.use_cases.cancel_screening import Cancellation
from services.catalog.use_cases.change_screening import Order
from services.catalog.use_cases.create_screening import NewScreening
from services.common import ids
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.times import moment_of, optional_moment_of


def order_of(request: Any) -> Order:
    """Read which screening is to change."""
    screening_id = ids.parse(request.screening_id)
    return Order(screening_id, request.etag, request.validate_only)


def start_of(stamp: Timestamp) -> datetime:
    """Read a start; INVALID_FIELD unless it is a whole minute of this age."""
    start = moment_of(stamp, "start_time")
    if stamp.seconds % 60 or stamp.nanos:
        raise InvalidRequestError(FieldViolation("start_time", "must be a whole minute"))
    return start


def advertising_of(request: Any) -> int | None:
    return request.advertising_minutes if request.HasField("advertising_minutes") else None


def new_screening_of(request: pb.CreateScreeningRequest) -> NewScreening:
    return NewScreening(
        cinema_id=request.cinema_id,
        hall_id=ids.parse(request.hall_id, field="hall_id"),
        film_id=ids.parse(request.film_id, field="film_id"),
        starts_at=start_of(request.start_time),
        advertising_minutes=advertising_of(request),
        formats=tuple(sorted(request.formats)),
        language_tokens=language_tokens_of(request.language_version),
        category=request.category,
        box_office_only=request.box_office_only,
        sales_from=optional_moment_of(request, "sales_start_time"),
        sales_until=optional_moment_of(request, "sales_end_time"),
    )


def screening_changes_of(request: pb.UpdateScreeningRequest) -> dict[str, object]:
    """Read the fields that an update names; INVALID_FIELD for another one, and for none."""
    read: dict[str, Callable[[], tuple[str, object]]] = {
        "category": lambda: ("category", _named(request.category, "category")),
        "box_office_only": lambda: ("box_office_only", request.box_office_only),
        "language_version": lambda: ("language_tokens", _language_of(request)),
        "sales_start_time": lambda: ("sales_from", optional_moment_of(request, "sales_start_time")),
        "sales_end_time": lambda: ("sales_until", optional_moment_of(request, "sales_end_time")),
    }
    paths = request.update_mask.paths
    if not paths or not set(paths) <= read.keys():
        raise InvalidRequestError(FieldViolation("update_mask", "must name fields to change"))
    return dict(read[path]() for path in paths)


def _named(value: str, field: str) -> str:
    if not value:
        raise InvalidRequestError(FieldViolation(field, "is named by the mask and missing"))
    return value


def _language_of(request: pb.UpdateScreeningRequest) -> tuple[str, ...]:
    if not request.HasField("language_version"):
        raise InvalidRequestError(
            FieldViolation("language_version", "is named by the mask and missing")
        )
    return language_tokens_of(request.language_version)


def cancellation_of(request: pb.CancelScreeningRequest) -> Cancellation:
    cause = screening_pb2.CancellationCause.Name(request.cause)
    return Cancellation(
        CancellationCause(cause.removeprefix("CANCELLATION_CAUSE_")),
        request.reason,
        request.attributable,
    )


def impact_to_proto(impact: Impact | None) -> screening_pb2.ScreeningImpact | None:
    if impact is None:
        return None
    return screening_pb2.ScreeningImpact(
        orders=impact.orders,
        tickets=impact.tickets,
        same_seat_orders=impact.same_seat_orders,
        other_seat_orders=impact.other_seat_orders,
        unseated_orders=impact.unseated_orders,
        unseated_order_numbers=impact.unseated_order_numbers,
        released_holds=impact.released_holds,
    )


def warning_to_proto(warning: ScreeningWarning) -> screening_pb2.ScreeningWarning:
    return screening_pb2.ScreeningWarning(
        kind=screening_pb2.ScreeningWarning.Kind.Value(f"KIND_{warning.kind}"),
        screening_id=id_or_empty(warning.screening_id),
    )
