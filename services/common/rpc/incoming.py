"""Reading what came with a call besides its request."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Any

import grpc

from services.common.ids import new_id
from services.common.rpc.call import Call, set_call

# What is written into logs and passed on to others is checked first.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def open_call(method: str, context: grpc.aio.ServicerContext[Any, Any]) -> Call:
    """Make the call and the current one; a missing or odd request ID is replaced."""
    metadata = context.invocation_metadata() or ()
    request_id = traceparent = authorization = ""
    for key, value in metadata:
        if key == "authorization":
            authorization = str(value)
        elif key == "x-request-id":
            request_id = str(value) if _REQUEST_ID.fullmatch(str(value)) else ""
        elif key == "traceparent":
            traceparent = str(value) if _TRACEPARENT.fullmatch(str(value)) else ""
    call = Call(
        method,
        request_id or str(new_id()),
        metadata=metadata,
        traceparent=traceparent,
        context=context,
    )
    call.authorization = authorization
    call.started = perf_counter()
    set_call(call)
    return call
