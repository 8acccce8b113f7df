"""The order token: HMAC-SHA256 of the order's ID under a secret of the service."""

import base64
import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

MIN_SECRET_BYTES = 32
_PURPOSE = b"order-token.v1:"


@dataclass(frozen=True, slots=True)
class HmacOrderTokens:
    """The port `OrderTokens`. The secret is shared by all processes of the service."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the order token's secret needs {MIN_SECRET_BYTES} bytes")

    def token_of(self, order_id: UUID) -> str:
        digest = hmac.digest(self.secret, _PURPOSE + order_id.bytes, sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def opens(self, order_id: UUID, token: str) -> bool:
        return hmac.compare_digest(self.token_of(order_id).encode(), token.encode())
