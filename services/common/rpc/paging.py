"""Pages: a size within bounds and a token that only we can make and read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import Message

from services.common.errors import FieldViolation, InvalidPageTokenError, InvalidRequestError

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 100
MAX_TOKEN_CHARACTERS = 2_048
_NONCE_BYTES = 12
_VERSION = b"\x01"
Keyset: TypeAlias = Sequence[str | int | None]
T = TypeVar("T")


def page_size_of(
    requested: int, *, default: int = DEFAULT_PAGE_SIZE, largest: int = MAX_PAGE_SIZE
) -> int:
    """Read `page_size`: 0 means the default, too large is the largest, negative is refused."""
    if requested < 0:
        raise InvalidRequestError(FieldViolation("page_size", "must not be negative"))
    return min(requested or default, largest)


@dataclass(frozen=True, slots=True)
class PageTokens:
    """Seals the keyset of the last row with AES-GCM, bound to the listing's other arguments."""

    key: bytes

    @classmethod
    def from_secret(cls, secret: bytes) -> PageTokens:
        """Derive the key from a secret that all processes of the service share."""
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"page-token").derive(secret)
        return cls(derived)

    @classmethod
    def from_key_file(cls, path: Path) -> PageTokens:
        """Derive the key from the service's own private key file."""
        return cls.from_secret(path.read_bytes())

    def cut(
        self, found: Sequence[T], page_size: int, place: Callable[[T], Keyset], request: Message
    ) -> tuple[Sequence[T], str]:
        """Cut what was found to a page; gives the token of the next one too, empty at the end.

        One more must have been looked for than the page takes: it tells whether there is another.
        """
        page = found[:page_size]
        return page, self.seal(place(page[-1]), request) if len(found) > page_size else ""

    def seal(self, keyset: Keyset, request: Message) -> str:
        """Make the token that continues after the keyset, for the same arguments."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps(list(keyset), separators=(",", ":")).encode()
        sealed = AESGCM(self.key).encrypt(nonce, plain, _binding(request))
        return _text_of(_VERSION + nonce + sealed)

    def open(self, token: str, request: Message) -> list[str | int | None] | None:
        """Read the keyset back; None for the first page. Raises INVALID_PAGE_TOKEN."""
        if not token:
            return None
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise InvalidPageTokenError
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            # Base64 reads more than one text as the same bytes; we made only one of them.
            if raw[:1] != _VERSION or _text_of(raw) != token:
                raise InvalidPageTokenError
            nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
            plain = AESGCM(self.key).decrypt(nonce, sealed, _binding(request))
        except (binascii.Error, ValueError, InvalidTag):
            raise InvalidPageTokenError from None
        keyset: list[str | int | None] = json.loads(plain)
        return keyset


def _text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _binding(request: Message) -> bytes:
    """Hash the arguments besides the page's own; another size may be asked for any page."""
    arguments = type(request)()
    arguments.CopyFrom(request)
    for name in ("page_size", "page_token"):
        if name in arguments.DESCRIPTOR.fields_by_name:
            arguments.ClearField(name)
    digest = hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\x00")
    digest.update(arguments.SerializeToString(deterministic=True))
    return digest.digest()
