"""What tests of customer service are made of: catalog's calendar in memory, limits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from services.booking.adapters.comment_limit import CommentLimit
from services.booking.domain.staff import Staff
from services.booking.domain.whole_story import StoryEntry, StoryPart, Teller
from services.common.errors import DependencyUnavailableError
from services.common.limits import AttemptLimit, AttemptLimiter

_WINDOW_MS = 3_600_000


@dataclass
class FakeCalendar:
    """Catalog's holidays by country and year; counts how often it was asked."""

    days: dict[tuple[str, int], list[date]] = field(default_factory=dict)
    is_away: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def holidays(self, country_code: str, year: int) -> Sequence[date]:
        await asyncio.sleep(0)
        self.asked.append((country_code, year))
        if self.is_away:
            raise DependencyUnavailableError("catalog")
        return self.days.get((country_code, year), [])


def comment_limit(
    *, max_comments_per_caller: int, max_comments_per_address: int = 100
) -> CommentLimit:
    """A limit that one process keeps by itself, which allows a quarter of what it is told."""
    return CommentLimit(
        AttemptLimiter(),
        AttemptLimit("comment-caller", 4 * max_comments_per_caller, _WINDOW_MS),
        AttemptLimit("comment-address", 4 * max_comments_per_address, _WINDOW_MS),
    )


def a_clerk(*cinemas: str) -> Staff:
    """Somebody of customer service, for these cinemas."""
    return Staff("staff:ioana", ("customer_service",), frozenset(cinemas), str(uuid4()))


@dataclass
class FakeStory:
    """What another service tells about orders."""

    teller: Teller
    entries: list[StoryEntry] = field(default_factory=list)
    is_away: bool = False
    is_cut: bool = False

    async def story(self, order_id: UUID) -> StoryPart:
        del order_id
        await asyncio.sleep(0)
        if self.is_away:
            raise DependencyUnavailableError(self.teller)
        return StoryPart(self.teller, self.entries, self.is_cut)


def fake_stories() -> list[FakeStory]:
    """Payment and wallet, who tell nothing yet."""
    return [FakeStory(Teller.PAYMENT), FakeStory(Teller.WALLET)]
