"""The provider's signature: a plain hash over body and second key, not an HMAC."""

import hashlib

ALGORITHMS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


def digest(body: bytes, second_key: str, algorithm: str) -> str:
    """Hash the raw body followed by the key; `algorithm` is a key of ALGORITHMS."""
    return hashlib.new(
        ALGORITHMS[algorithm], body + second_key.encode(), usedforsecurity=False
    ).hexdigest()


def header(body: bytes, second_key: str, algorithm: str) -> str:
    """Build the value of the OpenPayu-Signature header."""
    signature = digest(body, second_key, algorithm)
    return f"sender=checkout;signature={signature};algorithm={algorithm};content=DOCUMENT"
