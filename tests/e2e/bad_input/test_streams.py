"""An import that is told in the wrong order, or not at all, changes nothing."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb

from tests.kit.answers import Line, faults_of
from tests.kit.valid_request import Valid

pytestmark = [
    pytest.mark.xdist_group("stack"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.usefixtures("unharmed"),
]

PATH = "/cinema.catalog.v1.CatalogAdminService/ImportProgramme"
EMPTY_FEED = json.dumps({"body": {"films": [], "events": []}}).encode()
MAX_CHUNK_BYTES = 262_144
MANY_MESSAGES = 2_000


def header(prepared: Mapping[str, Valid], **changes: str) -> bytes:
    request = pb.ImportProgrammeRequest()
    request.MergeFromString(
        prepared["catalog.CatalogAdminService.ImportProgramme"].request.SerializeToString()
    )
    request.header.request_id = str(uuid4())
    for name, value in changes.items():
        setattr(request.header, name, value)
    return request.SerializeToString()


def chunk(content: bytes) -> bytes:
    return pb.ImportProgrammeRequest(chunk=content).SerializeToString()


def wrong_streams(prepared: Mapping[str, Valid]) -> dict[str, tuple[list[bytes], str]]:
    good, feed = header(prepared), chunk(EMPTY_FEED)
    return {
        "nothing": ([], "INVALID_FIELD"),
        "an empty message": ([b""], "INVALID_FIELD"),
        "no header": ([feed], "INVALID_FIELD"),
        "the header last": ([feed, good], "INVALID_FIELD"),
        "the header twice": ([good, good], "INVALID_FIELD"),
        "another header in between": ([good, feed, header(prepared), feed], "INVALID_FIELD"),
        "an empty message in between": ([good, b"", feed], "INVALID_FIELD"),
        "only a header": ([good], "UNREADABLE_FEED"),
        "an empty chunk": ([good, chunk(b"")], "UNREADABLE_FEED"),
        "garbage": ([good, chunk(b"\x00\xff" * 500)], "UNREADABLE_FEED"),
        "another format": ([good, chunk(b"<films/>")], "UNREADABLE_FEED"),
        "a list": ([good, chunk(b"[" * 100_000)], "UNREADABLE_FEED"),
        "cut off": ([good, chunk(EMPTY_FEED[:-3])], "UNREADABLE_FEED"),
        "one byte at a time, cut off": (
            [good, *(chunk(b" ") for _ in range(MANY_MESSAGES))],
            "UNREADABLE_FEED",
        ),
        "a chunk that is too long": (
            [good, chunk(b" " * (MAX_CHUNK_BYTES + 1))],
            "INVALID_FIELD",
        ),
        "an undecodable message": ([good, b"\xff\xff\xff"], "UNDECODABLE_REQUEST"),
        "an undecodable header": ([b"\x0a\xff"], "UNDECODABLE_REQUEST"),
        "an unknown cinema": ([header(prepared, cinema_id="unknown"), feed], "CINEMA_NOT_FOUND"),
        "NUL in the header": ([header(prepared, cinema_id="F\x007"), feed], "INVALID_FIELD"),
    }


NAMES = tuple(
    wrong_streams(
        {"catalog.CatalogAdminService.ImportProgramme": Valid(pb.ImportProgrammeRequest())}
    )
)


@pytest.mark.parametrize("name", NAMES)
async def test_a_wrong_stream_is_refused_and_changes_nothing(
    name: str, prepared: Mapping[str, Valid], lines: Mapping[str, Line]
) -> None:
    messages, reason = wrong_streams(prepared)[name]
    caller = prepared["catalog.CatalogAdminService.ImportProgramme"].caller

    answer = await lines["catalog"].ask_stream(PATH, messages, caller)

    assert answer.reason == reason, str(answer)
    assert not faults_of(answer)


async def test_a_stream_that_its_client_leaves_changes_nothing(
    prepared: Mapping[str, Valid], lines: Mapping[str, Line]
) -> None:
    caller = prepared["catalog.CatalogAdminService.ImportProgramme"].caller
    method: Any = lines["catalog"].channel.stream_stream(PATH)
    call = method(metadata=caller, timeout=10.0)
    await call.write(header(prepared))
    await call.write(chunk(EMPTY_FEED[:5]))

    call.cancel()

    assert await call.code() is grpc.StatusCode.CANCELLED
