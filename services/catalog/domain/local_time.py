"""The feed's local times, which carry no offset, as instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.catalog.domain.import_profile import AmbiguousStart

# A show before this local time belongs to the business day of the evening before.
BUSINESS_DAY_STARTS_AT = time(6, 0)


class NonexistentLocalTimeError(ValueError):
    """The clocks skip this local time in spring; nothing can start then."""


def to_instant(
    local: datetime, zone: ZoneInfo, ambiguous: AmbiguousStart = AmbiguousStart.EARLIER
) -> tuple[datetime, bool]:
    """Attach the zone to a local time: the instant in UTC, and whether it was ambiguous.

    Raises NonexistentLocalTimeError in the spring gap. In the autumn fold the profile decides,
    and the caller reports the row.
    """
    earlier = local.replace(tzinfo=zone, fold=0)
    later = local.replace(tzinfo=zone, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC), False
    instant = earlier.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise NonexistentLocalTimeError(f"{local.isoformat()} does not exist in {zone.key}")
    chosen = earlier if ambiguous is AmbiguousStart.EARLIER else later
    return chosen.astimezone(UTC), True


def business_day_of(local: datetime) -> date:
    """Name the day whose programme a show belongs to: after midnight still the evening's."""
    if local.time() < BUSINESS_DAY_STARTS_AT:
        return local.date() - timedelta(days=1)
    return local.date()
