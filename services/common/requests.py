"""The key of a write: who asks, for what, under which request ID. Use cases import it from here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Identifies one write of one caller, and what it asked for.

    `fingerprint` is the SHA-256 of the request without its ID: the same ID with another one is
    refused. `pack` turns the use case's result into the bytes of the answer that is kept.
    """

    principal: str
    method: str
    request_id: UUID
    fingerprint: bytes
    pack: Callable[[Any], bytes]
