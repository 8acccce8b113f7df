"""What the tickets of a screening cost: a table that a hold keeps for its life."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from services.booking.domain.errors import UnknownTicketTypeError
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What one ticket of a type costs in one area. `proof` is checked at the door; may be "".

    `regular_price` is the price without the promotion that was taken off, else None.
    """

    ticket_type: str
    area: str
    price: Money
    supplement: Money
    service_fee: Money
    proof: str
    regular_price: Money | None = None


@dataclass(frozen=True, slots=True)
class PackageQuote:
    """A package in one area: the quote of each of its admissions, which sell together only."""

    ticket_type: str
    area: str
    admissions: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class TicketCost:
    """What one ticket or one whole package costs in an area. A ticket has no `admissions`."""

    ticket_type: str
    area: str
    price: Money
    supplement: Money
    service_fee: Money
    proof: str
    regular_price: Money | None
    admissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion by its version: what it grants is read by its ID for ever."""

    id: str
    code: str
    regulations_version: str


@dataclass(frozen=True, eq=False)
class PriceTable:
    """The quotes of one moment, by ticket type and area. Packages never sell as single tickets."""

    price_version: str
    quotes: Mapping[tuple[str, str], Quote]
    packages: Mapping[tuple[str, str], PackageQuote] = field(default_factory=dict)
    promotion: Promotion | None = None
    _package_sizes: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        sizes = {key[0]: len(package.admissions) for key, package in self.packages.items()}
        object.__setattr__(self, "_package_sizes", sizes)

    def is_package(self, ticket_type: str) -> bool:
        """Whether the code is a package's."""
        return ticket_type in self._package_sizes

    def seats_of(self, ticket_type: str) -> int:
        """How many seats one of them needs: a package one for each admission."""
        return self._package_sizes.get(ticket_type, 1)

    def areas_of(self, ticket_types: Iterable[str]) -> frozenset[str]:
        """List the areas that sell each of these; UNKNOWN_TICKET_TYPE when one is sold in none."""
        sold = {*self.quotes, *self.packages}
        areas = frozenset(area for _, area in sold)
        for ticket_type in ticket_types:
            areas = frozenset(area for area in areas if (ticket_type, area) in sold)
            if not areas:
                raise UnknownTicketTypeError(ticket_type)
        return areas

    def quote(self, ticket_type: str, area: str) -> Quote:
        """Price one ticket; UNKNOWN_TICKET_TYPE when there is no price for it in the area."""
        quote = self.quotes.get((ticket_type, area))
        if quote is None:
            raise UnknownTicketTypeError(ticket_type)
        return quote

    def package(self, ticket_type: str, area: str) -> PackageQuote:
        """Price a package; UNKNOWN_TICKET_TYPE when it is not sold in the area."""
        package = self.packages.get((ticket_type, area))
        if package is None:
            raise UnknownTicketTypeError(ticket_type)
        return package

    def costs_in(self, areas: Collection[str]) -> list[TicketCost]:
        """List what can be chosen in some areas, packages last."""
        tickets = [_ticket_cost(quote) for quote in self.quotes.values() if quote.area in areas]
        packages = [
            _package_cost(package) for package in self.packages.values() if package.area in areas
        ]
        return tickets + packages

    def promoted(self, promoted: "PriceTable") -> Self:
        """Take a promotion's prices where they are lower than these without any promotion.

        Everything else stays as it was: what was shown never rises, and two promotions never add up.
        """
        quotes = {
            key: _promoted(quote, promoted.quotes.get(key)) for key, quote in self.quotes.items()
        }
        return replace(self, quotes=quotes, promotion=promoted.promotion)


def _promoted(quote: Quote, promoted: Quote | None) -> Quote:
    regular = quote.regular_price or quote.price
    if promoted is None or promoted.regular_price is None or promoted.price >= regular:
        return replace(quote, price=regular, regular_price=None)
    return replace(quote, price=promoted.price, regular_price=regular)


def _ticket_cost(quote: Quote) -> TicketCost:
    return TicketCost(
        ticket_type=quote.ticket_type,
        area=quote.area,
        price=quote.price,
        supplement=quote.supplement,
        service_fee=quote.service_fee,
        proof=quote.proof,
        regular_price=quote.regular_price,
        admissions=(),
    )


def _package_cost(package: PackageQuote) -> TicketCost:
    parts = package.admissions
    currency = parts[0].price.currency
    return TicketCost(
        ticket_type=package.ticket_type,
        area=package.area,
        price=Money.sum([part.price for part in parts], currency=currency),
        supplement=Money.sum([part.supplement for part in parts], currency=currency),
        service_fee=Money.sum([part.service_fee for part in parts], currency=currency),
        proof="",
        regular_price=None,
        admissions=tuple(part.ticket_type for part in parts),
    )
