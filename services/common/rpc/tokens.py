"""Signing tokens: the identity of a service, the sessions of guests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.common.ids import new_id

SERVICES_ISSUER = "parterre-services"
SERVICE_TOKEN_LIFETIME_S = 300
_ALGORITHM = "EdDSA"
# A token is renewed after this share of its life, so that none expires on its way.
_RENEW_AFTER = 0.7


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key in PEM; raises ValueError for any other."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} does not hold an Ed25519 private key")  # noqa: TRY004 - a value
    return key


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Signs JWTs of one issuer with one key."""

    key: Ed25519PrivateKey
    issuer: str
    key_id: str

    def sign(
        self,
        subject: str,
        *,
        audience: str,
        lifetime_s: int,
        claims: Mapping[str, Any] | None = None,
        not_before: int | None = None,
    ) -> str:
        """Sign a token that is valid from now (or `not_before`, in seconds) for the lifetime."""
        issued = int(time.time()) if not_before is None else not_before
        payload = {
            **(claims or {}),
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_s,
            "jti": str(new_id()),
        }
        return jwt.encode(
            payload, self.key, algorithm=_ALGORITHM, headers={"kid": self.key_id, "typ": "JWT"}
        )


@dataclass(slots=True)
class ServiceIdentity:
    """A service's own short-lived tokens, one per called service, renewed in time."""

    name: str
    key: Ed25519PrivateKey
    lifetime_s: int = SERVICE_TOKEN_LIFETIME_S
    _bearer: dict[str, tuple[str, float]] = field(default_factory=dict)

    @classmethod
    def from_file(cls, name: str, path: Path) -> ServiceIdentity:
        return cls(name, load_private_key(path))

    def bearer_for(self, audience: str) -> str:
        """Return the `authorization` value for calls to that service."""
        bearer, renew_at = self._bearer.get(audience, ("", 0.0))
        now = time.monotonic()
        if now >= renew_at:
            signer = TokenSigner(self.key, SERVICES_ISSUER, self.name)
            token = signer.sign(self.name, audience=audience, lifetime_s=self.lifetime_s)
            bearer = f"Bearer {token}"
            self._bearer[audience] = (bearer, now + self.lifetime_s * _RENEW_AFTER)
        return bearer
