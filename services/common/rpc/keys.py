"""Public keys that tokens are verified with: a JWKS file, read again when it changes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHMS = ("EdDSA", "ES256")
_ALGORITHM_OF_CURVE = {"Ed25519": "EdDSA", "P-256": "ES256"}
MAX_KEY_FILE_BYTES = 256 * 1024
_RELOAD_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verification key and the only algorithm it may be used with."""

    key: jwt.PyJWK
    algorithm: str


@dataclass(slots=True)
class KeySet:
    """The keys of one issuer by `kid`. A file that cannot be read keeps the keys known so far."""

    keys: Mapping[str, PublicKey]
    path: Path | None = None
    _modified_ns: int = 0
    _look_again_at: float = field(default=0.0)

    @classmethod
    def from_file(cls, path: Path) -> KeySet:
        """Read a JWKS file; raises OSError or ValueError when it is not one."""
        return cls(_read(path), path, path.stat().st_mtime_ns)

    def find(self, key_id: str) -> PublicKey | None:
        """Find a key; an unknown ID makes a changed file be read again, at most once a second."""
        found = self.keys.get(key_id)
        if found is None and self._reload():
            found = self.keys.get(key_id)
        return found

    def _reload(self) -> bool:
        now = time.monotonic()
        if self.path is None or now < self._look_again_at:
            return False
        self._look_again_at = now + _RELOAD_INTERVAL_S
        try:
            modified_ns = self.path.stat().st_mtime_ns
            if modified_ns == self._modified_ns:
                return False
            self.keys = _read(self.path)
        except (OSError, ValueError):
            return False
        self._modified_ns = modified_ns
        return True


def key_set_of(public_keys: Mapping[str, Ed25519PublicKey]) -> KeySet:
    """Make a key set of Ed25519 keys that are at hand."""
    entries = [jwk_of(key_id, key) for key_id, key in public_keys.items()]
    return KeySet(_parse({"keys": entries}))


def jwk_of(key_id: str, key: Ed25519PublicKey) -> dict[str, str]:
    """Write a public key as an entry of a JWKS file."""
    encoded = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": key_id,
        "x": encoded,
    }


def _read(path: Path) -> dict[str, PublicKey]:
    with path.open("rb") as file:
        content = file.read(MAX_KEY_FILE_BYTES)
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError(f"{path} is not a JWKS file")  # noqa: TRY004 - a wrong value in a file
    return _parse(document)


def _parse(document: Mapping[str, Any]) -> dict[str, PublicKey]:
    keys: dict[str, PublicKey] = {}
    for entry in document.get("keys", []):
        algorithm = _ALGORITHM_OF_CURVE.get(entry.get("crv", ""))
        if algorithm is not None and "kid" in entry:
            public = {name: value for name, value in entry.items() if name != "d"}
            keys[entry["kid"]] = PublicKey(jwt.PyJWK(public, algorithm=algorithm), algorithm)
    return keys
