"""Signs tickets with the service's Ed25519 key."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.booking.adapters.ticket_keys import key_id_of
from services.booking.domain.ticket import qr_payload


@dataclass(frozen=True, slots=True)
class Ed25519TicketSigner:
    """The port `TicketSigner`. The key's ID is the start of its public key's SHA-256."""

    key: Ed25519PrivateKey = field(repr=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", key_id_of(self.key.public_key()))

    @classmethod
    def from_file(cls, path: Path) -> "Ed25519TicketSigner":
        """Read a PEM file; TypeError when it holds another kind of key."""
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{path} holds no Ed25519 key")
        return cls(key)

    def payload(self, ticket_id: UUID, screening_id: UUID) -> bytes:
        return qr_payload(self.key_id, ticket_id, screening_id, self.key.sign)
