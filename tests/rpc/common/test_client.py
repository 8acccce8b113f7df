"""Calling a peer: identity, deadline, request ID and trace go along; lost peers are told apart."""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any

import grpc
import pytest

from services.common.errors import (
    DeadlineTooShortError,
    DependencyUnavailableError,
    DomainError,
    ErrorKind,
    OverloadedError,
)
from services.common.rpc.call import Call, current_call, current_caller, set_call
from services.common.rpc.circuit import Circuit
from services.common.rpc.client import Peer, PeerLimits, open_channel, refusal_of
from services.common.rpc.service_config import service_config
from services.common.rpc.tokens import ServiceIdentity
from tests.rpc.common.echo import KEYS, SERVICE, EchoRequest, EchoResponse, EchoStub, an_echo

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class ProviderUnavailableError(DomainError):
    kind = ErrorKind.UNAVAILABLE
    reason = "PROVIDER_UNAVAILABLE"


def a_peer(port: Any, **options: Any) -> Any:
    channel = open_channel(f"127.0.0.1:{port}", [SERVICE], max_attempts=2)
    return Peer("echo", channel, ServiceIdentity("booking", KEYS["booking"]), **options)


async def test_a_peer_is_called_with_our_identity_and_the_callers_request_id_and_trace() -> None:
    async def tell(request: Any) -> Any:
        call = current_call()
        return EchoResponse(
            text=f"{current_caller().principal} {call.request_id} {call.traceparent}"
        )

    set_call(Call("/a/B", "r-9", traceparent=TRACE))

    async with an_echo(tell) as echo:
        peer = a_peer(echo.server.port)
        answer = await peer.stub(EchoStub).ForBooking(EchoRequest())
        await peer.close()

    assert answer.text == f"service:booking r-9 {TRACE}"


async def test_the_peer_gets_what_remains_of_the_deadline_minus_a_margin() -> None:
    async def tell(request: Any) -> Any:
        return EchoResponse(text=str(current_call().time_left_s()))

    now = monotonic()
    set_call(Call("/a/B", "r-9", deadline=now + 2.0))

    async with an_echo(tell) as echo:
        peer = a_peer(echo.server.port, limits=PeerLimits(deadline_margin_ms=500))
        answer = await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()

    assert 0 < float(answer.text) <= 1.5


async def test_with_too_little_time_left_the_peer_is_not_asked() -> None:
    now = monotonic()
    set_call(Call("/a/B", "r-9", deadline=now + 0.05))

    async with an_echo() as echo:
        peer = a_peer(echo.server.port)
        with pytest.raises(DeadlineTooShortError):
            await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()

        assert echo.servicer.seen == []


async def test_a_dead_peer_is_an_unavailable_dependency() -> None:
    async with an_echo() as echo:
        port = echo.server.port
    peer = a_peer(port)

    with pytest.raises(DependencyUnavailableError) as caught:
        await peer.stub(EchoStub).Unary(EchoRequest())
    await peer.close()

    assert caught.value.metadata == {"dependency": "echo"}


async def test_a_peer_that_is_too_slow_is_an_unavailable_dependency() -> None:
    async def never(request: Any) -> Any:
        await asyncio.Event().wait()

    async with an_echo(never) as echo:
        peer = a_peer(echo.server.port, limits=PeerLimits(call_timeout_ms=100))
        with pytest.raises(DependencyUnavailableError):
            await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()


async def test_an_overloaded_peer_is_an_unavailable_dependency_with_its_hint() -> None:
    async def refuse(request: Any) -> Any:
        raise OverloadedError(retry_after_ms=40)

    async with an_echo(refuse) as echo:
        peer = a_peer(echo.server.port)
        with pytest.raises(DependencyUnavailableError) as caught:
            await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()

    assert caught.value.retry_after_ms == 40


async def test_a_peers_own_refusal_stays_readable_by_reason() -> None:
    async def refuse(request: Any) -> Any:
        raise ProviderUnavailableError("The provider is down.", provider="payu")

    async with an_echo(refuse) as echo:
        peer = a_peer(echo.server.port)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()

    refusal = refusal_of(caught.value)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "PROVIDER_UNAVAILABLE")
    assert refusal.metadata == {"provider": "payu"}


async def test_an_idempotent_call_is_retried_once_on_unavailable() -> None:
    attempts = []

    async def fail_first(request: Any) -> Any:
        attempts.append(1)
        if len(attempts) == 1:
            raise OverloadedError(retry_after_ms=1)
        return EchoResponse(text="second")

    async with an_echo(fail_first) as echo:
        peer = a_peer(echo.server.port)
        answer = await peer.stub(EchoStub).Unary(EchoRequest())
        await peer.close()

    assert (answer.text, len(attempts)) == ("second", 2)


async def test_a_call_that_is_not_idempotent_is_never_retried() -> None:
    attempts = []

    async def fail(request: Any) -> Any:
        attempts.append(1)
        raise OverloadedError(retry_after_ms=1)

    async with an_echo(fail) as echo:
        peer = a_peer(echo.server.port)
        with pytest.raises(DependencyUnavailableError):
            await peer.stub(EchoStub).ForBooking(EchoRequest())
        await peer.close()

    assert len(attempts) == 1


def test_the_service_config_names_only_idempotent_methods() -> None:
    assert f'{{"service": "{SERVICE}", "method": "Unary"}}' in service_config([SERVICE])
    assert "ForBooking" not in service_config([SERVICE])


async def test_streams_carry_the_identity_too() -> None:
    async def tell(request: Any) -> Any:
        return EchoResponse(text=current_caller().principal)

    async with an_echo(tell) as echo:
        peer = a_peer(echo.server.port)
        answers = [each.text async for each in peer.stub(EchoStub).Down(EchoRequest())]
        await peer.close()

    assert answers == ["service:booking", "service:booking"]


async def test_after_several_failures_the_peer_is_left_alone() -> None:
    async with an_echo() as echo:
        port = echo.server.port
    peer = a_peer(port, circuit=Circuit(max_failures=1, open_ms=60_000))
    stub = peer.stub(EchoStub)
    with pytest.raises(DependencyUnavailableError):
        await stub.Unary(EchoRequest())

    async with an_echo(listen=f"127.0.0.1:{port}") as echo:
        with pytest.raises(DependencyUnavailableError):
            await stub.Unary(EchoRequest())

        assert echo.servicer.seen == []
    await peer.close()


async def test_a_peer_answers_when_its_channel_is_connected() -> None:
    async with an_echo() as echo:
        peer = a_peer(echo.server.port)
        await peer.answers()
        await peer.close()


def test_a_service_token_is_kept_until_it_is_time_to_renew() -> None:
    identity = ServiceIdentity("booking", KEYS["booking"])

    assert identity.bearer_for("wallet") == identity.bearer_for("wallet")
    assert identity.bearer_for("wallet") != identity.bearer_for("payment")


def test_a_service_token_is_renewed_in_time() -> None:
    identity = ServiceIdentity("booking", KEYS["booking"], lifetime_s=0)

    assert identity.bearer_for("wallet") != identity.bearer_for("wallet")


def test_limits_without_a_call_are_the_peers_own() -> None:
    limits = PeerLimits(call_timeout_ms=4_000)

    assert limits.timeout_s(None) == 4.0
    assert replace(limits, call_timeout_ms=1_000).timeout_s(None) == 1.0
