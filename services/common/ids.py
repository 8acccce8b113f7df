"""IDs: UUIDs, time-ordered when the server makes them."""

import secrets
import time
from uuid import UUID

from services.common.errors import FieldViolation, InvalidRequestError

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_UUID_TEXT_LENGTH = 36


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562): milliseconds since the epoch, then 74 random bits."""
    timestamp_ms = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    return UUID(
        int=(timestamp_ms & 0xFFFF_FFFF_FFFF) << 80
        | _VERSION_7
        | (random_bits >> 62) << 64
        | _VARIANT
        | random_bits & (1 << 62) - 1
    )


def parse(text: str, *, field: str = "id") -> UUID:
    """Read the 36-character form; anything else raises INVALID_FIELD naming the field."""
    if len(text) == _UUID_TEXT_LENGTH:
        try:
            return UUID(text)
        except ValueError:
            pass
    raise InvalidRequestError(FieldViolation(field, "value must be a valid UUID"))
