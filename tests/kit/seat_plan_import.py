"""The messages of ImportSeatPlan."""

import json
from collections.abc import Iterator
from typing import Any

from cinema.catalog.v1 import seat_plan_import_pb2 as pb
from google.protobuf.json_format import ParseDict

from tests.kit.catalog import CHUNK_BYTES, new_request_id


def plan_header(cinema_id: str, **changes: Any) -> pb.ImportSeatPlanRequest:
    header = {"cinema_id": cinema_id, "hall_name": "S01", "request_id": new_request_id()}
    return ParseDict({"header": header | changes}, pb.ImportSeatPlanRequest())


def plan_messages(
    cinema_id: str, document: Any, **changes: Any
) -> Iterator[pb.ImportSeatPlanRequest]:
    """Send a header and a document, or bytes as they are, in pieces."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    yield plan_header(cinema_id, **changes)
    for start in range(0, len(content), CHUNK_BYTES):
        yield pb.ImportSeatPlanRequest(chunk=content[start : start + CHUNK_BYTES])
