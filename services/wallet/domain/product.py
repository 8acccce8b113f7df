"""Products: what a place of a card, or a voucher, pays, as data."""

from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money

# The lot of a card without a limit holds this many places, which nobody is shown: such a card pays
# few seats of a screening, so that it never gets there.
UNLIMITED_PLACES = 1_000_000


class ProductKind(StrEnum):
    """How a card of the product comes into a wallet, or that it is a voucher."""

    PLACE_CARD = "PLACE_CARD"
    NOMINATIVE = "NOMINATIVE"
    VOUCHER = "VOUCHER"


@dataclass(frozen=True, slots=True)
class CardProduct:
    """The terms that a card or voucher was issued under.

    Empty `formats`, `supplement_formats`, `weekdays` (Monday 1 to Sunday 7) and `cinema_ids` mean
    all of them; `max_seats_per_screening` zero means as many as there are places, `places` zero
    that their number has no limit. `supplement_formats` counts where supplements are included.
    `validity_days` is for cards that come without a date of their own: bought online, for points,
    for a birthday. `price` is what a card costs online, `points_price` what it costs in points.
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
    kind: ProductKind = ProductKind.PLACE_CARD
    supplement_formats: frozenset[str] = frozenset()
    validity_days: int = 0
    price: Money | None = None
    points_price: int = 0
    partly_usable: bool = False

    @property
    def is_unlimited(self) -> bool:
        return self.places == 0

    @property
    def places_issued(self) -> int:
        """How many places the lot of a new card holds."""
        return UNLIMITED_PLACES if self.is_unlimited else self.places

    @property
    def is_personal(self) -> bool:
        """Whether the door must look at who comes."""
        return self.kind is ProductKind.NOMINATIVE

    def includes_supplement(self, screening_format: str) -> bool:
        """Tell whether a place pays the format's supplement too."""
        if not self.supplements_included:
            return False
        return not self.supplement_formats or screening_format in self.supplement_formats
