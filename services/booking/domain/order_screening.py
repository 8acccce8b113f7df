"""What an order keeps of its screening: as sold, whatever changes later."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from services.booking.domain.hold import Hold
from services.booking.domain.screening import LOCAL_DATE_CHARACTERS, ScreeningFacts

MAX_SOLD_SCREENINGS = 2_000


@dataclass(frozen=True, slots=True)
class ScreeningAsSold:
    """Facts of the screening at the moment of the order."""

    cinema_id: str
    cinema_name: str
    phone: str
    time_zone: str
    country_code: str
    cards_accepted: bool
    hall_id: str
    hall_name: str
    film_title: str
    rating: str
    event_kind: str
    format: str
    start_time: datetime
    local_start: str
    public_holiday: bool
    film_id: str = ""  # Of orders of before it was kept.
    business_day: str = ""
    end_time: str = ""  # With the offset, as ISO 8601 says it.

    @classmethod
    @lru_cache(maxsize=MAX_SOLD_SCREENINGS)  # Many orders share one.
    def of(cls, facts: ScreeningFacts) -> "ScreeningAsSold":
        """Keep what tickets, mails, wallet and remedies need."""
        return cls(
            cinema_id=facts.cinema_id,
            cinema_name=facts.cinema_name,
            phone=facts.phone,
            time_zone=facts.time_zone,
            country_code=facts.country_code,
            cards_accepted=facts.cards_accepted,
            hall_id=facts.hall_id,
            hall_name=facts.hall_name,
            film_title=facts.film_title,
            rating=facts.rating,
            event_kind=facts.event_kind,
            format=facts.format,
            start_time=facts.start_time,
            local_start=facts.local_start,
            public_holiday=facts.public_holiday,
            film_id=facts.film_id,
            business_day=facts.business_day,
            end_time=facts.end_time.isoformat(),
        )

    @property
    def local_date(self) -> str:
        return self.local_start[:LOCAL_DATE_CHARACTERS]

    @property
    def ends_at(self) -> datetime | None:
        return datetime.fromisoformat(self.end_time) if self.end_time else None

    def still_is(self, facts: ScreeningFacts) -> bool:
        """Whether date, time, hall and film are those of the sale."""
        return (
            facts.start_time == self.start_time
            and facts.hall_id == self.hall_id
            and self.film_id in ("", facts.film_id)
        )


def moved_since(hold: Hold, facts: ScreeningFacts) -> bool:
    """Whether date, time, hall or film changed since the seats were held."""
    terms = hold.terms
    return (
        facts.start_time != terms.start_time
        or facts.hall_id != terms.hall_id
        or terms.film_id not in ("", facts.film_id)
    )
