"""What the programme import must be told about a cinema, because the feed does not say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

MAX_ADVERTISING_MINUTES = 120
MAX_CLEANING_MINUTES = 120


class Category(StrEnum):
    """The kind of show, by which the sales policy decides what is sold online (OTC-7)."""

    MOVIE = "MOVIE"
    VIP = "VIP"
    ALTERNATIVE = "ALTERNATIVE"
    # An event type that the policy's closed list does not know: never sold online by default.
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class AttributeVocabulary:
    """What a chain's attribute tokens mean. Data: a new token is a new row, not new code.

    Language tokens are not listed; they follow the feed's own grammar (`attributes.py`).
    """

    name: str
    ratings: Mapping[str, str]
    formats: Mapping[str, str]
    categories: Mapping[str, Category]
    genres: frozenset[str] = frozenset()
    accessibility: frozenset[str] = frozenset()
    # Known tokens that say nothing a ticket needs, such as the brand of a projector.
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImportProfile:
    """How to read the feed of one cinema.

    `currency` is an ISO 4217 code. Raises ValueError when a duration is out of bounds.
    """

    cinema_id: str
    time_zone: ZoneInfo
    currency: str
    vocabulary: AttributeVocabulary
    advertising_minutes: int = 25
    cleaning_minutes: int = 20

    def __post_init__(self) -> None:
        if not 0 <= self.advertising_minutes <= MAX_ADVERTISING_MINUTES:
            raise ValueError(f"advertising_minutes is {self.advertising_minutes}")
        if not 0 <= self.cleaning_minutes <= MAX_CLEANING_MINUTES:
            raise ValueError(f"cleaning_minutes is {self.cleaning_minutes}")
