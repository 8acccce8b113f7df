"""The feed's local times, which carry no offset, as instants."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A show before this local time belongs to the business day of the evening before.
BUSINESS_DAY_STARTS_AT = time(6, 0)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class NonexistentLocalTimeError(ValueError):
    """The clocks skip this local time in spring; nothing can start then."""


@dataclass(frozen=True, slots=True)
class LocalInstant:
    """The instants in UTC that a local time may mean: two in the repeated hour of autumn."""

    earlier: datetime
    later: datetime

    @property
    def is_ambiguous(self) -> bool:
        return self.earlier != self.later


def to_instant(local: datetime, zone: ZoneInfo) -> LocalInstant:
    """Attach the zone to a local time. Raises NonexistentLocalTimeError in the spring gap."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    earlier = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return LocalInstant(earlier, earlier)
    if earlier.astimezone(zone).replace(tzinfo=None) != local:
        raise NonexistentLocalTimeError(f"{local.isoformat()} does not exist in {zone.key}")
    return LocalInstant(earlier, second.astimezone(UTC))


@dataclass(slots=True)
class HallOrder:
    """The rows of a hall in the order of the feed.

    It tells the two instants of the repeated hour apart: a start is the earlier one, unless the
    row before it would still run then. A row that comes again means what it meant.
    """

    starts_at: datetime = _LONG_AGO
    ends_at: datetime = _LONG_AGO
    ambiguous: dict[tuple[str, LocalInstant], datetime] = field(default_factory=dict)

    def place(self, screening_id: str, start: LocalInstant, duration: timedelta) -> datetime:
        """Give the instant that a row's start means."""
        starts_at = start.earlier
        if start.is_ambiguous:
            still_runs = self.starts_at <= start.earlier < self.ends_at
            meant = start.later if still_runs else start.earlier
            starts_at = self.ambiguous.setdefault((screening_id, start), meant)
        self.starts_at, self.ends_at = starts_at, starts_at + duration
        return starts_at


def business_day_of(local: datetime) -> date:
    """Name the day whose programme a show belongs to: after midnight still the evening's."""
    if local.time() < BUSINESS_DAY_STARTS_AT:
        return local.date() - timedelta(days=1)
    return local.date()
