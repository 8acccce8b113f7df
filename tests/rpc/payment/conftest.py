from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import grpc
import pytest
from cinema.payment.v1.audit_service_pb2_grpc import AuditServiceStub
from cinema.payment.v1.payment_service_pb2_grpc import PaymentServiceStub
from cinema.payment.v1.subject_service_pb2_grpc import SubjectServiceStub
from cinema.type.v1.dead_event_service_pb2_grpc import DeadEventServiceStub
from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceStub
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from services.common.log_writer import LineWriter
from services.common.rpc.auth import Issuer, peer_service, person
from services.common.rpc.keys import key_set_of
from services.common.rpc.server import RpcApplication, RpcServer
from services.common.rpc.tokens import SERVICES_ISSUER, TokenSigner
from services.payment.config import PaymentSettings
from services.payment.rpc_process import registrations
from tests.integration.payment.conftest import database, service_database, shop
from tests.integration.payment.shop import Shop

__all__ = ["database", "service_database", "shop"]

Metadata = tuple[tuple[str, str], ...]
_KEYS = {name: Ed25519PrivateKey.generate() for name in ("identity", "booking", "wallet")}


def as_service(name: str) -> Metadata:
    token = TokenSigner(_KEYS[name], SERVICES_ISSUER, name).sign(
        name, audience="payment", lifetime_s=3_600
    )
    return (("authorization", f"Bearer {token}"),)


def as_staff(*roles: str) -> Metadata:
    token = TokenSigner(_KEYS["identity"], "parterre-identity", "identity").sign(
        "staff-1",
        audience="parterre",
        lifetime_s=3_600,
        claims={"roles": list(roles), "cinemas": ["*"]},
    )
    return (("authorization", f"Bearer {token}"),)


@dataclass
class Payments:
    """A payment service on a real channel, over a real database and a fake provider."""

    shop: Shop
    stub: Any
    audit: Any
    subjects: Any
    feed: Any
    dead_events: Any
    log: StringIO


@pytest.fixture
async def payments(shop: Shop, tmp_path: Path) -> AsyncIterator[Payments]:
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(
        _KEYS["wallet"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    settings = PaymentSettings(service_key_file=key_file, drain_grace_ms=500)
    log = StringIO()
    server = RpcServer(
        settings,
        RpcApplication(registrations(settings, shop.database, shop.cases)),
        issuers=_issuers(),
        log_writer=LineWriter(log),
    )
    await server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
    yield Payments(
        shop,
        PaymentServiceStub(channel),
        AuditServiceStub(channel),
        SubjectServiceStub(channel),
        EventFeedServiceStub(channel),
        DeadEventServiceStub(channel),
        log,
    )
    await channel.close()
    await server.stop()


def _issuers() -> dict[str, Issuer]:
    services = key_set_of({name: _KEYS[name].public_key() for name in ("booking", "wallet")})
    people = key_set_of({"identity": _KEYS["identity"].public_key()})
    return {
        SERVICES_ISSUER: Issuer(SERVICES_ISSUER, "payment", services, peer_service),
        "parterre-identity": Issuer("parterre-identity", "parterre", people, person),
    }
