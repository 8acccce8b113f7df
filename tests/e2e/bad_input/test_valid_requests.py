"""A good request is answered, once for each request ID, whatever else a newer client sends along."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from tests.kit.answers import Answer, Line, faults_of
from tests.kit.attack import every_method, send
from tests.kit.methods import Method
from tests.kit.spoil import with_unknown_fields
from tests.kit.valid_request import Valid

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.asyncio(loop_scope="module")]

Lines = Mapping[str, Line]
Usable = Callable[[Method], Awaitable[Valid]]


def outcome(answer: Answer) -> str:
    return "OK" if answer.is_ok else answer.reason


@every_method
async def test_a_valid_request_is_answered_with_unknown_fields_in_it(
    method: Method, usable: Usable, lines: Lines
) -> None:
    valid = await usable(method)

    answer = await send(
        lines[method.server], method, with_unknown_fields(valid.request), valid.caller
    )

    assert outcome(answer) == expected(method, valid), str(answer)


@every_method
async def test_the_same_request_id_gives_the_same_answer_and_never_another_body(
    method: Method, usable: Usable, lines: Lines
) -> None:
    if method.streams or not method.is_write:
        return
    valid = await usable(method)
    if valid.answer != "OK" or valid.keeps_no_answer:
        return
    line, raw = lines[method.server], valid.request.SerializeToString()

    first = await send(line, method, raw, valid.caller)
    again = await send(line, method, raw, valid.caller)
    reused = await send(line, method, _another_body(valid.request), valid.caller)
    other_id = _copy(valid.request)
    other_id.request_id = str(uuid4())  # type: ignore[attr-defined]
    elsewhere = await send(line, method, other_id.SerializeToString(), valid.caller)

    assert outcome(first) == "OK", str(first)
    assert again.body == first.body, str(again)
    # Where only an ID can differ, the other thing may be looked for first.
    others = {"HOLD_NOT_FOUND", "ORDER_NOT_FOUND", "SCREENING_NOT_FOUND"}
    assert outcome(reused) in {"REQUEST_ID_REUSED", *others}
    assert not faults_of(reused)
    assert not faults_of(elsewhere)


def expected(method: Method, valid: Valid) -> str:
    """An import without a file is not a feed; everything else answers as its builder says."""
    is_feed = method.spec.client_streams and valid.answer == "OK"
    return "UNREADABLE_FEED" if is_feed else valid.answer


def _another_body(request: Message) -> bytes:
    """Change the last text or number that is no ID, to something that is as valid."""
    other: Any = _copy(request)
    for name, value in _CHANGES.items():
        holder, _, field = name.rpartition(".")
        target = other
        for step in filter(None, holder.split(".")):
            target = getattr(target, step, None)
            if target is None:
                break
        if target is not None and field in target.DESCRIPTOR.fields_by_name:
            setattr(target, field, value)
            raw: bytes = other.SerializeToString()
            return raw
    raise LookupError(f"No change is known for {request.DESCRIPTOR.full_name}")


# What can be changed in some request without breaking a rule; the first that fits is.
_CHANGES: Mapping[str, object] = {
    "cinema.name": "Another name",
    "film.title": "Another title",
    "name": "Another name",
    "category": "OTHER",
    "hall_name": "S77",
    "price_list.fee_on_places": True,
    "terms.gtc_text": "Another text.",
    "attributable": False,
    "contact.first_name": "Another",
    "hold_id": str(uuid4()),
    "order_id": str(uuid4()),
    "card_number": "0000-0000-0000",
    "product.name": "Another name",
    "count": 2,
    "key.attempt": 2,
    "description": "Another seat",
    "reference_id": str(uuid4()),
    "screening_id": str(uuid4()),
    "promotion.percent_off": 20,
    "country_code": "BV",
    "partner": "Another partner",
    "first_name": "Anna",
    "profile.surname": "Popa",
    "reason": "Another reason.",
    "text_version": "another",
    "restricted": True,
    "objected": True,
    "stopped": True,
    "subject_id": str(uuid4()),
    "last_name": "Popa",
    "text": "Another text.",
}


def _copy(message: Message) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy
