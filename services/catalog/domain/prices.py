"""Price lists, and what a ticket of each type costs in each area of a screening."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from services.catalog.domain.price_lines import STANDARD_FORMAT, Occasion, PriceLine, winner
from services.catalog.domain.quotes import AdmissionQuote, PackageQuote, Quote, Quotes
from services.catalog.domain.ticket_types import GoodsItem, LocalName, TicketType
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class FormatSupplement:
    """What a format costs on top of the base price, for each ticket."""

    format: str
    supplement: Money


@dataclass(frozen=True)
class Prices:
    """A cinema's prices from a moment on, before or after they are stored."""

    cinema_id: str
    effective_time: datetime
    ticket_types: tuple[TicketType, ...]
    lines: tuple[PriceLine, ...]
    supplements: tuple[FormatSupplement, ...]
    service_fee: Money
    fee_on_places: bool
    fee_descriptions: tuple[LocalName, ...] = ()
    goods: tuple[GoodsItem, ...] = field(default=())

    @property
    def currency(self) -> str:
        return self.service_fee.currency

    @cached_property
    def types(self) -> Mapping[str, TicketType]:
        return {each.code: each for each in self.ticket_types}

    @cached_property
    def _lines_of(self) -> Mapping[tuple[str, str], tuple[PriceLine, ...]]:
        found: dict[tuple[str, str], list[PriceLine]] = {}
        for line in self.lines:
            found.setdefault((line.ticket_type, line.area), []).append(line)
        return {key: tuple(lines) for key, lines in found.items()}

    def content_hash(self) -> bytes:
        return hashlib.sha256(repr(self).encode()).digest()

    def quotes(self, occasion: Occasion, areas: Sequence[str] | None) -> Quotes:
        """Quote each ticket type and package in each area; what no line covers is left out.

        The supplements of all the formats add up. Without a seat plan (`areas` None) every area
        of the list is quoted.
        """
        if areas is None:
            areas = sorted({line.area for line in self.lines})
        supplement = Money.sum(
            [each.supplement for each in self.supplements if each.format in occasion.formats],
            currency=self.currency,
        )
        tickets: list[Quote] = []
        packages: list[PackageQuote] = []
        for ticket_type in self.ticket_types:
            for area in areas:
                line = self._winner(ticket_type.code, area, occasion)
                if line is None:
                    continue
                regular = self._in_standard_format(line, occasion)
                if ticket_type.is_package:
                    packages.append(self._package(ticket_type, line, regular, supplement))
                else:
                    tickets.append(self._ticket(ticket_type, line, regular, supplement))
        return Quotes(tuple(tickets), tuple(packages), tuple(self._goods(occasion)))

    def _winner(self, ticket_type: str, area: str, occasion: Occasion) -> PriceLine | None:
        return winner(self._lines_of.get((ticket_type, area), ()), occasion)

    def _in_standard_format(self, line: PriceLine, occasion: Occasion) -> PriceLine:
        """Find what a format's line replaces: the price of the same show in 2D.

        A line for a format is dearer for the format's sake: that part is a supplement, because a
        prepaid place covers the 2D price only. A cheaper line, or one that replaces none, is the
        price itself.
        """
        if line.format in ("", STANDARD_FORMAT):
            return line
        regular = self._winner(
            line.ticket_type,
            line.area,
            replace(occasion, format=STANDARD_FORMAT, formats=(STANDARD_FORMAT,)),
        )
        if regular is None or any(
            special < usual
            for special, usual in zip(_amounts(line), _amounts(regular), strict=True)
        ):
            return line
        return regular

    def _ticket(
        self, ticket_type: TicketType, line: PriceLine, regular: PriceLine, supplement: Money
    ) -> Quote:
        extra = line.price - regular.price
        return Quote(ticket_type, line.area, regular.price, supplement + extra, self.service_fee)

    def _package(
        self, package: TicketType, line: PriceLine, regular: PriceLine, supplement: Money
    ) -> PackageQuote:
        counts = {each.ticket_type: each.count for each in package.admissions}
        admissions = tuple(
            AdmissionQuote(
                self.types[special.ticket_type],
                counts[special.ticket_type],
                usual.price,
                supplement + (special.price - usual.price),
                self.service_fee,
            )
            for special, usual in zip(line.admission_prices, regular.admission_prices, strict=True)
        )
        return PackageQuote(package, line.area, admissions)

    def _goods(self, occasion: Occasion) -> Iterator[GoodsItem]:
        for item in self.goods:
            if not item.formats or set(item.formats) & set(occasion.formats):
                yield item


def _amounts(line: PriceLine) -> list[Money]:
    return [line.price, *(each.price for each in line.admission_prices)]


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices as stored; `id` is the price version that quotes name."""

    id: UUID
    prices: Prices


@dataclass(frozen=True, slots=True)
class PriceListVersion:
    """A list without its prices; `number` counts what was published."""

    id: UUID
    effective_time: datetime
    number: int
