"""Sends many bad requests at once and collects what is wrong with the answers."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import grpc
import pytest

from tests.kit.answers import Answer, Line, Metadata, faults_of
from tests.kit.methods import Method, all_methods
from tests.kit.spoil import Judgement, Spoilt

MAX_CALLS_IN_FLIGHT = 16
MAX_SHOWN_VIOLATIONS = 20
MAX_SHOWN_FAULTS = 12

every_method = pytest.mark.parametrize("method", list(all_methods()), ids=lambda each: each.name)
"""Runs a test for each method of each server, by name: a new one is covered, or fails by name."""


async def send(line: Line, method: Method, raw: bytes, metadata: Metadata = ()) -> Answer:
    """Call a method with one raw message, whatever kind of method it is."""
    if method.spec.server_streams and not method.spec.client_streams:
        return await line.begin_watching(method.path, raw, metadata)
    if method.streams:
        return await line.ask_stream(method.path, [raw], metadata)
    return await line.ask(method.path, raw, metadata)


@dataclass(frozen=True)
class BadCall:
    """One call that should be refused."""

    what: str
    raw: bytes
    caller: Metadata


async def faults_in(
    line: Line,
    method: Method,
    calls: Iterable[BadCall],
    check: Callable[[BadCall, Answer], list[str]],
) -> list[str]:
    """Make the calls, some at a time, and name what is wrong with each answer."""
    at_once = asyncio.Semaphore(MAX_CALLS_IN_FLIGHT)

    async def one(call: BadCall) -> list[str]:
        async with at_once:
            answer = await send(line, method, call.raw, call.caller)
        found = [*faults_of(answer), *check(call, answer)]
        return [f"{call.what}: {fault}" for fault in found]

    found = await asyncio.gather(*(one(call) for call in calls))
    return [fault for faults in found for fault in faults]


async def faults_of_spoilt(
    line: Line, method: Method, caller: Metadata, spoilt: Iterable[tuple[Spoilt, Judgement]]
) -> list[str]:
    """Send spoilt requests; what its contract does not allow must be refused as it says."""
    calls, judgements = [], {}
    for each, judgement in spoilt:
        calls.append(BadCall(each.what, each.raw, caller))
        judgements[each.what] = judgement

    def check(call: BadCall, answer: Answer) -> list[str]:
        judgement = judgements[call.what]
        return [] if judgement.is_valid else misjudged(answer, judgement)

    return await faults_in(line, method, calls, check)


def misjudged(answer: Answer, judgement: Judgement) -> list[str]:
    """Compare a refusal with what the contract says is wrong with the request."""
    wanted = "INVALID_FIELD" if judgement.is_decodable else "UNDECODABLE_REQUEST"
    if answer.code is not grpc.StatusCode.INVALID_ARGUMENT or answer.reason != wanted:
        return [f"should be {wanted}, is {answer}"]
    if not judgement.violated or len(judgement.violated) > MAX_SHOWN_VIOLATIONS:
        return []
    if answer.violated_fields != judgement.violated:
        return [f"names {answer.violated_fields}, should name {set(judgement.violated)}"]
    return []


def report(faults: list[str]) -> str:
    """Write faults one a line."""
    shown = faults[:MAX_SHOWN_FAULTS]
    more = len(faults) - len(shown)
    return "\n".join([*shown, *([f"and {more} more"] if more else [])])
