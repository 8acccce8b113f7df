"""Promotions: price rules that a code turns on, each with regulations of its own."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from services.catalog.domain.cinema import Cinema
from services.catalog.domain.errors import NegativePriceError, PromotionNotAcceptedError
from services.catalog.domain.price_lines import Occasion
from services.catalog.domain.quotes import Quote, Quotes
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money

WHOLE_PERCENT = 100


class DiscountKind(StrEnum):
    """How a promotion changes a price."""

    PERCENT_OFF = "PERCENT_OFF"
    AMOUNT_OFF = "AMOUNT_OFF"
    FIXED_PRICE = "FIXED_PRICE"


@dataclass(frozen=True, slots=True)
class Discount:
    """`value` is a percentage, or an amount in minor units of `currency`."""

    kind: DiscountKind
    value: int
    currency: str = ""

    def apply(self, price: Money) -> Money:
        """Give the price with the discount: never below zero, never dearer than without.

        Half a minor unit is the customer's.
        """
        amount = price.minor_units
        match self.kind:
            case DiscountKind.PERCENT_OFF:
                off = (amount * self.value + WHOLE_PERCENT // 2) // WHOLE_PERCENT
                amount -= off
            case DiscountKind.AMOUNT_OFF:
                amount -= self.value
            case DiscountKind.FIXED_PRICE:
                amount = min(amount, self.value)
        return Money(price.currency, max(0, amount))


@dataclass(frozen=True, slots=True)
class PromotionTerms:
    """A promotion as it is published; what is empty of the lists means everything.

    It is on sale from `effective_time` until before `end_time`; `weekdays` and `formats` are the
    screening's.
    """

    code: str
    policy_code: str
    cinema_ids: tuple[str, ...]
    effective_time: datetime
    end_time: datetime
    discount: Discount
    ticket_types: tuple[str, ...]
    formats: tuple[str, ...]
    weekdays: tuple[int, ...]
    regulations_version: str
    regulations_text: str

    @property
    def regulations_sha256(self) -> str:
        return hashlib.sha256(self.regulations_text.encode()).hexdigest()

    def must_be_sound(self) -> None:
        """Raise NEGATIVE_PRICE, or INVALID_FIELD when it could never be used; the field is named."""
        if self.discount.value < 0:
            field = f"promotion.{self.discount.kind.lower()}"
            raise NegativePriceError([FieldViolation(field, "must not be below zero")])
        if self.end_time <= self.effective_time:
            raise InvalidRequestError(
                FieldViolation("promotion.end_time", "must be later than effective_time")
            )

    def covers(self, cinema: Cinema, occasion: Occasion) -> bool:
        """Whether a cinema and a screening take part; an amount is good in its currency only."""
        return (
            cinema.policy_code == self.policy_code
            and _allows(self.cinema_ids, cinema.id)
            and self.discount.currency in ("", cinema.currency)
            and _allows(self.weekdays, occasion.weekday)
            and _allows(self.formats, occasion.format)
        )


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion as stored; orders name its `id`, which is one version of its regulations.

    `number` counts what was published.
    """

    id: UUID
    terms: PromotionTerms
    number: int = 0

    def apply(self, quotes: Quotes, cinema: Cinema, occasion: Occasion) -> Quotes:
        """Take the discount off every ticket that takes part; packages and goods have none.

        PROMOTION_NOT_ACCEPTED when no ticket of the screening takes part.
        """
        tickets = tuple(self._discounted(quote) for quote in quotes.tickets)
        if not self.terms.covers(cinema, occasion) or tickets == quotes.tickets:
            raise PromotionNotAcceptedError
        return replace(quotes, tickets=tickets)

    def _discounted(self, quote: Quote) -> Quote:
        if not _allows(self.terms.ticket_types, quote.ticket_type.code):
            return quote
        price = self.terms.discount.apply(quote.price)
        return replace(quote, price=price, regular=quote.price)


_T = TypeVar("_T")


def _allows(listed: tuple[_T, ...], wanted: _T) -> bool:
    return not listed or wanted in listed
