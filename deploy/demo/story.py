"""How the story is told: acts, facts that must hold, and the totals at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


class StoryBrokenError(Exception):
    """Something did not hold that the story says holds."""


@dataclass
class Story:
    """Prints as it goes, and counts."""

    counts: Counter[str] = field(default_factory=Counter)
    totals_minor_units: Counter[str] = field(default_factory=Counter)
    quiet: bool = False

    def act(self, title: str) -> None:
        """Begin an act."""
        self._print(f"\n{title}")

    def tell(self, sentence: str) -> None:
        """Say what happened."""
        self._print(f"  {sentence}")

    def must(self, holds: object, sentence: str) -> None:
        """Say what holds, or break the story."""
        if not holds:
            raise StoryBrokenError(f"This does not hold: {sentence}")
        self.tell(f"{sentence}  [holds]")

    def count(self, **counts: int) -> None:
        """Add to the counts of the last line."""
        self.counts.update(counts)

    def pay(self, money: Any) -> None:
        """Add what was paid in money."""
        self.totals_minor_units[money.currency_code] += money.minor_units

    def _print(self, line: str) -> None:
        if not self.quiet:
            print(line, flush=True)


def money(amount: Any) -> str:
    """Write an amount for people, such as `64.00 RON`."""
    return f"{amount.minor_units // 100}.{amount.minor_units % 100:02d} {amount.currency_code}"
