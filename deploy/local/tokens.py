"""Mints tokens as the local identity provider: for customers and staff."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jwt

from deploy.local.identities import PROVIDER_KEY_ID, load_private_key

ISSUER = "parterre-identity"
AUDIENCE = "parterre"
DEFAULT_LIFETIME_SECONDS = 3_600
ROLES = (
    "account",
    "usher",
    "cashier",
    "cinema_manager",
    "customer_service",
    "programme_editor",
    "finance",
    "privacy_officer",
    "operator",
)
EVERY_CINEMA = ("*",)


@dataclass(frozen=True)
class Person:
    """Whom a token is for. `cinemas` are cinema ids, or '*' for all; customers have none."""

    roles: tuple[str, ...]
    subject: str
    cinemas: tuple[str, ...] = ()


def person(role: str, *, subject: str | None = None, cinemas: Sequence[str] = ()) -> Person:
    """Return somebody with one role; a fresh UUID when no subject is given.

    Staff may act for every cinema unless some are named.
    """
    if role not in ROLES:
        raise ValueError(f"{role!r} is not a role; roles are: {', '.join(ROLES)}")
    if not cinemas and role != "account":
        cinemas = EVERY_CINEMA
    return Person((role,), subject or str(uuid.uuid4()), tuple(cinemas))


def mint_token(
    provider_key: Path, somebody: Person, *, ttl_seconds: int = DEFAULT_LIFETIME_SECONDS
) -> str:
    """Return a signed token that is valid from now; a negative `ttl_seconds` makes an old one."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": somebody.subject,
        "roles": list(somebody.roles),
        "cinemas": list(somebody.cinemas),
        "iat": now + min(ttl_seconds, 0),
        "nbf": now + min(ttl_seconds, 0),
        "exp": now + ttl_seconds,
        "jti": str(uuid.uuid4()),
    }
    headers = {"kid": PROVIDER_KEY_ID}
    return jwt.encode(claims, load_private_key(provider_key), algorithm="EdDSA", headers=headers)
