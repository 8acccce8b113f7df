"""Unknown things are NOT_FOUND, or as the call says."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from tests.kit.answers import Line, faults_of
from tests.kit.attack import every_method, report, send
from tests.kit.methods import Method
from tests.kit.spoil import judge
from tests.kit.valid_request import Valid
from tests.kit.wire import Leaf, bytes_field, leaves, with_raw

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.asyncio(loop_scope="module")]

Lines = Mapping[str, Line]
Usable = Callable[[Method], Awaitable[Valid]]


@every_method
async def test_an_unknown_id_is_not_found(method: Method, usable: Usable, lines: Lines) -> None:
    valid = await usable(method)
    faults = []

    for leaf, unknown in _unknown_ids(method, valid):
        request = _with_new_request_id(valid.request)
        raw = with_raw(request, leaf, bytes_field(leaf.field.number, unknown.encode()))
        answer = await send(lines[method.server], method, raw, valid.caller)
        wanted = valid.unknown.get(leaf.path, _not_found(leaf, valid))
        if (answer.reason or "OK") != wanted:
            faults.append(f"{leaf.path}: should be {wanted}, is {answer}")
        faults += [f"{leaf.path}: {fault}" for fault in faults_of(answer)]

    assert not faults, report(faults)


def _with_new_request_id(request: Message) -> Message:
    renewed = type(request)()
    renewed.CopyFrom(request)
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        renewed.request_id = str(uuid4())  # type: ignore[attr-defined]
    return renewed


def _unknown_ids(method: Method, valid: Valid) -> Iterator[tuple[Leaf, str]]:
    """Find the fields that name something by its ID, and an ID that nothing has."""
    for leaf in leaves(valid.request):
        name = leaf.field.name
        if name == "request_id" or not (name == "id" or name.endswith(("_id", "_ids", "_code"))):
            continue
        for unknown in (str(uuid4()), "unknown-thing"):
            raw = with_raw(valid.request, leaf, bytes_field(leaf.field.number, unknown.encode()))
            if judge(method.spec.request_type, raw).is_valid:
                yield leaf, unknown
                break


def _not_found(leaf: Leaf, valid: Valid) -> str:
    if valid.answer.endswith("_NOT_FOUND"):
        return valid.answer
    name = leaf.field.name.removesuffix("s").removesuffix("_id").removesuffix("_code")
    known = {"policy": "TERMS"}
    return f"{known.get(name, name.upper())}_NOT_FOUND"
