"""Makes and keeps codes: HMAC-SHA-256 to find them, AES-256-GCM to show them again."""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.wallet.domain.codes import (
    LAST_CHARACTERS,
    RANDOM_BITS,
    code_of,
    grouped,
    normalise,
)
from services.wallet.domain.surname import comparable
from services.wallet.use_cases.code_ports import KeptCode

KEY_BYTES = 32
NONCE_BYTES = 12
MAX_KEY_FILE_BYTES = 64 * 1024
MAX_KEYS = 8
# No code begins like this, so that no surname has the hash of a code.
_SURNAME = "surname:"


class CodeKeysError(ValueError):
    """The key file is not what it must be; the message holds no key."""


@dataclass(frozen=True, slots=True)
class CodeKey:
    """One generation of keys."""

    hmac: bytes = field(repr=False)
    aes_gcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """All generations in use by ID; new codes are kept under the `current` one."""

    current: str
    keys: Mapping[str, CodeKey] = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> "CodeKeys":
        """Read `{"current": kid, "keys": {kid: {"hmac": base64, "aes_gcm": base64}}}`."""
        with path.open("rb") as file:
            content = file.read(MAX_KEY_FILE_BYTES)
        try:
            document = json.loads(content)
            keys = {
                str(kid): CodeKey(_key(entry["hmac"]), _key(entry["aes_gcm"]))
                for kid, entry in document["keys"].items()
            }
            current = str(document["current"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CodeKeysError(f"{path} is not a file of code keys.") from None
        if current not in keys or len(keys) > MAX_KEYS:
            raise CodeKeysError(f"{path} lacks its current key, or holds more than {MAX_KEYS}.")
        return cls(current, keys)


@dataclass(frozen=True, slots=True)
class SealedCodes:
    """The port `Codes`."""

    keys: CodeKeys

    def new(self, owner_id: UUID) -> KeptCode:
        code = None
        while code is None:
            code = code_of(secrets.randbits(RANDOM_BITS))
        return self._kept(owner_id, code)

    def keep(self, owner_id: UUID, typed: str) -> KeptCode:
        return self._kept(owner_id, normalise(typed))

    def surname_hashes(self, surname: str) -> Sequence[bytes]:
        text = _SURNAME + comparable(surname)
        return [_hash(key, text) for key in self._keys()]

    def _kept(self, owner_id: UUID, code: str) -> KeptCode:
        kid = self.keys.current
        key = self.keys.keys[kid]
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.aes_gcm).encrypt(nonce, code.encode(), _binding(owner_id, kid))
        return KeptCode(_hash(key, code), kid, nonce + sealed, kid, code[-LAST_CHARACTERS:])

    def hashes(self, typed: str) -> Sequence[bytes]:
        code = normalise(typed)
        return [_hash(key, code) for key in self._keys()]

    def _keys(self) -> list[CodeKey]:
        """Give the current key, and then the others."""
        current = self.keys.current
        others = [key for kid, key in self.keys.keys.items() if kid != current]
        return [self.keys.keys[current], *others]

    def reveal(self, owner_id: UUID, sealed: bytes, seal_key: str) -> str:
        key = self.keys.keys.get(seal_key)
        if key is None:
            raise LookupError(f"the code key {seal_key} is not in the key file")
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        plain = AESGCM(key.aes_gcm).decrypt(nonce, ciphertext, _binding(owner_id, seal_key))
        return grouped(plain.decode())


def _hash(key: CodeKey, code: str) -> bytes:
    return hmac.digest(key.hmac, code.encode(), "sha256")


def _binding(owner_id: UUID, kid: str) -> bytes:
    """Bind a sealed code to its row and key: moved to another row it does not open."""
    return owner_id.bytes + kid.encode()


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
