"""Deadlines, load and the age of streams."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from services.common.rpc.call import current_call
from services.common.rpc.errors import refusal_of
from tests.rpc.common.echo import (
    SHAPES,
    EchoRequest,
    EchoResponse,
    EchoStub,
    an_echo,
    health_stub,
)

PATIENCE_S = 20
every_shape = pytest.mark.parametrize("shape", SHAPES)
streaming_shape = pytest.mark.parametrize("shape", SHAPES[1:])


async def never(request: Any) -> Any:
    await asyncio.Event().wait()


async def test_a_call_without_a_deadline_gets_the_default() -> None:
    async with an_echo(never, default_call_timeout_ms=50) as echo:
        error = await echo.refusal("Unary")

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert refusal_of(error).reason == "DEADLINE_TOO_SHORT"


async def test_a_method_may_have_a_default_of_its_own() -> None:
    own = {"method_timeouts_ms": {"/test.echo.v1.EchoService/Unary": 50}}

    async with an_echo(never, application=own) as echo:
        error = await echo.refusal("Unary")

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_deadline_beyond_the_longest_is_cut() -> None:
    async with an_echo(never, max_call_timeout_ms=50, default_call_timeout_ms=50) as echo:
        error = await echo.refusal("Unary", timeout=60)

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert refusal_of(error).reason == "DEADLINE_TOO_SHORT"


@every_shape
async def test_too_little_time_to_begin_is_refused(shape: Any) -> None:
    async with an_echo(min_call_timeout_ms=5_000) as echo:
        error = await echo.refusal(shape, timeout=3)

        assert echo.servicer.seen == []

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert refusal_of(error).reason == "DEADLINE_TOO_SHORT"


@streaming_shape
async def test_a_stream_ends_at_its_maximum_age(shape: Any) -> None:
    async with an_echo(never, max_stream_age_ms=50) as echo:
        error = await echo.refusal(shape)

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_slow_time_out_of_our_own_code_is_a_bug_and_not_a_deadline() -> None:
    async def broken(request: Any) -> Any:
        raise TimeoutError

    async with an_echo(broken) as echo:
        error = await echo.refusal("Unary")

    assert error.code() is grpc.StatusCode.INTERNAL


class Gate:
    """A servicer's answer that waits until it is let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)

    async def __call__(self, request: Any) -> Any:
        self.waiting.release()
        await self.open.wait()
        return EchoResponse(text=request.text)


async def test_above_the_limit_calls_are_refused_with_a_retry_hint() -> None:
    gate = Gate()

    async with an_echo(gate, max_in_flight_calls=1, max_queued_calls=0) as echo:
        first = asyncio.create_task(echo.call("Unary", EchoRequest(text="first")))
        await gate.waiting.acquire()
        error = await echo.refusal("Unary")
        gate.open.set()
        answers = await first

    assert answers == ["first"]
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert refusal_of(error).reason == "OVERLOADED"
    assert refusal_of(error).retry_after_ms == 500
    assert ("grpc-retry-pushback-ms", "500") in tuple(error.trailing_metadata())


async def test_a_few_calls_wait_for_their_turn() -> None:
    gate = Gate()

    async with an_echo(
        gate, max_in_flight_calls=1, max_queued_calls=1, max_queue_wait_ms=5_000
    ) as echo:
        first = asyncio.create_task(echo.call("Unary", EchoRequest(text="first")))
        await gate.waiting.acquire()
        second = asyncio.create_task(echo.call("Unary", EchoRequest(text="second")))
        gate.open.set()
        answers = await first + await second

    assert answers == ["first", "second"]


async def test_waiting_has_an_end() -> None:
    gate = Gate()

    async with an_echo(
        gate, max_in_flight_calls=1, max_queued_calls=1, max_queue_wait_ms=30
    ) as echo:
        first = asyncio.create_task(echo.call("Unary", EchoRequest(text="first")))
        await gate.waiting.acquire()
        error = await echo.refusal("Unary")
        gate.open.set()
        await first

    assert refusal_of(error).reason == "OVERLOADED"


async def test_health_is_answered_under_overload() -> None:
    gate = Gate()

    async with an_echo(gate, max_in_flight_calls=1, max_queued_calls=0) as echo:
        first = asyncio.create_task(echo.call("Unary", EchoRequest()))
        await gate.waiting.acquire()
        answer = await health_stub(echo.channel).Check(health_pb2.HealthCheckRequest())
        gate.open.set()
        await first

    assert answer.status in {1, 2}


@streaming_shape
async def test_streams_have_a_limit_of_their_own(shape: Any) -> None:
    gate = Gate()

    async with an_echo(gate, max_open_streams=1) as echo:
        first = asyncio.create_task(echo.call(shape, EchoRequest(text="first")))
        await gate.waiting.acquire()
        error = await echo.refusal(shape)
        gate.open.set()
        unary = await echo.call("Unary", EchoRequest(text="unary"))
        await first

    assert refusal_of(error).reason == "OVERLOADED"
    assert unary == ["unary"]


@every_shape
async def test_places_are_given_back_whatever_happens(shape: Any) -> None:
    async def fail(request: Any) -> Any:
        call = current_call()
        raise RuntimeError(call.request_id)

    async with an_echo(fail, max_in_flight_calls=1, max_open_streams=1) as echo:
        for _ in range(3):
            error = await echo.refusal(shape)

        assert error.code() is grpc.StatusCode.INTERNAL
        assert echo.server.pipeline.calls.in_flight == 0
        assert echo.server.pipeline.streams.in_flight == 0


@pytest.mark.parametrize("shape", ["Down", "Both"])
async def test_a_stream_that_nobody_reads_is_cut_off_and_keeps_no_place(shape: Any) -> None:
    options = [("grpc.http2.lookahead_bytes", 64), ("grpc.http2.bdp_probe", 0)]
    async with an_echo(max_write_wait_ms=20) as echo:
        address = f"127.0.0.1:{echo.server.port}"
        async with grpc.aio.insecure_channel(address, options=options) as narrow:
            requests = [EchoRequest(text="x" * 1_000)]
            call = getattr(EchoStub(narrow), shape)(requests if shape == "Both" else requests[0])
            async with asyncio.timeout(PATIENCE_S):
                while not echo.servicer.seen:  # noqa: ASYNC110 - the servicer tells nobody.
                    await asyncio.sleep(0.005)
                await echo.server.pipeline.streams.idle()

            with pytest.raises(grpc.aio.AioRpcError) as error:
                async with asyncio.timeout(PATIENCE_S):
                    _ = [answer async for answer in call]

    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refusal_of(error.value).reason == "READER_TOO_SLOW"
    assert refusal_of(error.value).retry_after_ms
