"""The bare echo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.load.echo_server import ECHO_PATH
from tests.load.generator.channels import Call, Channels, outcome_of

# As large as a HoldSeats request.
REQUEST = bytes(120)


@dataclass(frozen=True, slots=True)
class Echoes:
    """Sends bytes and gets them back."""

    addresses: Sequence[str]

    def share(self, worker: int, workers: int) -> Echoes:  # noqa: ARG002 - all do the same
        return self

    def prepare(self, channels: Channels) -> RepeatedCall:
        return RepeatedCall(channels.calls(self.addresses, ECHO_PATH), [REQUEST])


class RepeatedCall:
    """Sends the same requests over and over, in turn to each address."""

    def __init__(self, calls: Sequence[Call], requests: Sequence[bytes]) -> None:
        self._calls = calls
        self._requests = requests
        self.kept: list[Any] = []

    async def __call__(self, number: int) -> str:
        call = self._calls[number % len(self._calls)]
        return await outcome_of(call(self._requests[number % len(self._requests)], ()))
