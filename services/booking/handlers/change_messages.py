"""Catalog's events about a screening as changes."""

from datetime import UTC, datetime

from cinema.catalog.v1 import events_pb2
from cinema.catalog.v1.screening_pb2 import CancellationCause
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.booking.domain.screening import ScreeningState
from services.booking.domain.screening_change import ScreeningChange

_CAUSE_PREFIX = "CANCELLATION_CAUSE_"


def change_of(event: events_pb2.ScreeningChanged) -> ScreeningChange:
    """Read a change; one that names no sides changes nothing that customers hear of."""
    return ScreeningChange(
        version=event.version,
        changed_at=_time(event.change_time),
        old_start_time=_time_if_set(event, "old_start_time"),
        start_time=_time_if_set(event, "start_time"),
        old_film_id=event.old_film_id,
        film_id=event.film_id,
        old_hall_id=event.old_hall_id,
        hall_id=event.hall_id,
    )


def end_of(event: events_pb2.ScreeningCancelled) -> ScreeningChange:
    """Read that a screening was called off."""
    return ScreeningChange(
        version=event.version,
        changed_at=_time(event.cancel_time),
        ending=ScreeningState.CANCELLED,
        start_time=_time(event.start_time),
        cause=_cause(event),
        attributable=event.attributable,
    )


def stop_of(event: events_pb2.ScreeningTerminated) -> ScreeningChange:
    """Read that a screening was stopped while it ran."""
    return ScreeningChange(
        version=event.version,
        changed_at=_time(event.terminate_time),
        ending=ScreeningState.TERMINATED,
        attributable=event.attributable,
    )


def _cause(event: events_pb2.ScreeningCancelled) -> str:
    """Name the cause; one that we do not know yet is another one."""
    if event.cause not in CancellationCause.values():
        return "OTHER"
    return CancellationCause.Name(event.cause).removeprefix(_CAUSE_PREFIX)


def _time(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)


def _time_if_set(event: Message, name: str) -> datetime | None:
    return _time(getattr(event, name)) if event.HasField(name) else None
