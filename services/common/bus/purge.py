"""Removes from the bus what it still holds of aggregates whose events were made nobody's."""

from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from services.common.bus.connection import BusConnection, BusUnavailableError
from services.common.bus.events import stream_name, subjects_of_aggregate
from services.common.db.database import Database
from services.common.logging import get_logger

MAX_PURGES_AT_ONCE = 100

# What the relay read before the change is published, so that it cannot come after the purge.
_DUE = "FROM bus_purge, relay_state WHERE after_feed_number <= published_through"
PURGES_ARE_DUE = f"(SELECT true {_DUE} LIMIT 1)"
_TAKE = f"SELECT aggregate_id {_DUE} ORDER BY aggregate_id LIMIT $1"
_DONE = "DELETE FROM bus_purge WHERE aggregate_id = $1"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BusPurge:
    """Purges the aggregates' subjects from the service's stream; until it succeeds they are kept.

    Consumers miss nothing: what they have not had comes from the feed.
    """

    service: str
    database: Database
    bus: BusConnection

    async def __call__(self) -> None:
        """Purge what is due."""
        rows = await self.database.fetch(_TAKE, MAX_PURGES_AT_ONCE)
        for row in rows:
            aggregate_id = row["aggregate_id"]
            if not await self._purge(aggregate_id):
                return
            await self.database.execute(_DONE, aggregate_id)

    async def _purge(self, aggregate_id: str) -> bool:
        subject = subjects_of_aggregate(self.service, aggregate_id)
        try:
            jetstream = await self.bus.jetstream()
            return await jetstream.purge_stream(stream_name(self.service), subject=subject)
        except NotFoundError:
            return True  # There is no stream, and so nothing in it.
        except (BusUnavailableError, NatsError, OSError) as error:
            _log.info("bus_not_purged", problem=type(error).__name__)
            return False
