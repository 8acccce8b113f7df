"""The key of a write, read from its request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from services.common import ids
from services.common.requests import RequestKey
from services.common.rpc.call import current_call

__all__ = ["RequestKey", "answer_of", "fingerprint_of", "request_key"]


def request_key(request: Message, to_answer: Callable[[Any], Message]) -> RequestKey:
    """Build the key of the call being served; raises INVALID_FIELD without a request ID.

    `to_answer` turns the use case's result into the response. The bytes that are stored are kept
    for `answer_of`, so that an answer is packed once.
    """
    call = current_call()
    return RequestKey(
        principal=call.caller.principal,
        method=call.method,
        request_id=ids.parse(getattr(request, "request_id", ""), field="request_id"),
        fingerprint=fingerprint_of(request),
        pack=_PackOnce(to_answer),
    )


def answer_of(key: RequestKey, result: object) -> Any:
    """Return the answer's bytes, which the server sends as they are."""
    return key.pack(result)


def fingerprint_of(request: Message) -> bytes:
    """SHA-256 of everything that the request asks for, without the ID it is asked under."""
    body = type(request)()
    body.CopyFrom(request)
    body.ClearField("request_id")
    digest = hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\x00")
    digest.update(body.SerializeToString(deterministic=True))
    return digest.digest()


class _PackOnce:
    """Packs a result; asked again with the same object, it gives the same bytes."""

    __slots__ = ("_bytes", "_result", "_to_answer")

    def __init__(self, to_answer: Callable[[Any], Message]) -> None:
        self._to_answer = to_answer
        self._result: object = self
        self._bytes = b""

    def __call__(self, result: object) -> bytes:
        if result is not self._result:
            self._bytes = self._to_answer(result).SerializeToString(deterministic=True)
            self._result = result
        return self._bytes
