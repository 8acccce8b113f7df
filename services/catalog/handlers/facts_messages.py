"""The facts of a sale as a message."""

from datetime import timedelta

from cinema.catalog.v1 import sales_facts_service_pb2

from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.handlers.cinema_messages import cinema_to_proto
from services.catalog.handlers.quote_messages import (
    goods_quote_to_proto,
    package_to_proto,
    quote_to_proto,
)
from services.catalog.handlers.screening_messages import screening_to_proto
from services.catalog.handlers.terms_messages import policy_to_proto


def sales_facts_to_proto(
    facts: SalesFacts, sales_end_after_start: timedelta
) -> sales_facts_service_pb2.GetSalesFactsResponse:
    """Pack the facts, without the seat plan."""
    quotes = facts.quotes()
    response = sales_facts_service_pb2.GetSalesFactsResponse(
        screening=screening_to_proto(facts.screening, sales_end_after_start),
        cinema=cinema_to_proto(facts.cinema),
        quotes=[quote_to_proto(quote) for quote in quotes.tickets],
        public_holiday=facts.public_holiday,
        package_quotes=[package_to_proto(package) for package in quotes.packages],
        goods=[
            goods_quote_to_proto(item, sold_online=facts.goods_sold_online) for item in quotes.goods
        ],
    )
    if facts.price_list is not None:
        response.price_version = str(facts.price_list.id)
        response.fee_on_places = facts.price_list.prices.fee_on_places
    if facts.terms is not None:
        terms = facts.terms
        response.policy.CopyFrom(
            policy_to_proto(terms.policy, terms.policy_code, terms.otc_version)
        )
        response.gtc_version = terms.gtc_version
        response.otc_version = terms.otc_version
    return response
