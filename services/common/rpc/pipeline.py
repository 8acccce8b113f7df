"""What every call passes through, fused into one frame per method.

The order, from the outside: last resort, request ID with log line and metrics, deadline,
shedding, load limit, authentication, authorisation, decoding and checks, the servicer. Handlers are wrapped once,
when the server is built: gRPC's own interceptors would be looked up and awaited on every call. The
request stays bytes until the caller is let in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any, NoReturn, TypeAlias, cast

import grpc
from google.protobuf.message import Message

from services.common.errors import DomainError, ReaderTooSlowError, RepeatedRequest
from services.common.logging import get_logger
from services.common.rpc.access import DENY_ALL, Criticality, MethodSpec
from services.common.rpc.auth import Authenticator
from services.common.rpc.call import Call
from services.common.rpc.call_log import CallLog
from services.common.rpc.deadlines import DeadlineRules
from services.common.rpc.errors import INTERNAL_REASON, internal_status, wire_status
from services.common.rpc.incoming import open_call
from services.common.rpc.load_limit import LoadLimit
from services.common.rpc.shedding import Shedding, UnderWay
from services.common.rpc.timers import CallTimer, StreamTimer, WriteTimer
from services.common.rpc.validation import RequestChecks
from services.common.telemetry import CallMeter
from services.common.tracing import Tracing

_log = get_logger(__name__)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Servicer: TypeAlias = "Callable[[Any, Context], Any]"
STATUS_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The concerns of one server, shared by its methods. `domain` is that of its reasons."""

    domain: str
    authenticator: Authenticator
    checks: RequestChecks
    calls: LoadLimit
    streams: LoadLimit
    shedding: Shedding
    under_way: UnderWay
    call_log: CallLog
    meter: CallMeter
    deadlines: DeadlineRules = field(default_factory=DeadlineRules)
    max_write_wait_ms: int = 10_000
    tracing: Tracing | None = None
    open_streams: set[asyncio.Timeout] = field(default_factory=set)

    def wrap(
        self, spec: MethodSpec, handler: grpc.RpcMethodHandler[Any, Any]
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """Make the handler that gRPC calls: bytes in, bytes out for unary sides."""
        method = _Method(self, spec, _servicer_of(handler))
        if not spec.client_streams and not spec.server_streams:
            return grpc.unary_unary_rpc_method_handler(method.unary_unary)
        if not spec.server_streams:
            return grpc.stream_unary_rpc_method_handler(
                method.stream_unary, request_deserializer=method.read
            )
        if not spec.client_streams:
            return grpc.unary_stream_rpc_method_handler(
                method.unary_stream, response_serializer=pack
            )
        return grpc.stream_stream_rpc_method_handler(
            method.stream_stream, request_deserializer=method.read, response_serializer=pack
        )

    def end_streams(self, *, after_s: float = 0.0) -> None:
        """Tell all open streams that their time is over, because the server stops."""
        then = asyncio.get_running_loop().time() + after_s
        for timer in tuple(self.open_streams):
            timer.reschedule(then)


def pack(answer: Message | bytes) -> bytes:
    """Serialise an answer; one that is bytes already stays as it is."""
    return answer if isinstance(answer, bytes) else answer.SerializeToString()


class _Method:
    """One method of the server with everything about it looked up beforehand."""

    def __init__(self, pipeline: Pipeline, spec: MethodSpec, servicer: Servicer) -> None:
        streams = spec.client_streams or spec.server_streams
        self._pipeline = pipeline
        self._servicer = servicer
        self._path = spec.path
        self._rule = spec.rule or DENY_ALL
        self._request_type = spec.request_type
        self._limit = pipeline.streams if streams else pipeline.calls
        self._criticality = spec.criticality
        self._may_be_shed = spec.criticality is not Criticality.FINISHES_WORK
        self._deadline = pipeline.deadlines.for_method(spec.path, streams=streams)

    def read(self, raw: bytes) -> Message:
        return self._pipeline.checks.read(self._request_type, raw)

    async def unary_unary(self, raw: bytes, context: Context) -> bytes:
        call = open_call(self._path, context)
        try:
            seconds, own_timer = self._begin(call, context)
            if self._may_be_shed:
                self._pipeline.shedding.must_admit(self._criticality)
            else:
                self._pipeline.under_way.begin(call)
            if not self._limit.try_enter():
                await self._limit.enter(has_precedence=not self._may_be_shed)
            try:
                self._admit(call)
                request = self.read(raw)
                if own_timer:
                    async with CallTimer(seconds):
                        answer = await self._servicer(request, context)
                else:
                    answer = await self._servicer(request, context)
                return pack(answer)
            finally:
                self._limit.leave()
        except RepeatedRequest as repeated:
            return repeated.answer
        except BaseException as error:  # noqa: BLE001 - the last resort: re-raised or answered
            await self._refuse(error, call, context)
        finally:
            self._finish(call)

    async def stream_unary(self, requests: AsyncIterator[Message], context: Context) -> bytes:
        call = open_call(self._path, context)
        try:
            seconds, _ = self._begin(call, context)
            if self._may_be_shed:
                self._pipeline.shedding.must_admit(self._criticality)
            await self._limit.enter()
            try:
                self._admit(call)
                async with StreamTimer(seconds, self._pipeline.open_streams):
                    return pack(await self._servicer(requests, context))
            finally:
                self._limit.leave()
        except RepeatedRequest as repeated:
            return repeated.answer
        except BaseException as error:  # noqa: BLE001 - the last resort: re-raised or answered
            await self._refuse(error, call, context)
        finally:
            self._finish(call)

    async def unary_stream(self, raw: bytes, context: Context) -> None:
        await self._answer_with_stream(lambda: self.read(raw), context)

    async def stream_stream(self, requests: AsyncIterator[Message], context: Context) -> None:
        await self._answer_with_stream(lambda: requests, context)

    async def _answer_with_stream(self, request: Callable[[], Any], context: Context) -> None:
        call = open_call(self._path, context)
        try:
            seconds, _ = self._begin(call, context)
            if self._may_be_shed:
                self._pipeline.shedding.must_admit(self._criticality)
            await self._limit.enter()
            try:
                self._admit(call)
                async with StreamTimer(seconds, self._pipeline.open_streams):
                    await self._write_all(self._servicer(request(), context), context)
            finally:
                self._limit.leave()
        except RepeatedRequest as repeated:
            await context.write(repeated.answer)
        except BaseException as error:  # noqa: BLE001 - the last resort: re-raised or answered
            await self._refuse(error, call, context)
        finally:
            self._finish(call)

    async def _write_all(
        self, answers: AsyncIterator[Message] | Awaitable[None], context: Context
    ) -> None:
        if not isinstance(answers, AsyncIterator):
            await answers  # A servicer that writes to the context by itself.
            return
        try:
            async with WriteTimer(self._pipeline.max_write_wait_ms / 1000) as timer:
                begun = False
                async for answer in answers:
                    timer.begin()
                    if not begun:
                        # Apart from a message that nobody may read: no status arrives before it.
                        await context.send_initial_metadata(())
                        begun = True
                    await context.write(answer)
                    timer.end()
        finally:
            close = getattr(answers, "aclose", None)
            if close is not None:
                await close()

    def _begin(self, call: Call, context: Context) -> tuple[float, bool]:
        """Fix the deadline; returns the seconds and whether we must keep the time ourselves."""
        tracing = self._pipeline.tracing
        if tracing is not None:
            call.span, call.traceparent = tracing.start(call.method, call.traceparent, server=True)
        seconds, own_timer = self._deadline.allow(context.time_remaining())
        call.deadline = monotonic() + seconds
        return seconds, own_timer

    def _admit(self, call: Call) -> None:
        if call.authorization:
            call.caller = self._pipeline.authenticator.caller_of(call.authorization)
        self._rule.admit(call.caller)

    async def _refuse(self, error: BaseException, call: Call, context: Context) -> NoReturn:
        if isinstance(error, DomainError):
            call.reason = error.reason
            status = wire_status(error, domain=self._pipeline.domain, request_id=call.request_id)
        elif isinstance(error, grpc.aio.AbortError):
            call.code = _name_of(context.code())
            raise error
        elif not isinstance(error, Exception):
            # The client went away, its deadline passed, or the server stops.
            call.code = "DEADLINE_EXCEEDED" if call.time_left_s() == 0.0 else "CANCELLED"
            raise error
        elif isinstance(error, NotImplementedError) and _is_unimplemented(context):
            call.code = "UNIMPLEMENTED"
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Not implemented.")
        else:
            _log.error("call_broke", method=call.method, exc_info=error)
            call.reason = INTERNAL_REASON
            status = internal_status(call.request_id)
        call.code = status.code.name
        # A status waits behind what its reader does not read; we do not wait with it.
        patience_s = STATUS_WAIT_S if isinstance(error, ReaderTooSlowError) else None
        try:
            async with asyncio.timeout(patience_s):
                await context.abort_with_status(cast("grpc.Status", status))
        except TimeoutError:
            raise grpc.aio.AbortError from None

    def _finish(self, call: Call) -> None:
        pipeline = self._pipeline
        pipeline.under_way.end(call)
        seconds = perf_counter() - call.started
        pipeline.meter.record(call.method, call.code, seconds)
        pipeline.call_log.write(call, seconds)
        if pipeline.tracing is not None and call.span is not None:
            pipeline.tracing.end(call.span, call.code)


def _servicer_of(handler: grpc.RpcMethodHandler[Any, Any]) -> Servicer:
    return cast(
        "Servicer",
        handler.unary_unary
        or handler.unary_stream
        or handler.stream_unary
        or handler.stream_stream,
    )


def _name_of(code: Any) -> str:
    return code.name if isinstance(code, grpc.StatusCode) else "UNKNOWN"


def _is_unimplemented(context: Context) -> bool:
    return context.code() is grpc.StatusCode.UNIMPLEMENTED
