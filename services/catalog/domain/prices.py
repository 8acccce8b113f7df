"""Price lists, and what a ticket of each type costs in each area of a screening."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.catalog.domain.errors import NegativePriceError, WrongCurrencyError
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class TicketType:
    """A kind of ticket; `proof` is the document checked at the door, or ""."""

    code: str
    name: str
    proof: str


@dataclass(frozen=True, slots=True)
class PriceLine:
    """The base price of a type in an area, on ISO `weekdays`; none means every day."""

    ticket_type: str
    area: str
    weekdays: tuple[int, ...]
    price: Money

    def days(self) -> tuple[int, ...]:
        return self.weekdays or EVERY_DAY


@dataclass(frozen=True, slots=True)
class FormatSupplement:
    """What a format costs on top of the base price, for each ticket."""

    format: str
    supplement: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What one ticket of a type costs in one area of one screening."""

    ticket_type: TicketType
    area: str
    price: Money
    supplement: Money
    service_fee: Money


@dataclass(frozen=True, slots=True)
class Prices:
    """A cinema's prices from a moment on, before or after they are stored."""

    cinema_id: str
    effective_time: datetime
    ticket_types: tuple[TicketType, ...]
    lines: tuple[PriceLine, ...]
    supplements: tuple[FormatSupplement, ...]
    service_fee: Money
    fee_on_places: bool

    def must_be_sound(self, currency: str) -> None:
        """Raise WRONG_CURRENCY, NEGATIVE_PRICE or INVALID_FIELD, naming the fields."""
        amounts = list(self._amounts())
        if any(amount.currency != currency for _, amount in amounts):
            raise WrongCurrencyError(currency)
        negative = [
            FieldViolation(path, "must not be below zero")
            for path, amount in amounts
            if amount.minor_units < 0
        ]
        if negative:
            raise NegativePriceError(negative[:20])
        violations = [*self._type_violations(), *self._supplement_violations()]
        if violations:
            raise InvalidRequestError(*violations[:20])

    @property
    def currency(self) -> str:
        return self.service_fee.currency

    def priced(self) -> tuple[str, ...]:
        """Name every weekday and area that has a price, such as `6STANDARD`."""
        return tuple(sorted({f"{day}{line.area}" for line in self.lines for day in line.days()}))

    def content_hash(self) -> bytes:
        return hashlib.sha256(repr(self).encode()).digest()

    def quotes(
        self, local_date: date, formats: Sequence[str], areas: Sequence[str] | None
    ) -> tuple[Quote, ...]:
        """Quote each ticket type in each area; what no line covers is left out.

        The supplements of all the formats add up. Without a seat plan (`areas` None) every area
        of the list is quoted.
        """
        weekday = local_date.isoweekday()
        if areas is None:
            areas = sorted({line.area for line in self.lines})
        supplement = Money.sum(
            [each.supplement for each in self.supplements if each.format in formats],
            currency=self.currency,
        )
        return tuple(
            Quote(ticket_type, area, line.price, supplement, self.service_fee)
            for ticket_type in self.ticket_types
            for area in areas
            if (line := self._line(ticket_type.code, area, weekday)) is not None
        )

    def _line(self, ticket_type: str, area: str, weekday: int) -> PriceLine | None:
        """Find the most specific line: the one for the fewest days, the first of equals."""
        matching = (
            line
            for line in self.lines
            if line.ticket_type == ticket_type and line.area == area and weekday in line.days()
        )
        return min(matching, key=lambda line: len(line.days()), default=None)

    def _amounts(self) -> Iterator[tuple[str, Money]]:
        for index, line in enumerate(self.lines):
            yield f"price_list.lines[{index}].price", line.price
        for index, each in enumerate(self.supplements):
            yield f"price_list.supplements[{index}].supplement", each.supplement
        yield "price_list.service_fee", self.service_fee

    def _type_violations(self) -> Iterator[FieldViolation]:
        codes: set[str] = set()
        for index, each in enumerate(self.ticket_types):
            if each.code in codes:
                yield FieldViolation(f"price_list.ticket_types[{index}].code", "is there twice")
            codes.add(each.code)
        for index, line in enumerate(self.lines):
            if line.ticket_type not in codes:
                field = f"price_list.lines[{index}].ticket_type"
                yield FieldViolation(field, "is not one of the ticket types")

    def _supplement_violations(self) -> Iterator[FieldViolation]:
        formats: set[str] = set()
        for index, each in enumerate(self.supplements):
            if each.format in formats:
                yield FieldViolation(f"price_list.supplements[{index}].format", "is there twice")
            formats.add(each.format)


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices as stored; `id` is the price version that quotes name."""

    id: UUID
    prices: Prices
