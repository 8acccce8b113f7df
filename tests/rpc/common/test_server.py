"""Start, health, reflection, the side port, and stopping without losing a call."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp
import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.common.rpc import health
from services.common.rpc.process import serve
from services.common.rpc.server import RpcApplication
from tests.rpc.common.echo import (
    SERVICE,
    EchoRequest,
    EchoResponse,
    EchoServicer,
    EchoSettings,
    add_to_server,
    an_echo,
    health_stub,
)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Dependency:
    """Answers, or not."""

    def __init__(self, *, up: Any) -> None:
        self.up = up

    async def ping(self) -> Any:
        if not self.up:
            raise ConnectionRefusedError


async def health_changes(channel: Any, service: Any = SERVICE) -> Any:
    request = health_pb2.HealthCheckRequest(service=service)
    async for answer in health_stub(channel).Watch(request):
        yield answer.status


async def test_health_follows_what_the_service_needs() -> None:
    database = Dependency(up=False)

    async with an_echo(
        application={"readiness": {"database": database.ping}}, readiness_interval_ms=50
    ) as echo:
        changes = health_changes(echo.channel)
        at_first = await anext(changes)
        database.up = True
        when_up = await anext(changes)
        database.up = False
        when_lost = await anext(changes)
        await changes.aclose()

    assert (at_first, when_up, when_lost) == (NOT_SERVING, SERVING, NOT_SERVING)


async def test_what_does_not_answer_is_asked_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOST_S", 0.01)
    database = Dependency(up=False)

    async with an_echo(
        application={"readiness": {"database": database.ping}}, readiness_interval_ms=60_000
    ) as echo:
        changes = health_changes(echo.channel)
        at_first = await anext(changes)
        database.up = True
        when_up = await anext(changes)
        await changes.aclose()

    assert (at_first, when_up) == (NOT_SERVING, SERVING)


async def test_health_of_the_whole_server_is_known_too() -> None:
    async with an_echo(readiness_interval_ms=50) as echo:
        async for status in health_changes(echo.channel, ""):
            if status == SERVING:
                break

    assert status == SERVING


async def test_a_check_that_hangs_means_not_ready() -> None:
    async def hang() -> Any:
        await asyncio.Event().wait()

    async with an_echo(
        application={"readiness": {"database": hang}}, readiness_timeout_ms=50
    ) as echo:
        await echo.server.readiness.check()

        assert not echo.server.readiness.ready
        assert echo.server.readiness.failing == {"database"}


async def list_services(channel: Any) -> Any:
    make_stub: Any = reflection_pb2_grpc.ServerReflectionStub
    stub = make_stub(channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    answer = await call.read()
    await call.done_writing()
    return {service.name for service in answer.list_services_response.service}


async def test_reflection_is_there_by_setting() -> None:
    async with an_echo(reflection=True) as echo:
        services = await list_services(echo.channel)

    assert SERVICE in services


async def test_reflection_is_off_by_default() -> None:
    async with an_echo() as echo:
        try:
            await list_services(echo.channel)
        except grpc.aio.AioRpcError as error:
            code = error.code()

    assert code is grpc.StatusCode.UNIMPLEMENTED


async def test_two_servers_share_a_port_and_have_their_own() -> None:
    async with an_echo(own_listen="127.0.0.1:0") as first:
        shared = f"127.0.0.1:{first.server.port}"
        async with an_echo(listen=shared, own_listen="127.0.0.1:0") as second:
            ports = {first.server.own_port, second.server.own_port}
            answers = await second.call("Unary", EchoRequest(text="shared"))

            assert second.server.port == first.server.port

    assert len(ports) == 2
    assert answers == ["shared"]


async def test_the_side_port_tells_metrics_liveness_readiness_and_version() -> None:
    database = Dependency(up=False)
    application = {"readiness": {"database": database.ping}}

    async with an_echo(application=application, metrics_listen="127.0.0.1:0") as echo:
        await echo.call("Unary", EchoRequest(text="hi"))
        root = f"http://127.0.0.1:{echo.server.metrics_port}"
        async with aiohttp.ClientSession() as web:
            metrics = await (await web.get(f"{root}/metrics")).text()
            alive = (await web.get(f"{root}/healthz")).status
            not_ready = (await web.get(f"{root}/readyz")).status
            database.up = True
            await echo.server.readiness.check()
            ready = (await web.get(f"{root}/readyz")).status
            version = await (await web.get(f"{root}/version")).json()

    assert (
        'rpc_server_call_duration_seconds_count{code="OK",method="/test.echo.v1.EchoService/Unary"}'
        " 1.0" in metrics
    )
    assert "rpc_server_calls_in_flight 0.0" in metrics
    assert (alive, not_ready, ready) == (200, 503, 200)
    assert version["service"] == "echo"


async def test_stopping_lets_a_call_in_flight_end() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(request: Any) -> Any:
        begun.set()
        await go.wait()
        return EchoResponse(text="finished")

    async with an_echo(slow, drain_grace_ms=5_000) as echo:
        call = asyncio.create_task(echo.call("Unary", EchoRequest()))
        await begun.wait()
        stopping = asyncio.create_task(echo.server.stop())
        go.set()
        answers = await call
        await stopping

    assert answers == ["finished"]


async def test_stopping_ends_open_streams_at_once() -> None:
    begun = asyncio.Event()

    async def watch(request: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    async with an_echo(watch, drain_grace_ms=60_000) as echo:
        call = asyncio.create_task(echo.refusal("Down"))
        await begun.wait()
        await echo.server.stop()
        error = await call

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_process_closes_what_it_opened_in_reverse_order() -> None:
    closed: list[str] = []
    stopping = asyncio.Event()
    stopping.set()

    async def build(settings: Any, stack: AsyncExitStack) -> Any:
        stack.callback(closed.append, "engine")
        stack.callback(closed.append, "peer")
        return RpcApplication([partial(add_to_server, EchoServicer())])

    await serve(EchoSettings(drain_grace_ms=100), build, stopping=stopping)

    assert closed == ["peer", "engine"]
