"""A prepaid card and the lots that its places lie in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.wallet.domain.product import CardProduct


class CardKind(StrEnum):
    """What a customer says the card is."""

    PLACE_CARD = "PLACE_CARD"
    NOMINATIVE = "NOMINATIVE"


class CardState(StrEnum):
    """Where a card is in its life."""

    ISSUED = "ISSUED"
    REGISTERED = "REGISTERED"
    VOID = "VOID"
    PRINTED = "PRINTED"


@dataclass(frozen=True, slots=True)
class PlaceLot:
    """Places of one card that expire together."""

    id: UUID
    last_screening_date: date
    places_left: int
    places_reserved: int
    places_used: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was read; `lots` are in the order of their expiry, soonest first."""

    id: UUID
    product: CardProduct
    last_four: str
    state: CardState
    account_id: UUID | None
    register_time: datetime | None
    lots: Sequence[PlaceLot]

    @property
    def places_left(self) -> int:
        return sum(lot.places_left for lot in self.lots)

    @property
    def places_reserved(self) -> int:
        return sum(lot.places_reserved for lot in self.lots)

    @property
    def places_used(self) -> int:
        return sum(lot.places_used for lot in self.lots)

    @property
    def is_touched(self) -> bool:
        """Whether a place is used or reserved, or was not issued as it is now."""
        return self.places_left != self.product.places_issued

    def places_valid_on(self, local_date: date) -> int:
        """Count the places left for screenings of a date; the last date itself is included."""
        return sum(lot.places_left for lot in self.lots if local_date <= lot.last_screening_date)
