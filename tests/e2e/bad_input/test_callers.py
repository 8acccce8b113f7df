"""Who may not call is refused before anything else is looked at, at every method."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import grpc
import pytest

from tests.kit.answers import Answer, Line, Metadata
from tests.kit.attack import BadCall, every_method, faults_in, report
from tests.kit.callers import FOREIGN_CINEMA, GARBAGE, Callers, bearer
from tests.kit.methods import Method
from tests.kit.suite import Suite
from tests.kit.valid_request import Valid

pytestmark = [
    pytest.mark.xdist_group("stack"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.usefixtures("unharmed_by_all"),
]

Lines = Mapping[str, Line]


def refused_as(reason: str, code: grpc.StatusCode) -> Callable[[BadCall, Answer], list[str]]:
    def check(call: BadCall, answer: Answer) -> list[str]:
        del call
        if answer.code is code and answer.reason == reason:
            return []
        return [f"should be {code.name} {reason}, is {answer}"]

    return check


DENIED = refused_as("PERMISSION_DENIED", grpc.StatusCode.PERMISSION_DENIED)
UNKNOWN_CALLER = refused_as("UNAUTHENTICATED", grpc.StatusCode.UNAUTHENTICATED)


def bad_calls(valid: Valid, callers: Mapping[str, Metadata]) -> Iterator[BadCall]:
    """Each caller with a good request, an empty one and one that no parser takes."""
    bodies = {
        "good": valid.request.SerializeToString(),
        "empty": b"",
        "undecodable": b"\xff\xff",
    }
    for who, caller in callers.items():
        for name, raw in bodies.items():
            yield BadCall(f"{who}, {name} request", raw, caller)


@every_method
async def test_nobody_calls_without_a_token_or_with_garbage(
    method: Method, prepared: Mapping[str, Valid], lines: Lines
) -> None:
    # Without a token some methods may be called; with a wrong one none.
    garbage = [value for value in GARBAGE if value or not method.rule.anyone]
    callers: dict[str, Metadata] = {f"{v!r:.30}": (("authorization", v),) for v in garbage}
    if not method.rule.anyone:
        callers["no token"] = ()

    faults = await faults_in(
        lines[method.server], method, bad_calls(prepared[method.name], callers), UNKNOWN_CALLER
    )

    assert not faults, report(faults)


@every_method
async def test_a_wrong_token_is_refused(
    method: Method, suite: Suite, prepared: Mapping[str, Valid], lines: Lines
) -> None:
    raw = prepared[method.name].request.SerializeToString()
    tokens = list(Callers(suite.record).bad_tokens(method.rule, method.server))
    reasons = {name: reason for name, _, reason in tokens}
    calls = [BadCall(name, raw, bearer(token)) for name, token, _ in tokens]

    def check(call: BadCall, answer: Answer) -> list[str]:
        is_right = refused_as(reasons[call.what], grpc.StatusCode.UNAUTHENTICATED)
        return is_right(call, answer)

    faults = await faults_in(lines[method.server], method, calls, check)

    assert not faults, report(faults)


@every_method
async def test_who_may_not_call_is_refused_before_the_request_is_looked_at(
    method: Method,
    suite: Suite,
    prepared: Mapping[str, Valid],
    guest_session: Metadata,
    lines: Lines,
) -> None:
    callers = Callers(suite.record).not_admitted(method.rule, method.server, guest_session)
    outsiders = {} if method.rule.anyone else dict(callers)

    faults = await faults_in(
        lines[method.server], method, bad_calls(prepared[method.name], outsiders), DENIED
    )

    assert outsiders or method.rule.anyone
    assert not faults, report(faults)


@every_method
async def test_staff_of_another_cinema_may_not_act_for_this_one(
    method: Method, suite: Suite, prepared: Mapping[str, Valid], lines: Lines
) -> None:
    valid = prepared[method.name]
    raw, mint = valid.request.SerializeToString(), Callers(suite.record).person
    calls = [
        BadCall(f"{role} of {cinemas}", raw, mint(role, cinemas=cinemas))
        for role in sorted(method.rule.staff)
        for cinemas in ((FOREIGN_CINEMA,), ())
        if valid.is_for_cinema
    ]

    faults = await faults_in(
        lines[method.server],
        method,
        calls,
        refused_as("WRONG_CINEMA", grpc.StatusCode.PERMISSION_DENIED),
    )

    assert not faults, report(faults)


@every_method
async def test_a_staff_call_that_names_a_cinema_is_known_as_one(
    method: Method, prepared: Mapping[str, Valid]
) -> None:
    names = {field.name for field in _fields(method.spec.request_type.DESCRIPTOR, 3)}

    if method.rule.staff and "cinema_id" in names:
        assert prepared[method.name].is_for_cinema


def _fields(descriptor: Any, depth: int) -> Iterator[Any]:
    for field in descriptor.fields:
        yield field
        if field.message_type is not None and depth:
            yield from _fields(field.message_type, depth - 1)
