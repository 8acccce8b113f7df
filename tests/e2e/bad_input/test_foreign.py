"""What belongs to somebody else is exactly as unknown as what does not exist."""

import re
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message

from deploy.demo.attach import stage_of
from deploy.demo.buyer import Buyer
from tests.kit.answers import Answer, Line, Metadata, faults_of
from tests.kit.attack import every_method, send
from tests.kit.callers import FOREIGN_CINEMA, Callers
from tests.kit.methods import Method
from tests.kit.suite import Suite
from tests.kit.valid_request import Valid

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.asyncio(loop_scope="module")]

Lines = Mapping[str, Line]
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@every_method
async def test_what_belongs_to_somebody_else_is_as_unknown(
    method: Method, suite: Suite, prepared: Mapping[str, Valid], lines: Lines, unharmed: None
) -> None:
    valid, line = prepared[method.name], lines[method.server]
    if not valid.is_owned:
        return
    raw = valid.request.SerializeToString()
    strangers = [stranger async for stranger in _strangers(method, suite)]

    unknown = [await send(line, method, _with_own_id_unknown(method, valid), valid.caller)]
    foreign = [await send(line, method, raw, stranger) for stranger in strangers]

    assert {answer.code for answer in foreign + unknown} == {grpc.StatusCode.NOT_FOUND}
    assert len({_without_ids(answer) for answer in foreign + unknown}) == 1
    assert not [fault for answer in foreign + unknown for fault in faults_of(answer)]


async def _strangers(method: Method, suite: Suite) -> AsyncIterator[Metadata]:
    """Yield others who may make the call, for their own things."""
    callers = Callers(suite.record)
    if method.rule.account:
        yield callers.account()
    if method.rule.guest:
        async with stage_of(suite.record) as stage:
            guest = (await Buyer.guest(stage, "Vlad")).metadata()
        yield guest
        yield (*guest, ("x-order-token", "not-the-token"))
    for role in sorted(method.rule.staff):
        yield callers.person(role, cinemas=(FOREIGN_CINEMA,))
        yield callers.person(role, cinemas=())


def _with_own_id_unknown(method: Method, valid: Valid) -> bytes:
    """Name another thing of the kind that is owned: the last ID that is the request's own."""
    request: Message = type(valid.request)()
    request.CopyFrom(valid.request)
    for name in ("hold_id", "order_id", "card_id", "complaint_id", "order_number"):
        if name in request.DESCRIPTOR.fields_by_name:
            unknown = str(uuid4())
            setattr(request, name, unknown[:32] if name == "order_number" else unknown)
            return request.SerializeToString()
    raise LookupError(f"{method.name} is owned, by an ID that is not known here")


def _without_ids(answer: Answer) -> tuple[str, ...]:
    said = [answer.code.name, answer.domain, answer.reason, answer.text, *answer.metadata.values()]
    return tuple(_UUID.sub("ID", text) for text in said)
