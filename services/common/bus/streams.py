"""A service's JetStream stream: made when missing, brought up to date, made again when deleted."""

from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from services.common.bus.events import stream_name, subjects_of


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much the stream keeps. It is transport, not the record: old messages go first."""

    max_age_s: int = 7 * 24 * 3_600
    max_bytes: int = 256 * 1024 * 1024
    max_message_bytes: int = 512 * 1024
    duplicate_window_s: int = 600
    replicas: int = 1


async def ensure_stream(
    jetstream: JetStreamContext, service: str, limits: StreamLimits | None = None
) -> None:
    """Make the service's stream exist as configured."""
    limits = limits or StreamLimits()
    config = StreamConfig(
        name=stream_name(service),
        subjects=[subjects_of(service)],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        max_age=limits.max_age_s,
        max_bytes=limits.max_bytes,
        max_msg_size=limits.max_message_bytes,
        duplicate_window=min(limits.duplicate_window_s, limits.max_age_s),
        num_replicas=limits.replicas,
    )
    try:
        await jetstream.stream_info(stream_name(service))
    except NotFoundError:
        await jetstream.add_stream(config)
        return
    try:
        await jetstream.update_stream(config)
    except BadRequestError:
        # Something that cannot be changed in place differs; the stream as it is will do.
        return
