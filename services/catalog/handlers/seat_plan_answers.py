"""The answer that carries a seat plan, made without unpacking the plan."""

from typing import cast

from cinema.catalog.v1 import programme_service_pb2 as pb

# Field 1, length-delimited: `seat_plan` of the response.
_SEAT_PLAN_TAG = b"\x0a"
_MORE = 0x80


def seat_plan_answer(packed_plan: bytes) -> pb.GetSeatPlanResponse:
    """Wrap a serialised plan; the server sends bytes as they are."""
    return cast("pb.GetSeatPlanResponse", _SEAT_PLAN_TAG + _length(len(packed_plan)) + packed_plan)


def _length(value: int) -> bytes:
    """Write a varint."""
    written = bytearray()
    while value >= _MORE:
        written.append(value & (_MORE - 1) | _MORE)
        value >>= 7
    written.append(value)
    return bytes(written)
