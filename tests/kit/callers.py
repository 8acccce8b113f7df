"""Everybody who may call something, and tokens of every wrong kind."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.identities import PROVIDER_KEY_ID, load_private_key
from deploy.local.record import StackRecord
from deploy.local.tokens import AUDIENCE, ISSUER, ROLES
from services.common.rpc.access import AccessRule
from tests.kit.answers import Metadata
from tests.kit.methods import SERVERS

SERVICES_ISSUER = "parterre-services"
SESSIONS_ISSUER = "parterre-booking"
STAFF_ROLES = tuple(role for role in ROLES if role != "account")
LIFETIME_SECONDS = 3_600
FOREIGN_CINEMA = "not-this-one"
_LONG_AGO_SECONDS = 7_200


@dataclass(frozen=True)
class Callers:
    """Mints tokens with the keys of one running stack."""

    record: StackRecord

    def account(self, account_id: str = "") -> Metadata:
        return self.person("account", subject=account_id, cinemas=())

    def person(
        self, role: str, *, subject: str = "", cinemas: tuple[str, ...] = ("*",)
    ) -> Metadata:
        """Give the metadata of a customer or a member of staff."""
        return bearer(self.sign(self.claims(role, subject=subject, cinemas=cinemas)))

    def peer(self, service: str, *, server: str) -> Metadata:
        """Give the metadata of a service that calls a server."""
        return bearer(self.peer_token(service, subject=service, audience=server))

    def peer_token(self, service: str, *, subject: str, audience: str) -> str:
        """Sign a service's token with its own key."""
        key = load_private_key(Path(self.record.files[f"{service}_key"]))
        claims = _times() | {"iss": SERVICES_ISSUER, "aud": audience, "sub": subject}
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": service})

    def claims(
        self, role: str, *, subject: str = "", cinemas: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Give the right claims of a person."""
        return _times() | {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject or str(uuid4()),
            "roles": [role],
            "cinemas": list(cinemas),
            "jti": str(uuid4()),
        }

    def sign(self, claims: dict[str, Any], *, key_id: str = PROVIDER_KEY_ID) -> str:
        """Sign claims as the identity provider."""
        key = load_private_key(Path(self.record.files["provider_key"]))
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id})

    def not_admitted(
        self, rule: AccessRule, server: str, guest: Metadata
    ) -> Iterator[tuple[str, Metadata]]:
        """Yield everybody whom a rule keeps out, each with a good token."""
        if not rule.guest:
            yield "a guest", guest
        if not rule.account:
            yield "an account", self.account()
        for role in STAFF_ROLES:
            if role not in rule.staff:
                yield f"staff: {role}", self.person(role)
        yield "somebody without a role", bearer(self.sign({**self.claims("x"), "roles": []}))
        for service in SERVERS:
            if service not in rule.services:
                yield f"service: {service}", self.peer(service, server=server)

    def bad_tokens(self, rule: AccessRule, server: str) -> Iterator[tuple[str, str, str]]:
        """Yield what each wrong token is, the token, and the reason that refuses it."""
        role = next(iter(sorted(rule.staff)), "account")
        good = self.claims(role, cinemas=("*",))
        long_ago = int(time.time()) - _LONG_AGO_SECONDS
        expired = {**good, "iat": long_ago, "nbf": long_ago, "exp": long_ago + 60}
        yield "expired", self.sign(expired), "TOKEN_EXPIRED"
        for name, claims in _spoilt(good):
            yield name, self.sign(claims), "UNAUTHENTICATED"
        for name, token in self._forged(good):
            yield name, token, "UNAUTHENTICATED"
        service = next(iter(sorted(rule.services)), "booking")
        other = next(name for name in SERVERS if name != service)
        yield (
            "a service that says it is another",
            self.peer_token(other, subject=service, audience=server),
            "UNAUTHENTICATED",
        )
        elsewhere = next(name for name in SERVERS if name != server)
        yield (
            "a service's token for another service",
            self.peer_token(service, subject=service, audience=elsewhere),
            "UNAUTHENTICATED",
        )

    def _forged(self, good: dict[str, Any]) -> Iterator[tuple[str, str]]:
        headers = {"kid": PROVIDER_KEY_ID}
        yield "alg none", jwt.encode(good, "", algorithm="none", headers=headers)
        public = Path(self.record.files["token_keys"]).read_bytes()
        yield "signed with the public key", _hmac_signed(good, public)
        stranger = Ed25519PrivateKey.generate()
        yield "signed by a stranger", jwt.encode(good, stranger, "EdDSA", headers=headers)
        yield "an unknown key", self.sign(good, key_id="another")
        token = self.sign(good)
        yield "a changed signature", token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
        yield "no signature", token.rpartition(".")[0] + "."


def bearer(token: str) -> Metadata:
    """Give the metadata that carries a token."""
    return (("authorization", f"Bearer {token}"),)


def _hmac_signed(claims: dict[str, Any], secret: bytes) -> str:
    """Sign as a library refuses to: with a text that everybody knows."""
    header = {"alg": "HS256", "typ": "JWT", "kid": PROVIDER_KEY_ID}
    signed = f"{_base64(header)}.{_base64(claims)}"
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _base64(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _spoilt(good: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "a wrong issuer", {**good, "iss": "somebody"}
    yield "the sessions' issuer", {**good, "iss": SESSIONS_ISSUER}
    yield "the services' issuer", {**good, "iss": SERVICES_ISSUER}
    yield "a wrong audience", {**good, "aud": "somebody"}
    yield "not valid yet", {**good, "nbf": int(time.time()) + _LONG_AGO_SECONDS}
    yield "roles that are no list", {**good, "roles": "operator"}
    yield "a subject that is no text", {**good, "sub": "x" * 1_000}
    for name in ("exp", "iss", "aud", "sub"):
        yield f"no {name}", {key: value for key, value in good.items() if key != name}


def _times() -> dict[str, int]:
    now = int(time.time())
    return {"iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}


GARBAGE = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer a.b.c",
    "Basic dXNlcjpwYXNz",
    "bearer e30.e30.e30",
    "Bearer " + "x" * 5_000,
    "Bearer ..",
    "Bearer e30.e30.",
    "Bearer bnVsbA.bnVsbA.bnVsbA",
)
"""Values of `authorization` that are no tokens; the empty one counts as none."""
