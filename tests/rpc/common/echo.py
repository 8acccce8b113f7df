"""An echo service of all four shapes, made without generated code, and a server to call it on."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from typing import Any

import grpc
from buf.validate import validate_pb2
from cinema.type.v1 import access_pb2, criticality_pb2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, MethodOptions
from grpc_health.v1 import health_pb2_grpc

from services.common.config import ServiceSettings
from services.common.log_writer import LineWriter
from services.common.rpc.auth import Issuer, guest, peer_service, person
from services.common.rpc.keys import KeySet, key_set_of
from services.common.rpc.server import RpcApplication, RpcServer
from services.common.rpc.tokens import SERVICES_ISSUER, TokenSigner
from services.common.tracing import Tracing

SERVICE = "test.echo.v1.EchoService"
_TEXT, _INT = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_INT32
SHAPES = ("Unary", "Up", "Down", "Both")


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="test/echo/v1/echo.proto", package="test.echo.v1", syntax="proto3"
    )
    file.dependency.append("cinema/type/v1/access.proto")
    file.dependency.append("cinema/type/v1/criticality.proto")
    file.dependency.append("buf/validate/validate.proto")
    request = file.message_type.add(name="EchoRequest")
    names = ("text", "request_id", "card_number", "page_token")
    for number, name in enumerate(names, start=1):
        request.field.add(name=name, number=number, type=_TEXT, label=1)
    request.field.add(name="page_size", number=5, type=_INT, label=1)
    request.field.add(name="items", number=6, type=_TEXT, label=3)
    request.field[0].options.Extensions[validate_pb2.field].string.max_len = 1000
    response = file.message_type.add(name="EchoResponse")
    response.field.add(name="text", number=1, type=_TEXT, label=1)
    service = file.service.add(name="EchoService")
    rules = {
        "Unary": access_pb2.AccessRule(anyone=True),
        "Up": access_pb2.AccessRule(anyone=True),
        "Down": access_pb2.AccessRule(anyone=True),
        "Both": access_pb2.AccessRule(anyone=True),
        "ForGuests": access_pb2.AccessRule(guest=True),
        "ForAccounts": access_pb2.AccessRule(account=True),
        "ForCashiers": access_pb2.AccessRule(staff=["cashier"]),
        "ForBooking": access_pb2.AccessRule(services=["booking"]),
        "UpForGuests": access_pb2.AccessRule(guest=True),
        "DownForGuests": access_pb2.AccessRule(guest=True),
        "BothForGuests": access_pb2.AccessRule(guest=True),
        "WithoutRule": None,
        "Finishes": access_pb2.AccessRule(anyone=True),
        "NotThere": access_pb2.AccessRule(anyone=True),
    }
    for name, rule in rules.items():
        method = service.method.add(
            name=name,
            input_type=".test.echo.v1.EchoRequest",
            output_type=".test.echo.v1.EchoResponse",
            client_streaming=name.startswith(("Up", "Both")),
            server_streaming=name.startswith(("Down", "Both")),
        )
        if rule is not None:
            method.options.Extensions[access_pb2.access].CopyFrom(rule)
        if name == "Finishes":
            finishes = criticality_pb2.CRITICALITY_FINISHES_WORK
            method.options.Extensions[criticality_pb2.criticality] = finishes
        if name == "Unary":
            method.options.idempotency_level = MethodOptions.IDEMPOTENT
    return file


descriptor_pool.Default().Add(_file())
_descriptor = descriptor_pool.Default().FindServiceByName(SERVICE)
EchoRequest: Any = message_factory.GetMessageClass(_descriptor.methods[0].input_type)
EchoResponse: Any = message_factory.GetMessageClass(_descriptor.methods[0].output_type)

COULD_NOT_SEND = "SendMessageOperation"
MAX_LOST_REFUSALS = 10

KEYS = {name: Ed25519PrivateKey.generate() for name in ("identity", "sessions", "booking")}
IDENTITY = TokenSigner(KEYS["identity"], "parterre-identity", "id-1")
SESSIONS = TokenSigner(KEYS["sessions"], "parterre-booking", "session-1")
BOOKING = TokenSigner(KEYS["booking"], SERVICES_ISSUER, "booking")
ACCOUNT_ID = "019aa84e-0000-7000-8000-000000000001"


def bearer(signer: TokenSigner, subject: str, **options: Any) -> tuple[tuple[str, str], ...]:
    """Metadata with a token."""
    options = {"audience": "parterre", "lifetime_s": 3_600, **options}
    return (("authorization", f"Bearer {signer.sign(subject, **options)}"),)


def as_guest() -> tuple[tuple[str, str], ...]:
    return bearer(SESSIONS, "session-1", claims={"channel": "APP"})


def as_person(*roles: str, subject: str = ACCOUNT_ID, **claims: Any) -> tuple[tuple[str, str], ...]:
    return bearer(IDENTITY, subject, claims={"roles": list(roles), **claims})


def as_booking() -> tuple[tuple[str, str], ...]:
    return bearer(BOOKING, "booking", audience="echo")


def issuers() -> dict[str, Issuer]:
    """The three issuers with the keys of this module."""

    def keys(key_id: str, key: str) -> KeySet:
        return key_set_of({key_id: KEYS[key].public_key()})

    return {
        "parterre-identity": Issuer(
            "parterre-identity", "parterre", keys("id-1", "identity"), person
        ),
        "parterre-booking": Issuer(
            "parterre-booking", "parterre", keys("session-1", "sessions"), guest
        ),
        SERVICES_ISSUER: Issuer(SERVICES_ISSUER, "echo", keys("booking", "booking"), peer_service),
    }


class EchoSettings(ServiceSettings):
    service_name = "echo"


@dataclass
class EchoServicer:
    """Does what a test tells it; by default it says the text back."""

    answer: Callable[[Any], Any] | None = None
    seen: list[Any] = field(default_factory=list)

    async def one(self, request: Any, _context: Any) -> Any:
        self.seen.append(request)
        if self.answer is not None:
            return await self.answer(request)
        return EchoResponse(text=request.text)

    async def up(self, requests: AsyncIterator[Any], context: Any) -> Any:
        texts = [(await self.one(request, context)).text async for request in requests]
        return EchoResponse(text=",".join(texts))

    async def down(self, request: Any, context: Any) -> AsyncIterator[Any]:
        for _ in range(2):
            yield await self.one(request, context)

    async def both(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            yield await self.one(request, context)

    async def not_there(self, _request: Any, context: Any) -> Any:
        context.set_code(grpc.StatusCode.UNIMPLEMENTED)
        raise NotImplementedError


def add_to_server(servicer: EchoServicer, server: Any) -> None:
    """What generated code does."""
    unpack, pack = EchoRequest.FromString, EchoResponse.SerializeToString
    handlers = {}
    for method in _descriptor.methods:
        shape = (method.client_streaming, method.server_streaming)
        make, behaviour = {
            (False, False): (grpc.unary_unary_rpc_method_handler, servicer.one),
            (True, False): (grpc.stream_unary_rpc_method_handler, servicer.up),
            (False, True): (grpc.unary_stream_rpc_method_handler, servicer.down),
            (True, True): (grpc.stream_stream_rpc_method_handler, servicer.both),
        }[shape]
        if method.name == "NotThere":
            behaviour = servicer.not_there
        handlers[method.name] = make(
            behaviour, request_deserializer=unpack, response_serializer=pack
        )
    server.add_registered_method_handlers(SERVICE, handlers)


class EchoStub:
    """What generated code makes of the service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        for method in _descriptor.methods:
            kind = ("stream" if method.client_streaming else "unary") + (
                "_stream" if method.server_streaming else "_unary"
            )
            call = getattr(channel, kind)(
                f"/{SERVICE}/{method.name}",
                request_serializer=lambda message: (
                    message if isinstance(message, bytes) else message.SerializeToString()
                ),
                response_deserializer=EchoResponse.FromString,
            )
            setattr(self, method.name, call)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def health_stub(channel: grpc.aio.Channel) -> Any:
    """Make a stub of the standard health service."""
    make: Any = health_pb2_grpc.HealthStub
    return make(channel)


@dataclass
class Echo:
    """A running echo server and a channel to it."""

    server: RpcServer
    servicer: EchoServicer
    channel: grpc.aio.Channel
    stub: Any
    log: StringIO

    async def call(self, shape: str, *requests: Any, **options: Any) -> list[str]:
        """Call a method of any shape; returns the texts of its answers."""
        method = getattr(self.stub, shape)
        request = _each(requests) if shape.startswith(("Up", "Both")) else requests[0]
        call = method(request, **options)
        if shape.startswith(("Down", "Both")):
            return [answer.text async for answer in call]
        return [(await call).text]

    async def refusal(self, shape: str, *requests: Any, **options: Any) -> grpc.aio.AioRpcError:
        """Call and return the error that is expected.

        A refusal may come while a stream of requests is sent. gRPC's client then says that it could
        not send, and keeps the refusal to itself: the call is made again.
        """
        for _ in range(MAX_LOST_REFUSALS):
            try:
                answer = await self.call(shape, *(requests or (EchoRequest(),)), **options)
            except grpc.aio.AioRpcError as error:
                if COULD_NOT_SEND not in (error.debug_error_string() or ""):
                    return error
            else:
                raise AssertionError(f"the call was answered: {answer}")
        raise AssertionError("each refusal was lost by the client")


async def _each(requests: tuple[Any, ...]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


@asynccontextmanager
async def an_echo(
    answer: Callable[[Any], Any] | None = None,
    application: dict[str, Any] | None = None,
    tracing: Tracing | None = None,
    **settings: Any,
) -> AsyncIterator[Echo]:
    """Serve the echo on a free port."""
    servicer, log = EchoServicer(answer), StringIO()
    server = RpcServer(
        EchoSettings(**{"drain_grace_ms": 500, **settings}),
        RpcApplication([partial(add_to_server, servicer)], **(application or {})),
        issuers=issuers(),
        log_writer=LineWriter(log),
        tracing=tracing,
    )
    await server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
    try:
        yield Echo(server, servicer, channel, EchoStub(channel), log)
    finally:
        await channel.close()
        await server.stop()
