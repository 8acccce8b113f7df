"""Who may call: tokens are verified, rules are enforced, nothing is open by default."""

import time
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from services.common.rpc.errors import refusal_of
from services.common.rpc.tokens import TokenSigner
from tests.rpc.common.echo import (
    ACCOUNT_ID,
    BOOKING,
    IDENTITY,
    KEYS,
    SESSIONS,
    EchoRequest,
    an_echo,
    as_booking,
    as_guest,
    as_person,
    bearer,
    health_stub,
)

GUESTS_ONLY = ("ForGuests", "UpForGuests", "DownForGuests", "BothForGuests")
NOW, DAY_S = int(time.time()), 86_400


@pytest.mark.parametrize("method", GUESTS_ONLY)
async def test_without_a_token_the_caller_is_unauthenticated(method: Any) -> None:
    async with an_echo() as echo:
        error = await echo.refusal(method)

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal_of(error).reason == "UNAUTHENTICATED"


@pytest.mark.parametrize("method", GUESTS_ONLY)
async def test_with_a_token_of_another_kind_permission_is_denied(method: Any) -> None:
    async with an_echo() as echo:
        error = await echo.refusal(method, metadata=as_person("account"))

        assert echo.servicer.seen == []

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert refusal_of(error).reason == "PERMISSION_DENIED"


@pytest.mark.parametrize("method", GUESTS_ONLY)
async def test_with_the_right_token_the_call_is_answered(method: Any) -> None:
    async with an_echo() as echo:
        answers = await echo.call(method, EchoRequest(text="in"), metadata=as_guest())

    assert set(answers) == {"in"}


async def test_permission_is_denied_before_the_request_is_judged() -> None:
    async with an_echo() as echo:
        error = await echo.refusal("ForGuests", b"\xff\xff", metadata=as_person("account"))

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("method", "metadata"),
    [
        ("ForAccounts", as_person("account")),
        ("ForAccounts", as_person("account", "cashier")),
        ("ForCashiers", as_person("cashier", subject="staff-7", cinemas=["c-1"])),
        ("ForBooking", as_booking()),
        ("Unary", as_person()),
    ],
)
async def test_whom_the_rule_names_may_call(method: Any, metadata: Any) -> None:
    async with an_echo() as echo:
        answers = await echo.call(method, EchoRequest(text="in"), metadata=metadata)

    assert answers == ["in"]


@pytest.mark.parametrize(
    ("method", "metadata"),
    [
        ("ForAccounts", as_guest()),
        ("ForAccounts", as_person("cashier", subject="staff-7")),
        ("ForAccounts", as_booking()),
        ("ForCashiers", as_person("usher", subject="staff-7")),
        ("ForCashiers", as_person("account")),
        ("ForBooking", as_person("operator", subject="booking")),
        ("ForBooking", as_guest()),
    ],
)
async def test_whom_the_rule_does_not_name_may_not(method: Any, metadata: Any) -> None:
    async with an_echo() as echo:
        error = await echo.refusal(method, metadata=metadata)

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_method_without_a_rule_lets_nobody_in() -> None:
    async with an_echo() as echo:
        anonymous = await echo.refusal("WithoutRule")
        service = await echo.refusal("WithoutRule", metadata=as_booking())

    assert anonymous.code() is grpc.StatusCode.UNAUTHENTICATED
    assert service.code() is grpc.StatusCode.PERMISSION_DENIED


FORGER = TokenSigner(KEYS["sessions"], "parterre-identity", "id-1")
STRANGER = TokenSigner(KEYS["identity"], "elsewhere", "id-1")
UNKNOWN_KEY = TokenSigner(KEYS["identity"], "parterre-identity", "id-2")
ROLES = {"roles": ["account"]}


@pytest.mark.parametrize(
    "metadata",
    [
        (("authorization", "Bearer "),),
        (("authorization", "Bearer a.b.c"),),
        (("authorization", "Basic dXNlcjpwYXNz"),),
        (("authorization", "Bearer " + "x" * 5000),),
        bearer(FORGER, ACCOUNT_ID, claims=ROLES),
        bearer(STRANGER, ACCOUNT_ID, claims=ROLES),
        bearer(UNKNOWN_KEY, ACCOUNT_ID, claims=ROLES),
        bearer(IDENTITY, ACCOUNT_ID, audience="another", claims=ROLES),
        bearer(IDENTITY, ACCOUNT_ID, not_before=NOW + DAY_S, claims=ROLES),
        bearer(IDENTITY, "not-a-uuid", claims=ROLES),
        bearer(IDENTITY, ACCOUNT_ID, claims={"roles": "account"}),
        bearer(BOOKING, "wallet", audience="echo"),
        bearer(SESSIONS, ""),
    ],
    ids=range(13),
)
async def test_a_token_that_is_not_valid_here_is_refused_even_where_none_is_needed(
    metadata: Any,
) -> None:
    async with an_echo() as echo:
        error = await echo.refusal("Unary", metadata=metadata)

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal_of(error).reason == "UNAUTHENTICATED"


async def test_an_expired_token_says_so() -> None:
    expired = bearer(SESSIONS, "session-1", not_before=NOW - 900, lifetime_s=300)

    async with an_echo() as echo:
        error = await echo.refusal("ForGuests", metadata=expired)

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal_of(error).reason == "TOKEN_EXPIRED"


async def test_health_is_answered_without_a_token() -> None:
    async with an_echo() as echo:
        answer = await health_stub(echo.channel).Check(health_pb2.HealthCheckRequest())

    assert answer.status in {1, 2}
