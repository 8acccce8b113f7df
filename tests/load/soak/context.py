"""What a soak gets: a running suite of its own, a seed, and how much of everything."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.attach import stage_of
from deploy.demo.stage import Stage
from deploy.local.stack import LocalStack, StackOptions


class SoakFailedError(AssertionError):
    """Something that must always be true was not; the text names it."""


@dataclass
class SoakContext:
    """A soak's surroundings.

    `counts` says how much of everything, by name: small in `make test`, full in `make soak`. All
    randomness comes from `random`, so that a seed replays the same choices. `stack` is None when a
    test lends a suite that must not be broken.
    """

    seed: int
    counts: Mapping[str, int]
    stage: Stage
    stack: LocalStack | None = None
    say: Callable[[str], None] = print
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - replayable, not secret.

    def must(self, holds: object, text: str) -> None:
        """Raise SoakFailedError with the seed unless it holds."""
        if not holds:
            raise SoakFailedError(f"Seed {self.seed}: {text}")


@asynccontextmanager
async def fresh_context(
    folder: Path,
    seed: int,
    counts: Mapping[str, int],
    options: StackOptions,
    say: Callable[[str], None] = print,
) -> AsyncIterator[SoakContext]:
    """Start a suite of the soak's own in a folder, which the caller removes."""
    async with LocalStack(folder, options) as stack, stage_of(stack.record) as stage:
        yield SoakContext(seed, counts, stage, stack, say)
