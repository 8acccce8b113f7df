"""Which rows of an import find their hall free, and which find another screening there."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

# A row that is refused stays where it was, which may push others out; after so many rounds all
# rows that move stay where they were.
MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in a hall; the end is free again."""

    hall: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of a feed that wants a slot; `held` is where the same screening stands now."""

    index: int
    wanted: Slot
    held: Slot | None


@dataclass(slots=True)
class _Hall:
    """The taken slots of one hall; they do not overlap, so that both lists are in one order."""

    starts: list[datetime] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)

    def take(self, slot: Slot) -> bool:
        after = bisect_left(self.starts, slot.ends_at)
        if after and self.ends[after - 1] > slot.starts_at:
            return False
        insort(self.starts, slot.starts_at)
        insort(self.ends, slot.ends_at)
        return True


def refused_claims(taken: Sequence[Slot], claims: Iterable[Claim]) -> set[int]:
    """Decide which claims find their hall occupied; gives their indices.

    `taken` are slots of screenings that the feed does not touch. Who stays where they are comes
    first, then the order of the feed decides.
    """
    ordered = sorted(claims, key=lambda claim: (claim.wanted != claim.held, claim.index))
    refused: set[int] = set()
    for round_number in range(MAX_ROUNDS + 1):
        if round_number == MAX_ROUNDS:
            refused |= {c.index for c in ordered if c.held is not None and c.wanted != c.held}
        stay = [c.held for c in ordered if c.index in refused and c.held is not None]
        halls: defaultdict[str, _Hall] = defaultdict(_Hall)
        for slot in (*taken, *stay):
            halls[slot.hall].take(slot)
        more = {
            claim.index
            for claim in ordered
            if claim.index not in refused and not halls[claim.wanted.hall].take(claim.wanted)
        }
        refused |= more
        if not any(claim.held is not None for claim in ordered if claim.index in more):
            break
    return refused
