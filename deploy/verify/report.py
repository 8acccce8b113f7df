"""What a verification found: one line for each check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_SHOWN_VIOLATIONS = 5


@dataclass(frozen=True)
class Line:
    """One check of one invariant, and the violations found: none when it holds."""

    invariant_id: str
    check: str
    where: str
    violations: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.violations

    def text(self) -> str:
        """Write it for a terminal; the first violations follow, one a line."""
        mark = "ok  " if self.holds else "FAIL"
        head = f"{mark} {self.invariant_id:<4} {self.check} ({self.where})"
        shown = [f"       {violation}" for violation in self.violations[:MAX_SHOWN_VIOLATIONS]]
        more = len(self.violations) - len(shown)
        if more > 0:
            shown.append(f"       and {more} more")
        return "\n".join([head, *shown])
