"""The public keys that tickets are verified with: the one that signs now, and the others."""

import base64
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.booking.domain.ticket import (
    KEY_ID_BYTES,
    SIGNED_BYTES,
    TicketClaim,
    TicketKey,
    read_payload,
)
from services.common.logging import get_logger

MAX_KEY_FILE_BYTES = 64 * 1024
MAX_TICKET_KEYS = 32
LOOK_AGAIN_AFTER_S = 1.0

_log = get_logger(__name__)


def key_id_of(key: Ed25519PublicKey) -> bytes:
    """Give a key's ID: the start of its public half's SHA-256."""
    return sha256(key.public_bytes_raw()).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class _Known:
    key: Ed25519PublicKey
    shown: TicketKey


@dataclass(slots=True)
class TicketKeys:
    """The port `TicketVerifier`.

    `file` holds keys besides the current one, announced or former, as a JWKS; `exp` says from when
    on a key is not believed any more. A changed file is read again within a second, and one that
    cannot be read leaves the keys as they were.
    """

    current: Ed25519PublicKey
    file: Path | None = None
    _known: dict[bytes, _Known] = field(init=False)
    _modified_ns: int = 0
    _look_again_at: float = 0.0

    def __post_init__(self) -> None:
        self._known = _by_id(self.current, _read(self.file) if self.file else ())
        self._modified_ns = self.file.stat().st_mtime_ns if self.file else 0

    def verify(self, payload: bytes) -> TicketClaim | None:
        claim = read_payload(payload)
        known = self._keys().get(claim.key_id) if claim is not None else None
        if known is None or not known.shown.is_valid_at(datetime.now(UTC)):
            return None
        try:
            known.key.verify(payload[SIGNED_BYTES:], payload[:SIGNED_BYTES])
        except InvalidSignature:
            return None
        return claim

    def list_keys(self) -> Sequence[TicketKey]:
        now = datetime.now(UTC)
        return [known.shown for known in self._keys().values() if known.shown.is_valid_at(now)]

    def _keys(self) -> dict[bytes, _Known]:
        now = time.monotonic()
        if self.file is not None and now >= self._look_again_at:
            self._look_again_at = now + LOOK_AGAIN_AFTER_S
            try:
                self._read_again(self.file)
            except (OSError, ValueError) as problem:
                _log.exception("ticket_keys_not_read", problem=type(problem).__name__)
        return self._known

    def _read_again(self, file: Path) -> None:
        modified_ns = file.stat().st_mtime_ns
        if modified_ns != self._modified_ns:
            self._known = _by_id(self.current, _read(file))
            self._modified_ns = modified_ns


def _by_id(current: Ed25519PublicKey, others: Iterable[_Known]) -> dict[bytes, _Known]:
    """Put the current key first; it is valid for ever, whatever the file says of it."""
    known = {key_id_of(current): _known_key(current, valid_until=None, is_current=True)}
    for other in others:
        known.setdefault(other.shown.key_id, other)
    return known


def _read(file: Path) -> list[_Known]:
    with file.open("rb") as stream:
        document = json.loads(stream.read(MAX_KEY_FILE_BYTES))
    entries = document.get("keys", []) if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > MAX_TICKET_KEYS:
        raise ValueError(f"{file} is not a JWKS of at most {MAX_TICKET_KEYS} keys")
    return [_known_of(entry) for entry in entries]


def _known_of(entry: Any) -> _Known:
    if not isinstance(entry, dict) or entry.get("crv") != "Ed25519" or "d" in entry:
        raise ValueError("a ticket key's public half is an Ed25519 JWK")
    encoded = str(entry.get("x", ""))
    raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    until = datetime.fromtimestamp(entry["exp"], UTC) if "exp" in entry else None
    return _known_key(Ed25519PublicKey.from_public_bytes(raw), valid_until=until, is_current=False)


def _known_key(key: Ed25519PublicKey, *, valid_until: datetime | None, is_current: bool) -> _Known:
    shown = TicketKey(key_id_of(key), key.public_bytes_raw(), valid_until, is_current=is_current)
    return _Known(key, shown)
