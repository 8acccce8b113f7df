"""What tickets, packages and goods cost for one screening."""

from dataclasses import dataclass

from services.catalog.domain.ticket_types import GoodsItem, TicketType
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What one ticket of a type costs in one area of one screening.

    `price` is what it costs without the screening's technology, which is `supplement`; `regular`
    is the price before a promotion.
    """

    ticket_type: TicketType
    area: str
    price: Money
    supplement: Money
    service_fee: Money
    regular: Money | None = None


@dataclass(frozen=True, slots=True)
class AdmissionQuote:
    """What each of `count` admissions of a package costs."""

    ticket_type: TicketType
    count: int
    price: Money
    supplement: Money
    service_fee: Money


@dataclass(frozen=True, slots=True)
class PackageQuote:
    """What a package costs in one area: only whole, and all of it in the admissions."""

    ticket_type: TicketType
    area: str
    admissions: tuple[AdmissionQuote, ...]

    @property
    def price(self) -> Money:
        currency = self.admissions[0].price.currency
        return Money.sum([each.price * each.count for each in self.admissions], currency=currency)


@dataclass(frozen=True, slots=True)
class Quotes:
    """Everything that is sold for one screening."""

    tickets: tuple[Quote, ...] = ()
    packages: tuple[PackageQuote, ...] = ()
    goods: tuple[GoodsItem, ...] = ()
