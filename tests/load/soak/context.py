"""What a soak gets."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class SoakFailedError(AssertionError):
    """Something that must always be true was not; the text names it."""


@dataclass
class SoakContext:
    """Seed, counts, a folder for suites (removed by the caller), and a way to tell progress.

    `counts` says how much of everything, by name: small in `make test`, full in `make soak`. All
    randomness comes from `random`, so that a seed replays the same choices.
    """

    seed: int
    counts: Mapping[str, int]
    folder: Path
    say: Callable[[str], None] = print
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - replayable, not secret.

    def must(self, holds: object, text: str) -> None:
        """Raise SoakFailedError with the seed unless it holds."""
        if not holds:
            raise SoakFailedError(f"Seed {self.seed}: {text}")
