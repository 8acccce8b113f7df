"""Card products: what a place of a card pays, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardProduct:
    """The terms that a card was issued under.

    Empty `formats`, `weekdays` (Monday 1 to Sunday 7) and `cinema_ids` mean all of them;
    `max_seats_per_screening` zero means as many as there are places.
    """

    code: str
    name: str
    places: int
    formats: frozenset[str]
    supplements_included: bool
    areas: frozenset[str]
    event_kinds: frozenset[str]
    weekdays: frozenset[int]
    valid_on_holidays: bool
    cinema_ids: frozenset[str]
    max_seats_per_screening: int
    conditions: str
    conditions_version: str
