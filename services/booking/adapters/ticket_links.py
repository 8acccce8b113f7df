"""Addresses of tickets' images: nobody finds one who was not told it."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from services.booking.adapters.order_tokens import MIN_SECRET_BYTES
from services.booking.use_cases.get_ticket_image import IMAGE_PATH, IMAGE_SUFFIX

_PURPOSE = b"ticket-image.v1:"
_ID_BYTES = 16
_MAC_BYTES = 16
TOKEN_CHARACTERS = (2 * _ID_BYTES + _MAC_BYTES) * 4 // 3


@dataclass(frozen=True, slots=True)
class TicketLinks:
    """A link holds screening, ticket, and the start of an HMAC-SHA256 over both; it expires never.

    The secret is that of the order tokens, for another purpose. Without a base there are no links.
    """

    secret: bytes = field(repr=False)
    base_url: str = ""

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the links' secret needs {MIN_SECRET_BYTES} bytes")

    def url_of(self, screening_id: UUID, ticket_id: UUID) -> str:
        """Give the address of a ticket's image, or "" when images are not served."""
        if not self.base_url:
            return ""
        token = self.token_of(screening_id, ticket_id)
        return f"{self.base_url.rstrip('/')}{IMAGE_PATH}/{token}{IMAGE_SUFFIX}"

    def token_of(self, screening_id: UUID, ticket_id: UUID) -> str:
        named = screening_id.bytes + ticket_id.bytes
        return base64.urlsafe_b64encode(named + self._mac(named)).decode()

    def open(self, token: str) -> tuple[UUID, UUID] | None:
        """Read screening and ticket from a token that we made; None for any other text."""
        if len(token) != TOKEN_CHARACTERS or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        named, mac = raw[: 2 * _ID_BYTES], raw[2 * _ID_BYTES :]
        if not hmac.compare_digest(mac, self._mac(named)):
            return None
        return UUID(bytes=named[:_ID_BYTES]), UUID(bytes=named[_ID_BYTES:])

    def _mac(self, named: bytes) -> bytes:
        return hmac.digest(self.secret, _PURPOSE + named, sha256)[:_MAC_BYTES]
