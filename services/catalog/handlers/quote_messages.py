"""Quotes as messages."""

from cinema.catalog.v1 import price_pb2, programme_service_pb2

from services.catalog.domain.quotes import AdmissionQuote, PackageQuote, Quote
from services.catalog.domain.ticket_types import GoodsItem
from services.catalog.handlers.price_messages import goods_to_proto, names_to_proto
from services.catalog.handlers.promotion_messages import applied_to_proto
from services.catalog.use_cases.quote_prices import QuotedPrices
from services.common.rpc.money import money_to_proto


def quoted_prices_to_proto(quoted: QuotedPrices) -> programme_service_pb2.QuotePricesResponse:
    prices = quoted.price_list.prices
    response = programme_service_pb2.QuotePricesResponse(
        quotes=[quote_to_proto(quote) for quote in quoted.quotes.tickets],
        price_version=str(quoted.price_list.id),
        package_quotes=[package_to_proto(package) for package in quoted.quotes.packages],
        goods=[
            goods_quote_to_proto(item, sold_online=quoted.goods_sold_online)
            for item in quoted.quotes.goods
        ],
        currency_code=prices.currency,
        tax_included=True,
        service_fee_descriptions=names_to_proto(prices.fee_descriptions),
    )
    if quoted.promotion is not None:
        response.promotion.CopyFrom(applied_to_proto(quoted.promotion))
    return response


def quote_to_proto(quote: Quote) -> price_pb2.Quote:
    return price_pb2.Quote(
        ticket_type=quote.ticket_type.code,
        ticket_type_name=quote.ticket_type.name,
        area=quote.area,
        price=money_to_proto(quote.price),
        supplement=money_to_proto(quote.supplement),
        service_fee=money_to_proto(quote.service_fee),
        proof=quote.ticket_type.proof,
        regular_price=None if quote.regular is None else money_to_proto(quote.regular),
    )


def package_to_proto(package: PackageQuote) -> price_pb2.PackageQuote:
    return price_pb2.PackageQuote(
        ticket_type=package.ticket_type.code,
        ticket_type_name=package.ticket_type.name,
        area=package.area,
        price=money_to_proto(package.price),
        admissions=[_admission_to_proto(each) for each in package.admissions],
        admission_count=sum(each.count for each in package.admissions),
    )


def goods_quote_to_proto(item: GoodsItem, *, sold_online: bool) -> price_pb2.GoodsQuote:
    return price_pb2.GoodsQuote(
        item=goods_to_proto(item), sold_online=sold_online, refundable=False
    )


def _admission_to_proto(admission: AdmissionQuote) -> price_pb2.AdmissionQuote:
    return price_pb2.AdmissionQuote(
        ticket_type=admission.ticket_type.code,
        ticket_type_name=admission.ticket_type.name,
        count=admission.count,
        price=money_to_proto(admission.price),
        supplement=money_to_proto(admission.supplement),
        service_fee=money_to_proto(admission.service_fee),
        proof=admission.ticket_type.proof,
    )
