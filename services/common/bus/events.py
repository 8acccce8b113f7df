"""An event as a consumer sees it, and its form on the bus: CloudEvents attributes as headers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.common.db.outbox import Trace
from services.common.db.transaction import Transaction

SUBJECT_ROOT = "cinema"
WAKE_ROOT = "cinema.wake"
MAX_HEADER_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Event:
    """A fact that another service (`source`) tells, whichever way it came.

    `payload` is the serialised message that `type` names. `feed_number` is its place in the
    source's feed; `aggregate_version` counts the events of one aggregate from 1 without gaps.
    """

    source: str
    id: UUID
    type: str
    aggregate_id: str
    aggregate_version: int
    feed_number: int
    occur_time: datetime
    correlation_id: str
    traceparent: str
    payload: bytes

    @property
    def trace(self) -> Trace:
        """Where it came from, and so what it causes."""
        return Trace(self.correlation_id, self.traceparent)


# Applies one event inside the given transaction, and commits nothing itself. It may be called
# again for an event whose transaction did not commit, never for one that did.
Handler = Callable[[Transaction, Event], Awaitable[None]]
# Applies several events of one type, of different aggregates for the most part, likewise.
HandlerOfMany = Callable[[Transaction, Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service wants to hear from another: a handler per event type.

    Types without a handler are counted and skipped, so that a source may grow. Those in `together`
    have a handler that takes all of a batch at once. Handlers that lock what callers wait for want a
    small `max_events_per_transaction`. `gather_ms` is how long what the bus brings may wait for more,
    to share its transaction. With `paged_every_ms` nobody waits for these events: the bus is not
    asked for them, and the source's feed is paged so often instead.
    """

    source: str
    handlers: Mapping[str, Handler]
    together: Mapping[str, HandlerOfMany] = field(default_factory=dict)
    max_events_per_transaction: int = 100
    gather_ms: int = 0
    paged_every_ms: int | None = None

    def handles(self, event: Event) -> bool:
        """Tell whether an event has any effect here."""
        return event.type in self.handlers or event.type in self.together


class UnreadableEventError(ValueError):
    """A message whose envelope is not one of ours."""


def stream_name(service: str) -> str:
    """Name the service's stream."""
    return f"CINEMA_{service.upper()}"


def subjects_of(service: str) -> str:
    """Give the pattern of all subjects that the service publishes events on."""
    return f"{SUBJECT_ROOT}.{service}.v1.>"


def subjects_of_aggregate(service: str, aggregate_id: str) -> str:
    """Give the pattern of all subjects of one aggregate's events."""
    return f"{SUBJECT_ROOT}.{service}.v1.*.{_token(aggregate_id)}"


def wake_subject(service: str) -> str:
    """Name the subject that wakes the service's relay."""
    return f"{WAKE_ROOT}.{service}"


def subject_of(event: Event) -> str:
    """Give the subject of one event; whatever could not stand in a subject becomes `_`."""
    return f"{SUBJECT_ROOT}.{event.source}.v1.{event.type}.{_token(event.aggregate_id)}"


def headers_of(event: Event) -> dict[str, str]:
    """Make the headers of the message."""
    headers = {
        "Nats-Msg-Id": str(event.id),
        "ce-specversion": "1.0",
        "ce-id": str(event.id),
        "ce-source": event.source,
        "ce-type": event.type,
        "ce-time": event.occur_time.isoformat(),
        "ce-partitionkey": event.aggregate_id,
        "ce-aggregateversion": str(event.aggregate_version),
        "ce-feednumber": str(event.feed_number),
    }
    if event.correlation_id:
        headers["ce-correlationid"] = event.correlation_id
    if event.traceparent:
        headers["traceparent"] = event.traceparent
    return headers


def read_message(source: str, headers: Mapping[str, str] | None, payload: bytes) -> Event:
    """Read a message; raises UnreadableEventError when its envelope is not one of ours."""
    if not headers:
        raise UnreadableEventError("The message has no headers.")
    if any(len(value) > MAX_HEADER_LENGTH for value in headers.values()):
        raise UnreadableEventError("A header is too long.")
    try:
        event = Event(
            source=source,
            id=UUID(headers["ce-id"]),
            type=headers["ce-type"],
            aggregate_id=headers["ce-partitionkey"],
            aggregate_version=int(headers["ce-aggregateversion"]),
            feed_number=int(headers["ce-feednumber"]),
            occur_time=datetime.fromisoformat(headers["ce-time"]),
            correlation_id=headers.get("ce-correlationid", ""),
            traceparent=headers.get("traceparent", ""),
            payload=payload,
        )
    except (KeyError, ValueError) as error:
        raise UnreadableEventError(f"A header is missing or wrong: {error}.") from error
    if headers.get("ce-source") != source or event.aggregate_version < 1 or event.feed_number < 1:
        raise UnreadableEventError("A header is wrong.")
    if event.occur_time.tzinfo is None:
        raise UnreadableEventError("The time has no zone.")
    return event


def _token(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in text) or "_"
