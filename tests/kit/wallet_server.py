"""A wallet on a real database and a real channel, with callers of all kinds."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
from cinema.payment.v1 import payment_decision_service_pb2_grpc
from cinema.type.v1 import (
    dead_event_service_pb2_grpc,
    event_feed_service_pb2_grpc,
    money_pb2,
    story_service_pb2_grpc,
)
from cinema.wallet.v1 import (
    card_pb2,
    card_sale_service_pb2_grpc,
    points_service_pb2_grpc,
    subject_service_pb2_grpc,
    tender_service_pb2,
    tender_service_pb2_grpc,
    voucher_service_pb2_grpc,
    wallet_admin_service_pb2,
    wallet_admin_service_pb2_grpc,
    wallet_service_pb2,
    wallet_service_pb2_grpc,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status
from sqlalchemy.engine import make_url

from deploy.local.databases import ServiceDatabase
from services.common.db.checks import run_check
from services.common.db.database import Database
from services.common.db.migrations import MigrationPlan, migrate_async
from services.common.limits import AttemptLimiter
from services.common.log_writer import LineWriter
from services.common.rpc.auth import Issuer, guest, peer_service, person
from services.common.rpc.keys import key_set_of
from services.common.rpc.server import RpcApplication, RpcServer
from services.common.rpc.tokens import SERVICES_ISSUER, TokenSigner
from services.wallet.checks import checks
from services.wallet.composition import Parts, open_parts
from services.wallet.config import WalletSettings
from services.wallet.migrations import APPEND_ONLY_TABLES, FOLDER
from services.wallet.rpc_application import CODE_FIELDS, registrations

_KEYS = {
    name: Ed25519PrivateKey.generate() for name in ("identity", "sessions", "booking", "payment")
}
_IDENTITY = TokenSigner(_KEYS["identity"], "parterre-identity", "id-1")
_SESSIONS = TokenSigner(_KEYS["sessions"], "parterre-booking", "session-1")
_SERVICES = TokenSigner(_KEYS["booking"], SERVICES_ISSUER, "booking")
_PAYMENT = TokenSigner(_KEYS["payment"], SERVICES_ISSUER, "payment")

Metadata = tuple[tuple[str, str], ...]


async def migrate_wallet(database: ServiceDatabase) -> None:
    """Bring a database to wallet's head, for `databases.create`."""
    await migrate_async(
        MigrationPlan(
            owner_url=database.owner_url,
            application_role=str(make_url(database.app_url).username),
            folder=FOLDER,
            append_only=APPEND_ONLY_TABLES,
            test_clock=True,
        )
    )


def as_account(account_id: UUID) -> Metadata:
    return _bearer(_IDENTITY, str(account_id), "parterre", roles=["account"])


def as_staff(*roles: str) -> Metadata:
    return _bearer(_IDENTITY, "staff-1", "parterre", roles=list(roles))


def as_guest(session: str = "session-1") -> Metadata:
    return _bearer(_SESSIONS, session, "parterre", channel="WEB")


def as_payment() -> Metadata:
    return _bearer(_PAYMENT, "payment", "wallet")


def as_booking() -> Metadata:
    return _bearer(_SERVICES, "booking", "wallet")


def _bearer(signer: TokenSigner, subject: str, audience: str, **claims: Any) -> Metadata:
    token = signer.sign(subject, audience=audience, lifetime_s=3_600, claims=claims)
    return (("authorization", f"Bearer {token}"),)


def _issuers() -> dict[str, Issuer]:
    def keys(key_id: str, name: str) -> Any:
        return key_set_of({key_id: _KEYS[name].public_key()})

    return {
        "parterre-identity": Issuer(
            "parterre-identity", "parterre", keys("id-1", "identity"), person
        ),
        "parterre-booking": Issuer(
            "parterre-booking", "parterre", keys("session-1", "sessions"), guest
        ),
        SERVICES_ISSUER: Issuer(
            SERVICES_ISSUER,
            "wallet",
            key_set_of({name: _KEYS[name].public_key() for name in ("booking", "payment")}),
            peer_service,
        ),
    }


@dataclass
class Wallet:
    """A running wallet: its stubs, its parts, its log."""

    parts: Parts
    log: StringIO
    cards: Any
    tenders: Any
    vouchers: Any
    points: Any
    sales: Any
    decisions: Any
    admin: Any
    subjects: Any
    stories: Any
    feed: Any
    dead_events: Any
    # As the role that owns the tables.
    database_url: str

    @property
    def database(self) -> Database:
        return self.parts.database

    async def issue(
        self, count: int = 1, *, last_date: str = "2027-05-20", product: str = "carte-3"
    ) -> list[wallet_admin_service_pb2.IssuedCard]:
        """Issue cards as staff do."""
        request = wallet_admin_service_pb2.IssueCardsRequest(
            product_code=product,
            count=count,
            last_screening_date=last_date,
            reason="a test",
            request_id=str(uuid4()),
        )
        answer = await self.admin.IssueCards(request, metadata=as_staff("operator"))
        return list(answer.cards)

    async def register(
        self,
        account_id: UUID,
        number: str,
        *,
        kind: wallet_service_pb2.CardKind.ValueType = wallet_service_pb2.CARD_KIND_PLACE_CARD,
        surname: str = "",
    ) -> card_pb2.Card:
        request = wallet_service_pb2.RegisterCardRequest(
            kind=kind,
            card_number=number,
            surname=surname,
            request_id=str(uuid4()),
        )
        answer = await self.cards.RegisterCard(request, metadata=as_account(account_id))
        return answer.card

    async def registered_card(
        self, account_id: UUID, *, last_date: str = "2027-05-20", product: str = "carte-3"
    ) -> UUID:
        """Issue a card and put it into a wallet; gives its ID."""
        [issued] = await self.issue(last_date=last_date, product=product)
        await self.register(account_id, issued.card_number)
        return UUID(issued.card_id)

    async def card(self, account_id: UUID, card_id: UUID) -> card_pb2.Card:
        request = wallet_service_pb2.GetCardRequest(card_id=str(card_id))
        answer = await self.cards.GetCard(request, metadata=as_account(account_id))
        return answer.card

    async def balances(self, account_id: UUID, card_id: UUID) -> tuple[int, int, int]:
        """Places left, reserved and used."""
        card = await self.card(account_id, card_id)
        return card.places_left, card.places_reserved, card.places_used

    async def reserve(self, request: tender_service_pb2.ReservePlacesRequest) -> Any:
        return await self.tenders.ReservePlaces(request, metadata=as_booking())

    async def command(self, name: str, key: tender_service_pb2.LegKey, **fields: Any) -> Any:
        """Send CapturePlaces, ReleasePlaces or RestorePlaces."""
        request_type = getattr(tender_service_pb2, f"{name}Request")
        request = request_type(key=key, request_id=str(uuid4()), **fields)
        return await getattr(self.tenders, name)(request, metadata=as_booking())


def a_key(order_id: UUID | None = None, *, attempt: int = 1) -> tender_service_pb2.LegKey:
    return tender_service_pb2.LegKey(
        order_id=str(order_id or uuid4()), leg="places-1", attempt=attempt
    )


def a_screening(**changes: Any) -> card_pb2.ScreeningFacts:
    facts = {
        "screening_id": str(uuid4()),
        "cinema_id": "iulius-cluj",
        "local_date": "2027-05-20",
        "format": "2D",
        "event_kind": "FILM",
        "cards_accepted": True,
    }
    return card_pb2.ScreeningFacts(**{**facts, **changes})


def a_seat(seat_id: str = "F7", *, area: str = "STANDARD", supplement: int | None = None) -> Any:
    money = None
    if supplement is not None:
        money = money_pb2.Money(currency_code="RON", minor_units=supplement)
    return card_pb2.SeatFacts(seat_id=seat_id, area=area, supplement=money)


def a_reserve(
    account_id: UUID,
    card_id: UUID,
    *,
    key: tender_service_pb2.LegKey | None = None,
    screening: card_pb2.ScreeningFacts | None = None,
    seats: list[Any] | None = None,
) -> tender_service_pb2.ReservePlacesRequest:
    return tender_service_pb2.ReservePlacesRequest(
        key=key or a_key(),
        account_id=str(account_id),
        card_id=str(card_id),
        screening=screening or a_screening(),
        seats=seats or [a_seat()],
        request_id=str(uuid4()),
    )


@dataclass(frozen=True)
class Refused:
    """What a client sees of a refusal."""

    code: grpc.StatusCode
    reason: str
    metadata: dict[str, str]
    message: str
    retry_after_ms: int
    fields: tuple[str, ...] = ()


async def refused(call: Any) -> Refused:
    """Await a call that must be refused."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        info, retry, bad = ErrorInfo(), RetryInfo(), BadRequest()
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            detail.Unpack(info)
            detail.Unpack(retry)
            detail.Unpack(bad)
        return Refused(
            error.code(),
            info.reason,
            dict(info.metadata),
            str(error.details()),
            retry.retry_delay.ToMilliseconds(),
            tuple(violation.field for violation in bad.field_violations),
        )
    raise AssertionError(f"the call was answered: {answer}")


def write_keys(folder: Path) -> dict[str, Path]:
    """Make the key files that wallet's settings name."""
    code_keys = folder / "code-keys.json"
    pair = {
        name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("hmac", "aes_gcm")
    }
    code_keys.write_text(json.dumps({"current": "test-1", "keys": {"test-1": pair}}))
    service_key = folder / "wallet.pem"
    service_key.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    return {"code_keys_file": code_keys, "service_key_file": service_key}


@asynccontextmanager
async def a_wallet(
    database: ServiceDatabase, folder: Path, *, redis_url: str = "", **settings: Any
) -> AsyncIterator[Wallet]:
    """Serve a wallet on a free port; without Redis the limits are the process's own."""
    limits = {"max_attempts_per_caller": 100_000, "max_attempts_per_code": 100_000}
    options: dict[str, Any] = {
        "database_url": database.app_url,
        "nats_url": "nats://127.0.0.1:1",
        "redis_url": redis_url,
        "booking_address": "127.0.0.1:1",
        "drain_grace_ms": 500,
        "test_clock": True,
        **write_keys(folder),
        **limits,
        **settings,
    }
    async with AsyncExitStack() as stack:
        loaded = WalletSettings(**options)
        parts = await open_parts(loaded, stack, role="rpc")
        limiter = AttemptLimiter.from_url(redis_url)
        stack.push_async_callback(limiter.close)
        log = StringIO()
        server = RpcServer(
            loaded,
            RpcApplication(registrations(parts, limiter), card_number_fields=CODE_FIELDS),
            issuers=_issuers(),
            log_writer=LineWriter(log),
        )
        await server.start()
        stack.push_async_callback(server.stop)
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        )
        yield Wallet(
            parts=parts,
            log=log,
            cards=wallet_service_pb2_grpc.WalletServiceStub(channel),
            tenders=tender_service_pb2_grpc.TenderServiceStub(channel),
            vouchers=voucher_service_pb2_grpc.VoucherServiceStub(channel),
            sales=card_sale_service_pb2_grpc.CardSaleServiceStub(channel),
            decisions=payment_decision_service_pb2_grpc.PaymentDecisionServiceStub(channel),
            points=points_service_pb2_grpc.PointsServiceStub(channel),
            admin=wallet_admin_service_pb2_grpc.WalletAdminServiceStub(channel),
            subjects=subject_service_pb2_grpc.SubjectServiceStub(channel),
            stories=story_service_pb2_grpc.StoryServiceStub(channel),
            feed=event_feed_service_pb2_grpc.EventFeedServiceStub(channel),
            dead_events=dead_event_service_pb2_grpc.DeadEventServiceStub(channel),
            database_url=database.owner_url,
        )


async def set_date(wallet: Wallet, day: date) -> None:
    """Move the database's clock to noon of a day."""
    await wallet.database.execute(
        "UPDATE app_clock_offset SET offset_seconds ="
        " extract(epoch FROM ($1::date + time '12:00') AT TIME ZONE 'UTC' - clock_timestamp())",
        day,
    )


async def settled(*calls: Any) -> list[Any]:
    """Await calls at once; refusals are results."""
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def broken_checks(wallet: Wallet) -> list[str]:
    """Run what `make verify` runs on the wallet's database, without its settling times."""
    return [
        f"{violation.check}: {violation.subject} {violation.detail}"
        for check in checks()
        for violation in await run_check(wallet.database, "wallet", check, wait_s=0)
        if not violation.in_flight
    ]
