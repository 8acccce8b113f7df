"""A request that breaks its contract is refused, the culprits named, and nothing changes."""

from collections.abc import Mapping
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from tests.kit.answers import Line, faults_of
from tests.kit.attack import every_method, faults_of_spoilt, report, send
from tests.kit.methods import Method
from tests.kit.spoil import judged, spoilt_bytes, spoilt_fields, too_large
from tests.kit.valid_request import Valid

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.asyncio(loop_scope="module")]

SEED = 20261122
MORE_THAN_ANY_LIMIT_BYTES = 4 * 1024 * 1024
WRONG_REQUEST_IDS = (
    "",
    "1",
    "not-a-uuid",
    "6F1F8A0E9C0C4C0E8C535A8F1F6F0001",
    "{6f1f8a0e-9c0c-4c0e-8c53-5a8f1f6f0001}",
    "urn:uuid:6f1f8a0e-9c0c-4c0e-8c53-5a8f1f6f0001",
    " 6f1f8a0e-9c0c-4c0e-8c53-5a8f1f6f0001",
    "6f1f8a0e-9c0c-4c0e-8c53-5a8f1f6f0001\n",
    "6f1f8a0e-9c0c-4c0e-8c53-5a8f1f6f000g",
)
Lines = Mapping[str, Line]


@every_method
async def test_fields_that_break_their_rules_are_named(
    method: Method, prepared: Mapping[str, Valid], lines: Lines, unharmed: None
) -> None:
    valid = prepared[method.name]
    broken = judged(method.spec.request_type, spoilt_fields(valid.request), valid=False)

    faults = await faults_of_spoilt(lines[method.server], method, valid.caller, broken)

    assert not faults, report(faults)


@every_method
async def test_bytes_that_are_no_request_are_refused(
    method: Method, prepared: Mapping[str, Valid], lines: Lines, unharmed: None
) -> None:
    valid = prepared[method.name]
    broken = judged(method.spec.request_type, spoilt_bytes(valid.request, SEED), valid=False)

    faults = await faults_of_spoilt(lines[method.server], method, valid.caller, broken)

    assert broken
    assert not faults, report(faults)


@every_method
async def test_a_request_over_the_size_limit_is_refused(
    method: Method, prepared: Mapping[str, Valid], lines: Lines, unharmed: None
) -> None:
    valid = prepared[method.name]
    raw = too_large(valid.request, MORE_THAN_ANY_LIMIT_BYTES)

    answer = await send(lines[method.server], method, raw, valid.caller)

    assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED, str(answer)
    assert not faults_of(answer)


@every_method
async def test_a_request_id_that_is_no_uuid_is_refused(
    method: Method, prepared: Mapping[str, Valid], lines: Lines, unharmed: None
) -> None:
    valid = prepared[method.name]
    request, path = _copy(valid.request), _request_id_path(valid.request)
    if path is None:
        return
    answers = []

    for wrong in WRONG_REQUEST_IDS:
        _holder(request, path).request_id = wrong
        raw = request.SerializeToString()
        answers.append(await send(lines[method.server], method, raw, valid.caller))

    assert {answer.reason for answer in answers} == {"INVALID_FIELD"}
    assert all(path in answer.violated_fields for answer in answers)
    assert not [fault for answer in answers for fault in faults_of(answer)]


def _copy(message: Message) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _request_id_path(request: Message) -> str | None:
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        return "request_id"
    return "header.request_id" if "header" in request.DESCRIPTOR.fields_by_name else None


def _holder(request: Any, path: str) -> Any:
    return request.header if path.startswith("header.") else request
