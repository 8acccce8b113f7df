"""What a round over another service's feed asks of our database when there is nothing to do."""

from dataclasses import dataclass, field
from typing import Any

from services.common.bus.apply import Applier
from services.common.bus.events import Subscription
from services.common.bus.reconciler import FeedPage, Reconciler


@dataclass
class Positions:
    """A database that knows how far the feed is consumed; keeps what it was asked."""

    reconciled_through: int
    held_through: int
    has_parked: bool = False
    asked: list[str] = field(default_factory=list)

    async def fetchrow(self, query: str, *args: Any) -> dict[str, Any]:
        del args
        self.asked.append(_verb(query))
        return {
            "reconciled_through": self.reconciled_through,
            "held_through": self.held_through,
            "has_parked": self.has_parked,
        }

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        del args
        self.asked.append(_verb(query))
        return []

    async def execute(self, query: str, *args: Any) -> str:
        self.asked.append(f"{_verb(query)} {args}")
        return "UPDATE 1"


def _verb(query: str) -> str:
    return query.split(maxsplit=1)[0]


async def reconcile(database: Any, *, last_feed_number: int) -> None:
    async def list_events(source: str, after: int, page_size: int) -> FeedPage:
        del source, after, page_size
        return FeedPage([], 1, last_feed_number)

    bus: Any = None
    applier = Applier(Subscription("booking", {}), database)
    assert not await Reconciler(applier, list_events, bus).reconcile()


async def test_a_round_that_finds_nothing_is_one_question() -> None:
    database = Positions(reconciled_through=7, held_through=7)

    await reconcile(database, last_feed_number=7)

    assert database.asked == ["SELECT"]


async def test_what_the_bus_brought_is_noted_as_reconciled() -> None:
    database = Positions(reconciled_through=7, held_through=9)

    await reconcile(database, last_feed_number=9)

    assert database.asked == ["SELECT", "UPDATE ('booking', 9)"]


async def test_what_is_parked_is_looked_at_again() -> None:
    database = Positions(reconciled_through=7, held_through=7, has_parked=True)

    await reconcile(database, last_feed_number=7)

    assert database.asked == ["SELECT", "SELECT"]
