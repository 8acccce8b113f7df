"""Everything that a sale of a screening depends on, at one moment."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Cinema
from services.catalog.domain.price_lines import Occasion
from services.catalog.domain.prices import PriceList
from services.catalog.domain.quotes import Quotes
from services.catalog.domain.screening import Screening
from services.catalog.domain.terms import TermsVersions


@dataclass(frozen=True, slots=True)
class SalesFacts:
    """The screening with its cinema, and the prices and terms in force when it was read.

    `areas` are those of the seat plan, None without one; `terms` is None while there are none.
    """

    screening: Screening
    cinema: Cinema
    price_list: PriceList | None
    terms: TermsVersions | None
    areas: tuple[str, ...] | None
    public_holiday: bool

    @property
    def occasion(self) -> Occasion:
        screening = self.screening
        return Occasion(
            screening.local_start, self.public_holiday, screening.format, screening.formats
        )

    def quotes(self) -> Quotes:
        """Quote each ticket type and area; nothing without prices."""
        if self.price_list is None:
            return Quotes()
        return self.price_list.prices.quotes(self.occasion, self.areas)

    @property
    def goods_sold_online(self) -> bool:
        return self.terms is not None and self.terms.policy.goods_sold_online
