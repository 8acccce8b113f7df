"""A ticket: the right to one seat of one screening, and what its QR code says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

QR_VERSION = 1
KEY_ID_BYTES = 4
SIGNED_BYTES = 1 + KEY_ID_BYTES + 16 + 16
SIGNATURE_BYTES = 64
PAYLOAD_BYTES = SIGNED_BYTES + SIGNATURE_BYTES

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class TicketClaim:
    """What a code says of itself; believed only when its signature is good."""

    key_id: bytes
    ticket_id: UUID
    screening_id: UUID


@dataclass(frozen=True, slots=True)
class TicketKey:
    """The public half of a key that signs tickets, will sign them, or did."""

    key_id: bytes
    public_key: bytes
    valid_until: datetime | None
    is_current: bool

    def is_valid_at(self, now: datetime) -> bool:
        return self.valid_until is None or now < self.valid_until


class TicketState(StrEnum):
    """Where a ticket is in its life: it leaves VALID once, by whoever is first."""

    VALID = "VALID"
    ADMITTED = "ADMITTED"
    DENIED = "DENIED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket. `number` is the order's with the ticket's place in it."""

    id: UUID
    number: str
    seat_id: str
    row_name: str
    seat_number: str
    ticket_type: str
    proof: str
    qr_payload: bytes
    created_at: datetime
    state: TicketState = TicketState.VALID
    holder_checked: bool = False
    image_url: str = ""


def ticket_number(order_number: str, position: int) -> str:
    """Make the number of an order's n-th ticket, from 1: `K7QF-3M2D-01`."""
    return f"{order_number}-{position:02d}"


def signed_part(key_id: bytes, ticket_id: UUID, screening_id: UUID) -> bytes:
    """Lay out what is signed: version (1 byte), key ID (4), ticket (16), screening (16)."""
    if len(key_id) != KEY_ID_BYTES:
        raise ValueError(f"a key ID has {KEY_ID_BYTES} bytes")
    return bytes([QR_VERSION]) + key_id + ticket_id.bytes + screening_id.bytes


def qr_payload(key_id: bytes, ticket_id: UUID, screening_id: UUID, sign: Sign) -> bytes:
    """Put the 64-byte Ed25519 signature behind what it signs: 101 bytes."""
    signed = signed_part(key_id, ticket_id, screening_id)
    return signed + sign(signed)


def read_payload(payload: bytes) -> TicketClaim | None:
    """Read a code of this version and length; None for anything else. Verifies nothing."""
    if len(payload) != PAYLOAD_BYTES or payload[0] != QR_VERSION:
        return None
    ids = 1 + KEY_ID_BYTES
    return TicketClaim(
        key_id=payload[1:ids],
        ticket_id=UUID(bytes=payload[ids : ids + 16]),
        screening_id=UUID(bytes=payload[ids + 16 : ids + 32]),
    )
