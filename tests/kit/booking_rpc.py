"""Servers with servicers of booking on a free port, and callers with tokens for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.booking.config import BookingSettings
from services.common.log_writer import LineWriter
from services.common.rpc.auth import Issuer, guest, peer_service, person
from services.common.rpc.errors import Refusal, refusal_of
from services.common.rpc.keys import key_set_of
from services.common.rpc.registrar import Registration
from services.common.rpc.server import RpcApplication, RpcServer
from services.common.rpc.tokens import SERVICES_ISSUER, TokenSigner

Metadata = tuple[tuple[str, str], ...]

_KEYS = {
    name: Ed25519PrivateKey.generate() for name in ("identity", "sessions", "payment", "catalog")
}
SESSIONS = TokenSigner(_KEYS["sessions"], "parterre-booking", "parterre-booking")
_IDENTITY = TokenSigner(_KEYS["identity"], "parterre-identity", "parterre-identity")


def as_guest(session_id: str | None = None, channel: str = "WEB") -> Metadata:
    """Metadata of a guest, a new one each time unless named."""
    token = SESSIONS.sign(
        session_id or str(uuid4()),
        audience="parterre",
        lifetime_s=3_600,
        claims={"channel": channel},
    )
    return (("authorization", f"Bearer {token}"),)


def as_account(account_id: UUID) -> Metadata:
    """Metadata of a customer with an account."""
    return _as_person(str(account_id), "account")


def as_staff(*roles: str, cinemas: Sequence[str] = ("*",)) -> Metadata:
    """Metadata of a member of staff."""
    return _as_person(str(uuid4()), *roles, cinemas=cinemas)


def as_client(channel: str) -> Metadata:
    """Metadata of a program that sells, such as the app: its channel is a claim of its token."""
    claims = {"roles": [], "channel": channel}
    token = _IDENTITY.sign("the-app", audience="parterre", lifetime_s=3_600, claims=claims)
    return (("authorization", f"Bearer {token}"),)


def as_expired_guest() -> Metadata:
    """Metadata of a session that is over."""
    token = SESSIONS.sign(
        "old", audience="parterre", lifetime_s=60, claims={"channel": "WEB"}, not_before=1
    )
    return (("authorization", f"Bearer {token}"),)


def as_payment() -> Metadata:
    """Metadata of the service payment."""
    return as_service("payment")


def as_service(name: str) -> Metadata:
    """Metadata of another service: payment or catalog."""
    signer = TokenSigner(_KEYS[name], SERVICES_ISSUER, name)
    token = signer.sign(name, audience="booking", lifetime_s=3_600)
    return (("authorization", f"Bearer {token}"),)


def _as_person(subject: str, *roles: str, cinemas: Sequence[str] = ()) -> Metadata:
    claims = {"roles": list(roles), "cinemas": list(cinemas)}
    token = _IDENTITY.sign(subject, audience="parterre", lifetime_s=3_600, claims=claims)
    return (("authorization", f"Bearer {token}"),)


def issuers() -> dict[str, Issuer]:
    """The issuers whose keys this module has."""
    return {
        "parterre-identity": _issuer("parterre-identity", "parterre", "identity", person),
        "parterre-booking": _issuer("parterre-booking", "parterre", "sessions", guest),
        SERVICES_ISSUER: Issuer(
            SERVICES_ISSUER,
            "booking",
            key_set_of({name: _KEYS[name].public_key() for name in ("payment", "catalog")}),
            peer_service,
        ),
    }


def _issuer(name: str, audience: str, key: str, read_caller: Any) -> Issuer:
    return Issuer(name, audience, key_set_of({name: _KEYS[key].public_key()}), read_caller)


@asynccontextmanager
async def served(
    *registrations: Registration, log: StringIO | None = None, **settings: Any
) -> AsyncIterator[grpc.aio.Channel]:
    """Serve on a free port; gives a channel to it."""
    async with (
        serving(RpcApplication(list(registrations)), log=log, **settings) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield channel


@asynccontextmanager
async def serving(
    application: RpcApplication, *, log: StringIO | None = None, **settings: Any
) -> AsyncIterator[RpcServer]:
    """Serve on a free port; gives the server."""
    server = RpcServer(
        BookingSettings(drain_grace_ms=500, **settings),
        application,
        issuers=issuers(),
        log_writer=LineWriter(log or StringIO()),
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def refused(call: Any) -> Refusal:
    """Await a call that must be refused; gives the refusal as a client reads it."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal_of(error)
    raise AssertionError(f"the call was answered: {answer}")
