"""Who calls: bearer tokens of three issuers, verified once and then remembered."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt

from services.common.config import ServiceSettings
from services.common.errors import TokenExpiredError, UnauthenticatedError
from services.common.rpc.access import ACCOUNT_ROLE
from services.common.rpc.call import (
    ANONYMOUS,
    Caller,
    CallerKind,
    current_caller,
)
from services.common.rpc.keys import ALGORITHMS, KeySet
from services.common.rpc.tokens import SERVICES_ISSUER

__all__ = [
    "ANONYMOUS",
    "Authenticator",
    "Caller",
    "CallerKind",
    "Issuer",
    "current_caller",
    "issuers_of",
]

MAX_TOKEN_CHARACTERS = 4_096
MAX_ROLES = 32
MAX_CINEMAS = 200
_BEARER = "Bearer "
_REQUIRED_CLAIMS = ["exp", "iss", "sub", "aud"]
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer that we believe, for one audience, and how its claims make a caller.

    `read_caller` gets the verified claims and the key's ID and raises UNAUTHENTICATED when they
    are not what this issuer signs.
    """

    name: str
    audience: str
    keys: KeySet
    read_caller: Callable[[Claims, str], Caller]


@dataclass(slots=True)
class Authenticator:
    """Turns the `authorization` metadata into a caller.

    At most `max_cached_tokens` verified tokens are remembered, by SHA-256, until they expire.
    """

    issuers: Mapping[str, Issuer]
    leeway_s: int = 30
    max_cached_tokens: int = 20_000
    _known: dict[bytes, tuple[Caller, float]] = field(default_factory=dict)

    def caller_of(self, authorization: str) -> Caller:
        """Verify and read; raises UNAUTHENTICATED or TOKEN_EXPIRED."""
        if not authorization.startswith(_BEARER) or len(authorization) > MAX_TOKEN_CHARACTERS:
            raise UnauthenticatedError
        fingerprint = hashlib.sha256(authorization.encode()).digest()
        known = self._known.get(fingerprint)
        if known is not None:
            caller, expires = known
            if time.time() < expires:
                return caller
            del self._known[fingerprint]
            raise TokenExpiredError
        caller, expires = self._verify(authorization[len(_BEARER) :])
        if len(self._known) >= self.max_cached_tokens:
            del self._known[next(iter(self._known))]
        self._known[fingerprint] = (caller, expires)
        return caller

    def _verify(self, token: str) -> tuple[Caller, float]:
        try:
            issuer_name, key_id = _named(token)
            issuer = self.issuers.get(issuer_name)
            key = issuer.keys.find(key_id) if issuer and isinstance(key_id, str) else None
            if issuer is None or key is None or key.algorithm not in ALGORITHMS:
                raise UnauthenticatedError
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=issuer.audience,
                issuer=issuer.name,
                leeway=self.leeway_s,
                options={"require": _REQUIRED_CLAIMS},
            )
            return issuer.read_caller(claims, key_id), float(claims["exp"]) + self.leeway_s
        except jwt.ExpiredSignatureError:
            raise TokenExpiredError from None
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, RecursionError):
            raise UnauthenticatedError from None


def _named(token: str) -> tuple[str, Any]:
    """Read by whom and by which key a token says that it is signed; nothing of it is proved yet."""
    header, payload, _ = token.split(".")
    return str(_claims_of(payload).get("iss")), _claims_of(header).get("kid")


def _claims_of(segment: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(f"{segment}=="))


def issuers_of(settings: ServiceSettings) -> dict[str, Issuer]:
    """Build the issuers that the settings name a key file for; reads the files."""
    candidates = (
        (settings.token_keys_file, settings.token_issuer, settings.token_audience, person),
        (settings.service_keys_file, SERVICES_ISSUER, settings.service_name, peer_service),
        (settings.session_keys_file, settings.session_issuer, settings.token_audience, guest),
    )
    return {
        name: Issuer(name, audience, KeySet.from_file(path), read_caller)
        for path, name, audience, read_caller in candidates
        if path is not None
    }


def person(claims: Claims, key_id: str) -> Caller:
    """Read a customer or a member of staff of the identity provider."""
    del key_id
    roles = frozenset(_texts(claims, "roles", MAX_ROLES))
    subject = _subject(claims)
    if ACCOUNT_ROLE in roles:
        UUID(subject)
    kind = CallerKind.STAFF if roles - {ACCOUNT_ROLE} else CallerKind.ACCOUNT
    return Caller(
        kind=kind,
        subject=subject,
        roles=roles,
        cinemas=frozenset(_texts(claims, "cinemas", MAX_CINEMAS)),
        channel=str(claims.get("channel", "")),
        token_id=str(claims.get("jti", "")),
    )


def peer_service(claims: Claims, key_id: str) -> Caller:
    """Read one of our services; it signs with the key that carries its name."""
    subject = _subject(claims)
    if subject != key_id:
        raise UnauthenticatedError
    return Caller(CallerKind.SERVICE, subject, token_id=str(claims.get("jti", "")))


def guest(claims: Claims, key_id: str) -> Caller:
    """Read a guest's session."""
    del key_id
    return Caller(
        kind=CallerKind.GUEST,
        subject=_subject(claims),
        roles=frozenset({"guest"}),
        channel=str(claims.get("channel", "")),
        token_id=str(claims.get("jti", "")),
    )


def _subject(claims: Claims) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= 64:  # noqa: PLR2004
        raise UnauthenticatedError
    return subject


def _texts(claims: Claims, name: str, max_items: int) -> Sequence[str]:
    values = claims.get(name, [])
    if (
        not isinstance(values, list)
        or len(values) > max_items
        or not all(isinstance(value, str) for value in values)
    ):
        raise UnauthenticatedError
    return values
