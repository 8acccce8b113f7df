"""Times on the wire; those of requests are read only when they are of this age."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.common.errors import FieldViolation, InvalidRequestError

MIN_YEAR, MAX_YEAR = 2000, 2200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_OF_A_DAY = 86_400


def timestamp_of(moment: datetime) -> Timestamp:
    """Write a time with a zone; `FromDatetime` takes twice as long."""
    since = moment - _EPOCH
    return Timestamp(
        seconds=since.days * _SECONDS_OF_A_DAY + since.seconds, nanos=since.microseconds * 1_000
    )


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
