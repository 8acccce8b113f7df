"""The signature of PayU's notifications: a plain hash over the raw body and our second key."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

# The header's words for algorithms. "SHA" is left out: the provider's own clients disagree on it.
_HASHES: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA1": "sha1",
    "SHA-256": "sha256",
    "SHA256": "sha256",
    "SHA-384": "sha384",
    "SHA384": "sha384",
    "SHA-512": "sha512",
    "SHA512": "sha512",
}
# Copied for each use: a new one is looked up in OpenSSL, which takes longer than the hash itself.
_BLANK: Final = {
    name: hashlib.new(name, usedforsecurity=False) for name in sorted(set(_HASHES.values()))
}
DEFAULT_ALGORITHM: Final = "MD5"
HEADER_NAMES: Final = ("openpayu-signature", "x-openpayu-signature")
MAX_HEADER_CHARACTERS: Final = 1_024


def read_header(headers: Mapping[str, str]) -> str:
    """Find the signature header whatever its case; "" when there is none."""
    for name, value in headers.items():
        if name.lower() in HEADER_NAMES:
            return value
    return ""


def is_signed(
    body: bytes, header: str, second_keys: Iterable[str], allowed: frozenset[str]
) -> bool:
    """Tell whether the body is signed with one of the keys by a hash that is allowed.

    The raw bytes count; a body with blanks around it is also tried without them, as the provider
    itself trims. Compared in constant time.
    """
    fields = _fields(header)
    algorithm = _HASHES.get(fields.get("algorithm", DEFAULT_ALGORITHM).upper(), "")
    given = fields.get("signature", "").lower()
    if not given.isascii() or algorithm not in allowed:
        return False
    bodies = {body, body.strip()}
    matches = [
        hmac.compare_digest(signature_of(each, key, algorithm), given)
        for key in second_keys
        for each in bodies
    ]
    return any(matches)


def signature_of(body: bytes, second_key: str, hash_name: str) -> str:
    """Hash the body followed by the key; in hexadecimal."""
    hashed = _BLANK[hash_name].copy()
    hashed.update(body + second_key.encode())
    return hashed.hexdigest()


def check_algorithms(names: Iterable[str]) -> frozenset[str]:
    """Read names of algorithms from the settings as hashes; raises ValueError for an unknown one."""
    found = {name.strip().upper() for name in names if name.strip()}
    if not found or not found <= _HASHES.keys():
        raise ValueError("unknown signature algorithms")
    return frozenset(_HASHES[name] for name in found)


def _fields(header: str) -> dict[str, str]:
    if len(header) > MAX_HEADER_CHARACTERS:
        return {}
    pairs = (part.partition("=") for part in header.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
