"""Calling other services: identity, deadline, request ID and trace go along by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NoReturn, Self, TypeVar, cast

import grpc

from services.common.config import ServiceSettings
from services.common.errors import (
    COMMON_DOMAIN,
    DeadlineTooShortError,
    DependencyUnavailableError,
)
from services.common.rpc.call import current_call_or_none
from services.common.rpc.circuit import Circuit
from services.common.rpc.errors import Refusal, refusal_of
from services.common.rpc.service_config import (
    CLIENT_MAX_ATTEMPTS,
    PEER_MAX_ATTEMPTS,
    service_config,
)
from services.common.rpc.tokens import ServiceIdentity
from services.common.telemetry import CallMeter
from services.common.tracing import Tracing

__all__ = ["Peer", "PeerLimits", "Refusal", "open_channel", "open_peer", "refusal_of"]

KEEPALIVE_TIME_MS = 20_000
KEEPALIVE_TIMEOUT_MS = 5_000
MIN_RECONNECT_BACKOFF_MS = 100
MAX_RECONNECT_BACKOFF_MS = 2_000
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
_LOST = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})
Stub = TypeVar("Stub")
Metadata = tuple[tuple[str, str], ...]


def open_channel(
    address: str, services: Iterable[str] = (), *, max_attempts: int = CLIENT_MAX_ATTEMPTS
) -> grpc.aio.Channel:
    """Open a plain channel whose retries follow the services' protos; close it when done."""
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.service_config", service_config(services, max_attempts=max_attempts)),
            ("grpc.enable_retries", 1),
            ("grpc.keepalive_time_ms", KEEPALIVE_TIME_MS),
            ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
            ("grpc.initial_reconnect_backoff_ms", MIN_RECONNECT_BACKOFF_MS),
            ("grpc.min_reconnect_backoff_ms", MIN_RECONNECT_BACKOFF_MS),
            ("grpc.max_reconnect_backoff_ms", MAX_RECONNECT_BACKOFF_MS),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ],
    )


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """Times in milliseconds: of a call without a deadline, and what is kept for ourselves."""

    call_timeout_ms: int = 4_000
    deadline_margin_ms: int = 50
    min_call_timeout_ms: int = 20

    def timeout_s(self, wanted_s: float | None) -> float:
        """Bound the time by the call being served; raises DEADLINE_TOO_SHORT."""
        seconds = self.call_timeout_ms / 1000 if wanted_s is None else wanted_s
        call = current_call_or_none()
        left_s = call.time_left_s() if call is not None else None
        if left_s is not None:
            seconds = min(seconds, left_s - self.deadline_margin_ms / 1000)
        if seconds < self.min_call_timeout_ms / 1000:
            raise DeadlineTooShortError
        return seconds


@dataclass(slots=True)
class Peer:
    """Another service. `stub(XServiceStub)` gives its calls.

    A peer that does not answer, is overloaded or is too late raises DependencyUnavailableError:
    whether it did the work is unknown. Its other refusals stay `AioRpcError`; read them with
    `refusal_of` and decide by reason.
    """

    name: str
    channel: grpc.aio.Channel
    identity: ServiceIdentity | None = None
    limits: PeerLimits = field(default_factory=PeerLimits)
    circuit: Circuit = field(default_factory=Circuit)
    meter: CallMeter | None = None
    tracing: Tracing | None = None
    _stubs: dict[Any, Any] = field(default_factory=dict, init=False)

    def stub(self, stub_type: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """Give the peer's stub of a type, made once: all its methods are."""
        made = self._stubs.get(stub_type)
        if made is None:
            made = self._stubs[stub_type] = stub_type(cast("grpc.aio.Channel", _PeerChannel(self)))
        return cast("Stub", made)

    async def answers(self) -> None:
        """Return when the channel is connected; a readiness check."""
        state = self.channel.get_state(try_to_connect=True)
        while state is not grpc.ChannelConnectivity.READY:
            await self.channel.wait_for_state_change(state)
            state = self.channel.get_state(try_to_connect=True)

    async def close(self) -> None:
        await self.channel.close()

    def metadata(self, extra: Metadata | None, traceparent: str = "") -> Metadata:
        """Collect what goes along with a call."""
        collected = list(extra or ())
        if self.identity is not None:
            collected.append(("authorization", self.identity.bearer_for(self.name)))
        call = current_call_or_none()
        if call is not None:
            collected.append(("x-request-id", call.request_id))
            traceparent = traceparent or call.traceparent
        if traceparent:
            collected.append(("traceparent", traceparent))
        return tuple(collected)

    def must_be_allowed(self) -> None:
        """Raise when the circuit is open."""
        if not self.circuit.allows():
            raise DependencyUnavailableError(self.name)

    def raise_for(self, error: grpc.aio.AioRpcError) -> NoReturn:
        """Tell a lost peer from one that refuses."""
        refusal = refusal_of(error)
        if error.code() in _LOST and not refusal.domain:
            self.circuit.failed()
        else:
            self.circuit.succeeded()
        if error.code() in _LOST and refusal.domain in {"", COMMON_DOMAIN}:
            raise DependencyUnavailableError(
                self.name, retry_after_ms=refusal.retry_after_ms or 1_000
            ) from error
        raise error


def open_peer(
    settings: ServiceSettings,
    name: str,
    address: str,
    services: Iterable[str],
    *,
    meter: CallMeter | None = None,
    tracing: Tracing | None = None,
) -> Peer:
    """Open a channel to a service by the settings; `services` are its full proto names."""
    key_file = settings.service_key_file
    return Peer(
        name=name,
        channel=open_channel(address, services, max_attempts=PEER_MAX_ATTEMPTS),
        identity=ServiceIdentity.from_file(settings.service_name, key_file) if key_file else None,
        limits=PeerLimits(
            call_timeout_ms=settings.peer_call_timeout_ms,
            deadline_margin_ms=settings.peer_deadline_margin_ms,
            min_call_timeout_ms=settings.min_call_timeout_ms,
        ),
        meter=meter,
        tracing=tracing,
    )


class _PeerChannel:
    """What generated stubs take for a channel; it makes calls that carry everything along."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def unary_unary(self, path: str, *args: Any, **options: Any) -> Callable[..., Awaitable[Any]]:
        return self._one_answer(path, self._peer.channel.unary_unary(path, *args, **options))

    def stream_unary(self, path: str, *args: Any, **options: Any) -> Callable[..., Awaitable[Any]]:
        return self._one_answer(path, self._peer.channel.stream_unary(path, *args, **options))

    def unary_stream(self, path: str, *args: Any, **options: Any) -> Callable[..., Any]:
        return self._many_answers(self._peer.channel.unary_stream(path, *args, **options))

    def stream_stream(self, path: str, *args: Any, **options: Any) -> Callable[..., Any]:
        return self._many_answers(self._peer.channel.stream_stream(path, *args, **options))

    def _one_answer(self, path: str, begin: Any) -> Callable[..., Awaitable[Any]]:
        peer = self._peer

        async def call(
            request: Any,
            *,
            timeout: float | None = None,  # noqa: ASYNC109 - as in gRPC's own callables
            metadata: Metadata | None = None,
        ) -> Any:
            seconds = peer.limits.timeout_s(timeout)
            peer.must_be_allowed()
            with _Watched(peer, path) as watched:
                try:
                    answer = await begin(
                        request,
                        timeout=seconds,
                        metadata=peer.metadata(metadata, watched.traceparent),
                    )
                except grpc.aio.AioRpcError as error:
                    watched.code = error.code().name
                    peer.raise_for(error)
            peer.circuit.succeeded()
            return answer

        return call

    def _many_answers(self, begin: Any) -> Callable[..., AsyncIterator[Any]]:
        peer = self._peer

        async def call(
            request: Any,
            *,
            timeout: float | None = None,  # noqa: ASYNC109 - as in gRPC's own callables
            metadata: Metadata | None = None,
        ) -> AsyncIterator[Any]:
            peer.must_be_allowed()
            stream = begin(request, timeout=timeout, metadata=peer.metadata(metadata))
            try:
                async for answer in stream:
                    yield answer
            except grpc.aio.AioRpcError as error:
                peer.raise_for(error)
            finally:
                stream.cancel()

        return call


class _Watched:
    """Meters a call and puts a span around it, when those are on."""

    def __init__(self, peer: Peer, path: str) -> None:
        self._peer = peer
        self._path = path
        self.code = "OK"
        self.traceparent = ""

    def __enter__(self) -> Self:
        self._started = perf_counter()
        if self._peer.tracing is not None:
            call = current_call_or_none()
            parent = call.traceparent if call is not None else ""
            self._span, self.traceparent = self._peer.tracing.start(
                self._path, parent, server=False
            )
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncio.CancelledError):
            self.code = "CANCELLED"
        if self._peer.meter is not None:
            self._peer.meter.record(self._path, self.code, perf_counter() - self._started)
        if self._peer.tracing is not None:
            self._peer.tracing.end(self._span, self.code)
