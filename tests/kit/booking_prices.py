"""Prices of booking's tests: promotions by code, a family package, and kept price tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_OID, UUID, uuid5

from cinema.catalog.v1 import price_pb2
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsResponse
from cinema.type.v1.money_pb2 import Money

from services.booking.adapters.facts_messages import prices_of
from services.booking.adapters.price_tables import table_json
from services.booking.domain.errors import PromotionNotAcceptedError
from services.booking.domain.prices import PriceTable, Promotion, Quote
from services.common.errors import DependencyUnavailableError

PROMOTION_ID = "0198c0de-0000-7000-8000-00000000b0b0"
FAMILY = "FAMILY"


@dataclass
class FakePriceTables:
    """The port `PriceTables` in memory."""

    tables: dict[UUID, PriceTable] = field(default_factory=dict)

    async def note(self, prices: PriceTable) -> UUID:
        table_id = uuid5(NAMESPACE_OID, table_json(prices))
        self.tables[table_id] = prices
        return table_id

    async def get(self, price_table_id: UUID) -> PriceTable:
        return self.tables[price_table_id]


@dataclass
class FakePromotions:
    """Catalog's promotions by code: the percentage that is taken off adult tickets."""

    answers: Mapping[UUID, GetSalesFactsResponse]
    percent_off: dict[str, int] = field(default_factory=dict)
    is_down: bool = False

    async def prices(self, screening_id: UUID, code: str) -> PriceTable:
        if self.is_down:
            raise DependencyUnavailableError("catalog")
        percent = self.percent_off.get(code)
        if percent is None:
            raise PromotionNotAcceptedError
        table = prices_of(self.answers[screening_id], Promotion(PROMOTION_ID, code, "2026-11"))
        quotes = {key: _promoted(quote, percent) for key, quote in table.quotes.items()}
        return replace(table, quotes=quotes)


def _promoted(quote: Quote, percent: int) -> Quote:
    if quote.ticket_type != "ADULT":
        return quote
    price = replace(quote.price, minor_units=quote.price.minor_units * (100 - percent) // 100)
    return replace(quote, price=price, regular_price=quote.price)


def with_family_package(
    answer: GetSalesFactsResponse, *, adult: int = 2_500, child: int = 1_200
) -> GetSalesFactsResponse:
    """The same screening, with a package of two adults and two children on sale too."""
    answer.package_quotes.append(
        price_pb2.PackageQuote(
            ticket_type=FAMILY,
            area="STANDARD",
            price=_ron(2 * adult + 2 * child),
            admissions=[
                price_pb2.AdmissionQuote(
                    ticket_type=ticket_type,
                    count=2,
                    price=_ron(price),
                    supplement=_ron(0),
                    service_fee=_ron(200),
                )
                for ticket_type, price in (("ADULT", adult), ("CHILD", child))
            ],
            admission_count=4,
        )
    )
    return answer


def _ron(minor_units: int) -> Money:
    return Money(currency_code="RON", minor_units=minor_units)
