"""What the wallet must know of a screening and its seats; booking tells it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.money import Money


@dataclass(frozen=True, slots=True)
class ScreeningFacts:
    """A screening as a card sees it; `local_date` is the cinema-local calendar date of the start."""

    screening_id: UUID
    cinema_id: str
    local_date: date
    public_holiday: bool
    format: str
    event_kind: str
    cards_accepted: bool
    business_day: date | None = None

    @property
    def validity_date(self) -> date:
        """The date by which places last: the business day only where the chain counts by it."""
        return self.business_day or self.local_date


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """A seat that a place may pay, and the format supplement that comes with it, if any."""

    seat_id: str
    area: str
    supplement: Money | None
