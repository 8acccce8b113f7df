"""What a generator does for each arrival."""

from __future__ import annotations

from typing import Any, Protocol, Self

from tests.load.generator.channels import Channels


class NothingLeftError(Exception):
    """Every request that was prepared is used up."""


class Act(Protocol):
    """One arrival after the other, each by its number from 0 on within this process."""

    @property
    def kept(self) -> list[Any]:
        """What is handed back with the sample, picklable."""
        ...

    async def __call__(self, number: int) -> str:
        """Do it and give the outcome; raises NothingLeftError before anything is sent."""
        ...


class Journey(Protocol):
    """Says what to do, travels to the generator processes, and gets ready there."""

    def share(self, worker: int, workers: int) -> Self:
        """Give the part of one process, so that no two do the same."""
        ...

    def prepare(self, channels: Channels) -> Act:
        """Make all requests and tokens before the clock runs."""
        ...
