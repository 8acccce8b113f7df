from datetime import UTC, datetime
from uuid import UUID

import pytest
from google.protobuf.message import DecodeError

from services.common.bus.events import (
    Event,
    UnreadableEventError,
    headers_of,
    read_message,
    subject_of,
)
from services.common.bus.failures import Attempts, NeverApplicableError
from services.common.bus.publisher import Published
from services.common.errors import ConcurrentChangeError, DependencyUnavailableError


def an_event(feed_number: int = 7, aggregate_id: str = "thing-1") -> Event:
    return Event(
        source="source",
        id=UUID(int=feed_number),
        type="Told",
        aggregate_id=aggregate_id,
        aggregate_version=3,
        feed_number=feed_number,
        occur_time=datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC),
        correlation_id="request-1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        payload=b"body",
    )


def test_an_event_survives_its_headers():
    event = an_event()

    assert read_message("source", headers_of(event), b"body") == event


def test_the_message_id_is_the_events_id():
    headers = headers_of(an_event())

    assert headers["Nats-Msg-Id"] == headers["ce-id"] == str(UUID(int=7))


@pytest.mark.parametrize(
    "change",
    [
        {"ce-id": "no uuid"},
        {"ce-aggregateversion": "0"},
        {"ce-aggregateversion": "many"},
        {"ce-feednumber": "-1"},
        {"ce-time": "yesterday"},
        {"ce-time": "2026-01-01T00:00:00"},
        {"ce-source": "another"},
        {"ce-type": "x" * 600},
    ],
)
def test_a_wrong_header_is_unreadable(change):
    with pytest.raises(UnreadableEventError):
        read_message("source", headers_of(an_event()) | change, b"body")


def test_a_message_without_headers_is_unreadable():
    with pytest.raises(UnreadableEventError):
        read_message("source", None, b"body")


def test_an_aggregate_id_cannot_break_out_of_the_subject():
    subject = subject_of(an_event(aggregate_id="a.b> *\r\nPUB x"))

    assert subject == "cinema.source.v1.Told.a_b_____PUB_x"


def test_infrastructure_errors_never_count():
    attempts = Attempts(max_attempts=1)
    troubles = [DependencyUnavailableError("x"), ConcurrentChangeError(), TimeoutError(), OSError()]

    assert [attempts.note_failure(an_event(), trouble) for trouble in troubles] == [None] * 4


def test_what_can_never_be_applied_is_dead_at_once():
    assert Attempts().note_failure(an_event(), NeverApplicableError()) == 1
    assert Attempts().note_failure(an_event(), DecodeError()) == 1


def test_other_failures_are_tried_again_a_few_times():
    attempts = Attempts(max_attempts=3)

    counts = [attempts.note_failure(an_event(), KeyError()) for _ in range(3)]

    assert counts == [None, None, 3]


def test_a_feed_is_published_as_far_as_nothing_before_is_missing():
    published = Published(0)
    published.expect(an_event(number, f"thing-{number}") for number in (1, 2, 3))

    at_first = published.through
    published.done(2)
    after_two = published.through
    published.done(1)

    assert (at_first, after_two, published.through) == (0, 2, 3)
