"""What every call passes through, on all four shapes."""

import asyncio
import json
from typing import Any

import grpc
import pytest

from services.common.errors import (
    DependencyUnavailableError,
    DomainError,
    ErrorKind,
    FieldViolation,
    RepeatedRequest,
)
from services.common.rpc.call import current_call, current_caller
from services.common.rpc.errors import refusal_of
from tests.rpc.common.echo import (
    SHAPES,
    EchoRequest,
    EchoResponse,
    an_echo,
    as_guest,
)

every_shape = pytest.mark.parametrize("shape", SHAPES)


class SoldOutError(DomainError):
    kind = ErrorKind.FAILED_PRECONDITION
    reason = "SOLD_OUT"


@every_shape
async def test_a_call_is_answered(shape: Any) -> None:
    async with an_echo() as echo:
        answers = await echo.call(shape, EchoRequest(text="hello"))

    assert set(answers) == {"hello"}


@every_shape
async def test_a_bug_is_internal_and_tells_the_client_nothing(shape: Any) -> None:
    async def broken(request: Any) -> Any:
        raise RuntimeError("postgres://user:secret@db/booking refused")

    async with an_echo(broken) as echo:
        error = await echo.refusal(shape, metadata=(("x-request-id", "r-1"),))

    assert (error.code(), error.details()) == (grpc.StatusCode.INTERNAL, "Internal error.")
    assert refusal_of(error).reason == "INTERNAL"
    assert refusal_of(error).metadata == {"request_id": "r-1"}
    assert "secret" not in repr(error)


@every_shape
async def test_a_refusal_carries_reason_domain_and_metadata(shape: Any) -> None:
    async def refuse(request: Any) -> Any:
        raise SoldOutError(
            "All seats are sold.",
            violations=[FieldViolation("F12", "sold")],
            retry_after_ms=1500,
            seats=2,
        )

    async with an_echo(refuse) as echo:
        refusal = refusal_of(await echo.refusal(shape))

    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
    assert (refusal.reason, refusal.domain) == ("SOLD_OUT", "echo.cinema")
    assert refusal.metadata == {"seats": "2"}
    assert refusal.violations == (("F12", "sold"),)
    assert refusal.retry_after_ms == 1500


@every_shape
async def test_a_lost_dependency_is_unavailable_with_a_hint_when_to_retry(shape: Any) -> None:
    async def refuse(request: Any) -> Any:
        raise DependencyUnavailableError("database", retry_after_ms=700)

    async with an_echo(refuse) as echo:
        error = await echo.refusal(shape)

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert (refusal_of(error).reason, refusal_of(error).retry_after_ms) == (
        "DEPENDENCY_UNAVAILABLE",
        700,
    )
    assert ("grpc-retry-pushback-ms", "700") in tuple(error.trailing_metadata())


@every_shape
async def test_a_repeated_request_gets_the_stored_answer(shape: Any) -> None:
    async def repeat(request: Any) -> Any:
        raise RepeatedRequest(EchoResponse(text="as before").SerializeToString())

    async with an_echo(repeat) as echo:
        answers = await echo.call(shape, EchoRequest())

    assert answers == ["as before"]


@every_shape
async def test_bytes_that_are_no_request_are_undecodable(shape: Any) -> None:
    async with an_echo() as echo:
        error = await echo.refusal(shape, b"\x0a\xff\xff\xff\xff")

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal_of(error).reason == "UNDECODABLE_REQUEST"


@every_shape
async def test_invalid_utf8_is_undecodable(shape: Any) -> None:
    async with an_echo() as echo:
        error = await echo.refusal(shape, b"\x0a\x02\xff\xfe")

    assert refusal_of(error).reason == "UNDECODABLE_REQUEST"


@every_shape
async def test_a_field_that_breaks_its_rule_is_named(shape: Any) -> None:
    async with an_echo() as echo:
        refusal = refusal_of(await echo.refusal(shape, EchoRequest(text="x" * 1001)))

        assert echo.servicer.seen == []

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert [path for path, _ in refusal.violations] == ["text"]


@every_shape
async def test_text_with_nul_is_refused(shape: Any) -> None:
    async with an_echo() as echo:
        refusal = refusal_of(await echo.refusal(shape, EchoRequest(items=["a", "b\x00c"])))

    assert refusal.violations == (("items[1]", "must not contain NUL"),)


@every_shape
async def test_a_payment_card_number_is_refused(shape: Any) -> None:
    async with an_echo() as echo:
        refusal = refusal_of(await echo.refusal(shape, EchoRequest(text="4111 1111 1111 1111")))

    assert refusal.violations == (("text", "must not contain a card number"),)


@every_shape
async def test_a_field_for_our_own_card_numbers_may_hold_one(shape: Any) -> None:
    fields = {"card_number_fields": frozenset({"card_number"})}

    async with an_echo(application=fields) as echo:
        answers = await echo.call(shape, EchoRequest(text="ok", card_number="4111111111111111"))

    assert set(answers) == {"ok"}


@every_shape
async def test_a_message_above_the_limit_is_refused(shape: Any) -> None:
    async with an_echo(max_request_bytes=2048) as echo:
        error = await echo.refusal(shape, EchoRequest(items=["x" * 4096]))

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_method_that_a_servicer_lacks_is_unimplemented() -> None:
    async with an_echo() as echo:
        error = await echo.refusal("NotThere")

    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


@every_shape
async def test_the_servicer_knows_caller_request_and_deadline(shape: Any) -> None:
    async def tell(request: Any) -> Any:
        call = current_call()
        left = call.time_left_s()
        assert left is not None
        # Nine seconds, rounded up on their way.
        assert 5 < left < 10
        return EchoResponse(
            text=f"{current_caller().principal} {call.request_id} {call.traceparent}"
        )

    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    metadata = (*as_guest(), ("x-request-id", "r-7"), ("traceparent", trace))

    async with an_echo(tell) as echo:
        answers = await echo.call(shape, EchoRequest(), metadata=metadata, timeout=9)

    assert set(answers) == {f"guest:session-1 r-7 {trace}"}


async def test_an_odd_request_id_is_replaced() -> None:
    async def tell(request: Any) -> Any:
        return EchoResponse(text=current_call().request_id)

    async with an_echo(tell) as echo:
        [request_id] = await echo.call("Unary", EchoRequest(), metadata=(("x-request-id", 'a"b'),))

    assert len(request_id) == 36


@every_shape
async def test_each_call_leaves_one_log_line_and_one_count(shape: Any) -> None:
    async with an_echo() as echo:
        await echo.call(shape, EchoRequest(text="hi"), metadata=as_guest())
        server, log = echo.server, echo.log

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["status"] for line in lines] == ["OK"]
    assert lines[0]["method"] == f"/test.echo.v1.EchoService/{shape}"
    assert lines[0]["caller"].startswith("guest:")
    assert "session-1" not in log.getvalue()
    assert server.pipeline.meter.count(f"/test.echo.v1.EchoService/{shape}", "OK") == 1


@every_shape
async def test_a_call_that_the_client_gives_up_is_cancelled_and_counted(shape: Any) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(request: Any) -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with an_echo(wait) as echo:
        call = asyncio.create_task(echo.call(shape, EchoRequest()))
        await begun.wait()
        call.cancel()
        await cancelled.wait()
        with pytest.raises(asyncio.CancelledError):
            await call
        server = echo.server

    assert server.pipeline.meter.count(f"/test.echo.v1.EchoService/{shape}", "CANCELLED") == 1
