"""What a server answers, and what is wrong with an answer whatever was asked."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import grpc

from deploy.error_table import refusals
from services.common.rpc.client import refusal_of

Metadata = tuple[tuple[str, str], ...]

CHANNEL_OPTIONS = (("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))
CALL_TIMEOUT_S = 10.0
# Well inside the deadline, on two busy cores.
MAX_ANSWER_S = 5.0
MAX_TEXT_CHARACTERS = 1_000
DOCUMENTED = {(each.domain, each.reason): each for each in refusals()}
# What gRPC itself answers, below our own code and without its details.
BY_TRANSPORT = frozenset({grpc.StatusCode.RESOURCE_EXHAUSTED})
INTERNALS = re.compile(
    r"Traceback|File \"|\.py\b|\.pyx\b|site-packages|/usr/|/home/|/root/|/tmp/|/work"
    r"|asyncpg|sqlalchemy|psycopg|postgres|redis|nats|grpc\.|protobuf|protovalidate|_pb2|upb"
    r"|services\.|object at 0x|<class|<bound|\b[A-Z]\w+(?:Error|Exception)\b"
    r"|SELECT |INSERT |UPDATE \w+ SET|DELETE FROM|relation \"|constraint|violates|column"
    r"|127\.0\.0\.1|localhost|password|Bearer|eyJ",
    re.IGNORECASE,
)
# Rules of ours that happen to contain such a word.
_ALLOWED = re.compile(r"booking\.cinema|wallet\.cinema|payment\.cinema|catalog\.cinema")


@dataclass(frozen=True)
class Answer:
    """An answer: `body` when it is OK, else what the status says."""

    code: grpc.StatusCode
    seconds: float
    body: bytes = b""
    text: str = ""
    reason: str = ""
    domain: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: tuple[tuple[str, str], ...] = ()

    @property
    def is_ok(self) -> bool:
        return self.code is grpc.StatusCode.OK

    @property
    def violated_fields(self) -> set[str]:
        return {path for path, _ in self.violations}

    def says(self) -> str:
        """All text of the refusal that a client can read."""
        pieces = [self.text, *self.metadata.values()]
        pieces += [piece for violation in self.violations for piece in violation]
        return "\n".join(pieces)

    def __str__(self) -> str:
        shown = f"{self.code.name} {self.reason} {self.text[:200]!r}"
        return f"{shown} {self.violations[:3]}" if self.violations else shown


@dataclass(frozen=True)
class Line:
    """Plain channels to one server, without retries and without limits of their own.

    Streams go through gRPC's blocking client: the asyncio one sometimes reports an error of its own
    when a server ends a call before it was told everything.
    """

    address: str

    @cached_property
    def channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    @cached_property
    def blocking(self) -> grpc.Channel:
        return grpc.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    async def ask(self, path: str, request: bytes, metadata: Metadata = ()) -> Answer:
        """Call a unary method with raw bytes."""
        began = time.monotonic()
        method: Any = self.channel.unary_unary(path)
        try:
            body: bytes = await method(request, metadata=metadata, timeout=CALL_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return refused(error, time.monotonic() - began)
        return Answer(grpc.StatusCode.OK, time.monotonic() - began, body=body)

    async def ask_stream(
        self, path: str, requests: Sequence[bytes], metadata: Metadata = ()
    ) -> Answer:
        """Call a streaming method with raw messages; `body` is the last one that comes back."""
        return await asyncio.to_thread(self._ask_stream, path, requests, metadata)

    async def begin_watching(self, path: str, request: bytes, metadata: Metadata = ()) -> Answer:
        """Call a method that answers for long; `body` is the first message, then we go."""
        return await asyncio.to_thread(self._begin_watching, path, request, metadata)

    async def close(self) -> None:
        if "channel" in self.__dict__:
            await self.channel.close()
        if "blocking" in self.__dict__:
            self.blocking.close()

    def _ask_stream(self, path: str, requests: Sequence[bytes], metadata: Metadata) -> Answer:
        began = time.monotonic()
        method: Any = self.blocking.stream_stream(path)
        body = b""
        try:
            for piece in method(iter(requests), metadata=metadata, timeout=CALL_TIMEOUT_S):
                body = piece
        except grpc.RpcError as error:
            return refused(error, time.monotonic() - began)
        return Answer(grpc.StatusCode.OK, time.monotonic() - began, body=body)

    def _begin_watching(self, path: str, request: bytes, metadata: Metadata) -> Answer:
        began = time.monotonic()
        method: Any = self.blocking.unary_stream(path)
        messages = method(request, metadata=metadata, timeout=CALL_TIMEOUT_S)
        try:
            body: bytes = next(messages, b"")
        except grpc.RpcError as error:
            return refused(error, time.monotonic() - began)
        messages.cancel()
        return Answer(grpc.StatusCode.OK, time.monotonic() - began, body=body)


def refused(error: Any, seconds: float) -> Answer:
    """Read what a refusal says."""
    metadata = grpc.aio.Metadata(*(error.trailing_metadata() or ()))
    refusal = refusal_of(
        grpc.aio.AioRpcError(error.code(), grpc.aio.Metadata(), metadata, error.details())
    )
    return Answer(
        code=error.code(),
        seconds=seconds,
        text=error.details() or "",
        reason=refusal.reason,
        domain=refusal.domain,
        metadata=refusal.metadata,
        violations=refusal.violations,
    )


def faults_of(answer: Answer) -> list[str]:
    """Name what is wrong with an answer to anything: nothing, for one that keeps the rules."""
    faults = []
    if answer.seconds > MAX_ANSWER_S:
        faults.append(f"took {answer.seconds:.1f} s")
    if answer.is_ok:
        return faults
    says = _ALLOWED.sub("", answer.says())
    if found := INTERNALS.search(says):
        faults.append(f"tells internals: {found.group()!r} in {says[:300]!r}")
    if len(answer.text) > MAX_TEXT_CHARACTERS:
        faults.append(f"says {len(answer.text)} characters")
    if not answer.reason and answer.code not in BY_TRANSPORT:
        faults.append(f"has no ErrorInfo: {answer}")
    elif answer.reason:
        faults += _undocumented(answer)
    return faults


# CONCURRENT_CHANGE tells the fresh etag only where the call names one.
WHERE_THERE_IS_ONE = frozenset({"etag"})


def _undocumented(answer: Answer) -> list[str]:
    documented = DOCUMENTED.get((answer.domain, answer.reason))
    if documented is None:
        return [f"{answer.domain} {answer.reason} is in no contract"]
    if documented.reason == "INTERNAL":
        return [f"is INTERNAL: {answer.metadata}"]
    if documented.code != answer.code.name:
        return [f"{answer.reason} is {answer.code.name}, documented as {documented.code}"]
    missing = set(documented.metadata) - set(answer.metadata) - WHERE_THERE_IS_ONE
    return [f"{answer.reason} lacks metadata {sorted(missing)}"] if missing else []
