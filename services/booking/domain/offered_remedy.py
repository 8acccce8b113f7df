"""What was offered to one order, from its notice until it is taken, or too late."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.booking.domain.remedy import RemedyKind


class OfferCause(StrEnum):
    """What the cinema did."""

    CANCELLED = "CANCELLED"
    TERMINATED = "TERMINATED"
    RESCHEDULED = "RESCHEDULED"
    REPLACED = "REPLACED"


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"  # Asked for, by whoever may.
    KEPT = "KEPT"  # Nobody asked, and the tickets were good all the same.
    LAPSED = "LAPSED"  # Nobody asked, and nothing was shown.
    WITHDRAWN = "WITHDRAWN"  # Nothing is due any more.


class OfferStep(StrEnum):
    """What is due with an offer."""

    GIVE = "GIVE"
    REMIND = "REMIND"
    CLOSE = "CLOSE"


@dataclass(frozen=True, slots=True)
class OfferedRemedy:
    """One for each order. `next_at` is when somebody has to look at it, None once it is over.

    `remind_at` is None when nobody is to be reminded, or was.
    """

    screening_id: UUID
    order_id: UUID
    id: UUID
    version: int
    cause: OfferCause
    kind: RemedyKind
    state: OfferState
    changed_at: datetime
    closes_at: datetime
    remind_at: datetime | None
    next_at: datetime | None
    retries: int = 0
    last_error: str = ""

    @property
    def may_keep(self) -> bool:
        """Whether the tickets stay good for those who do not ask."""
        return self.cause in {OfferCause.RESCHEDULED, OfferCause.REPLACED}

    def step_at(self, now: datetime) -> OfferStep:
        """Say what is due: it is closed, its buyer reminded, or given what is due by itself."""
        if now >= self.closes_at:
            return OfferStep.CLOSE
        if self.remind_at is not None and now >= self.remind_at:
            return OfferStep.REMIND
        return OfferStep.GIVE

    def reminded(self) -> "OfferedRemedy":
        """Note that its buyer is reminded."""
        return replace(self, remind_at=None, next_at=self.closes_at)

    def ended(self, state: OfferState) -> "OfferedRemedy":
        """Note how it came to its end."""
        return replace(self, state=state, remind_at=None, next_at=None)
