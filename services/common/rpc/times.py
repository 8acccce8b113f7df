"""Times on the wire; those of requests are read only when they are of this age."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.fields import Fields

MIN_YEAR, MAX_YEAR = 2000, 2200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = timedelta(0)
_SECONDS_OF_A_DAY = 86_400
_NANOS_OF_A_MICROSECOND = 1_000


def timestamp_of(moment: datetime) -> Timestamp:
    """Write a time with a zone; `FromDatetime` takes twice as long."""
    return Timestamp(**time_fields(moment))


def time_fields(moment: datetime) -> Fields:
    """Write a time with a zone that is a part of a message."""
    since = moment - _EPOCH
    return {
        "seconds": since.days * _SECONDS_OF_A_DAY + since.seconds,
        "nanos": since.microseconds * _NANOS_OF_A_MICROSECOND,
    }


def span_fields(span: timedelta) -> Fields:
    """Write a duration that is a part of a message; a negative one has two negative numbers."""
    if span < _NOTHING:
        return {name: -value for name, value in span_fields(-span).items()}
    return {
        "seconds": span.days * _SECONDS_OF_A_DAY + span.seconds,
        "nanos": span.microseconds * _NANOS_OF_A_MICROSECOND,
    }


def moment_of(stamp: Timestamp, field: str) -> datetime:
    """Read a time of this age, in UTC; INVALID_FIELD otherwise."""
    try:
        moment = stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not MIN_YEAR <= moment.year <= MAX_YEAR:
        raise InvalidRequestError(FieldViolation(field, "is not a time of this age"))
    return moment


def optional_moment_of(request: Any, field: str) -> datetime | None:
    """Read a time that may be missing."""
    return moment_of(getattr(request, field), field) if request.HasField(field) else None
