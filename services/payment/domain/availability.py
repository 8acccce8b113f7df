"""Whether a point of sale can be used, as all processes see it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LONGEST_PROBE_WAIT_S = 60.0
# Who falls again so soon after coming back is left alone longer.
STEADY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Availability:
    """One row for each currency. `version` counts the changes that were told.

    `falls` counts how often it went down in quick succession.
    """

    currency: str
    is_down: bool = False
    version: int = 0
    falls: int = 0
    change_time: datetime | None = None
    next_probe_at: datetime | None = None

    def gone_down(self, now: datetime, first_wait_s: float) -> "Availability":
        """Note that it does not answer; the same again only puts the next probe off."""
        if self.is_down:
            return replace(self, next_probe_at=now + self._wait(first_wait_s))
        since = None if self.change_time is None else now - self.change_time
        is_steady = since is None or since.total_seconds() > STEADY_AFTER_S
        fallen = replace(
            self,
            is_down=True,
            version=self.version + 1,
            falls=1 if is_steady else self.falls + 1,
            change_time=now,
        )
        return fallen.gone_down(now, first_wait_s)

    def come_back(self, now: datetime) -> "Availability":
        """Note that it answers again."""
        if not self.is_down:
            return self
        return replace(
            self, is_down=False, version=self.version + 1, change_time=now, next_probe_at=None
        )

    def retry_after(self, now: datetime) -> timedelta:
        """Tell how long to wait before asking again."""
        return timedelta(0) if self.next_probe_at is None else self.next_probe_at - now

    def _wait(self, first_wait_s: float) -> timedelta:
        wait_s = first_wait_s * 2.0 ** max(self.falls - 1, 0)
        return timedelta(seconds=min(wait_s, LONGEST_PROBE_WAIT_S))
