"""Receives the file of an import: in full and within bounds before anything else happens."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, TypeVar

from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import seat_plan_import_pb2

from services.catalog.domain.errors import FeedTooLargeError
from services.common.errors import FieldViolation, InvalidRequestError

# Up to here a file stays in memory, beyond it goes to the temporary folder.
MAX_MEMORY_BYTES = 1024 * 1024
PIECE_BYTES = 32 * 1024

# A message of an import: a header first, then pieces.
_Piece = TypeVar("_Piece", pb.ImportProgrammeRequest, seat_plan_import_pb2.ImportSeatPlanRequest)


@dataclass(slots=True)
class ReceivedFile:
    """A file that was received whole, with the SHA-256 of its bytes."""

    file: IO[bytes]
    sha256: bytes

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give it piece by piece, letting other calls run in between."""
        self.file.seek(0)
        while piece := self.file.read(PIECE_BYTES):
            yield piece
            await asyncio.sleep(0)


async def read_first(messages: AsyncIterator[_Piece]) -> _Piece:
    """Read the first message; INVALID_FIELD when it has no header."""
    first = await anext(messages, None)
    if first is None or first.WhichOneof("part") != "header":
        raise InvalidRequestError(FieldViolation("header", "must be the first message"))
    return first


async def receive(messages: AsyncIterator[_Piece], *, max_feed_bytes: int) -> ReceivedFile:
    """Receive the rest of the stream; FEED_TOO_LARGE, or INVALID_FIELD for another header.

    The caller closes the file.
    """
    file = tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it.
    digest = hashlib.sha256()
    received_bytes = 0
    try:
        async for message in messages:
            received_bytes += len(message.chunk)
            _must_fit(message, received_bytes, max_feed_bytes)
            digest.update(message.chunk)
            file.write(message.chunk)
    except BaseException:
        file.close()
        raise
    return ReceivedFile(file, digest.digest())


def _must_fit(message: _Piece, received_bytes: int, max_feed_bytes: int) -> None:
    if message.WhichOneof("part") != "chunk":
        raise InvalidRequestError(FieldViolation("header", "comes once, at the beginning"))
    if received_bytes > max_feed_bytes:
        raise FeedTooLargeError(limit_bytes=max_feed_bytes)
