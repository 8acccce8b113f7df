"""Times and durations are written to the wire as protobuf itself would."""

from datetime import datetime, timedelta, timezone

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from services.common.rpc.times import span_fields, time_fields, timestamp_of

ZONES = st.integers(-82_800, 82_800).map(lambda offset: timezone(timedelta(seconds=offset)))


@given(
    st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - the bounds are without a zone
        datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=ZONES | st.timezones(),
    )
)
def test_a_time_of_any_zone_is_written_as_protobuf_writes_it(moment: datetime) -> None:
    by_protobuf = Timestamp()
    by_protobuf.FromDatetime(moment)

    written = timestamp_of(moment)

    assert written == by_protobuf
    assert Timestamp(**time_fields(moment)) == by_protobuf


@given(st.timedeltas(timedelta(days=-3_650_000), timedelta(days=3_650_000)))
def test_a_duration_is_written_as_protobuf_writes_it(span: timedelta) -> None:
    by_protobuf = Duration()
    by_protobuf.FromTimedelta(span)

    written = Duration(**span_fields(span))

    assert written == by_protobuf
