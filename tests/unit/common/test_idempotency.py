"""The key of a write."""

from typing import Any
from uuid import UUID

import pytest

from services.common.errors import InvalidRequestError
from services.common.rpc.call import Call, Caller, CallerKind, set_call
from services.common.rpc.idempotency import answer_of, fingerprint_of, request_key
from tests.rpc.common.echo import EchoRequest, EchoResponse

REQUEST_ID = "019aa84e-0000-7000-8000-000000000001"


@pytest.fixture(autouse=True)
def call() -> Any:
    set_call(Call("/a.v1.B/C", "r-1", caller=Caller(CallerKind.GUEST, "s-1")))


def test_the_key_names_caller_method_and_request() -> None:
    key = request_key(EchoRequest(text="a", request_id=REQUEST_ID), lambda _: EchoResponse())

    assert (key.principal, key.method) == ("guest:s-1", "/a.v1.B/C")
    assert key.request_id == UUID(REQUEST_ID)


def test_a_request_without_an_id_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        request_key(EchoRequest(), lambda _: EchoResponse())


def test_the_fingerprint_depends_on_the_body_and_not_on_the_id() -> None:
    first = fingerprint_of(EchoRequest(text="a", request_id=REQUEST_ID))

    assert first == fingerprint_of(EchoRequest(text="a", request_id="other"))
    assert first != fingerprint_of(EchoRequest(text="b", request_id=REQUEST_ID))


def test_the_stored_bytes_are_the_answer_and_packed_once() -> None:
    packed = []

    def to_answer(text: Any) -> Any:
        packed.append(text)
        return EchoResponse(text=text)

    key = request_key(EchoRequest(request_id=REQUEST_ID), to_answer)
    result = "done"

    stored = key.pack(result)

    assert answer_of(key, result) == stored == EchoResponse(text="done").SerializeToString()
    assert packed == ["done"]
