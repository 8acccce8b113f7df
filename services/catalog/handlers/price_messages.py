"""Prices and quotes as messages, and back."""

from cinema.catalog.v1 import price_pb2

from services.catalog.domain.prices import (
    FormatSupplement,
    PriceLine,
    PriceList,
    Prices,
    Quote,
    TicketType,
)
from services.catalog.handlers.requests import moment_of, timestamp
from services.common.rpc.money import money_of, money_to_proto


def quote_to_proto(quote: Quote) -> price_pb2.Quote:
    return price_pb2.Quote(
        ticket_type=quote.ticket_type.code,
        ticket_type_name=quote.ticket_type.name,
        area=quote.area,
        price=money_to_proto(quote.price),
        supplement=money_to_proto(quote.supplement),
        service_fee=money_to_proto(quote.service_fee),
        proof=quote.ticket_type.proof,
    )


def price_list_to_proto(price_list: PriceList) -> price_pb2.PriceList:
    prices = price_list.prices
    return price_pb2.PriceList(
        id=str(price_list.id),
        cinema_id=prices.cinema_id,
        effective_time=timestamp(prices.effective_time),
        lines=[
            price_pb2.PriceLine(
                ticket_type=line.ticket_type,
                area=line.area,
                weekdays=line.weekdays,
                price=money_to_proto(line.price),
            )
            for line in prices.lines
        ],
        supplements=[
            price_pb2.FormatSupplement(
                format=each.format, supplement=money_to_proto(each.supplement)
            )
            for each in prices.supplements
        ],
        service_fee=money_to_proto(prices.service_fee),
        ticket_types=[
            price_pb2.TicketType(code=each.code, name=each.name, proof=each.proof)
            for each in prices.ticket_types
        ],
        fee_on_places=prices.fee_on_places,
    )


def prices_of(message: price_pb2.PriceList) -> Prices:
    return Prices(
        cinema_id=message.cinema_id,
        effective_time=moment_of(message.effective_time, "price_list.effective_time"),
        ticket_types=tuple(
            TicketType(each.code, each.name, each.proof) for each in message.ticket_types
        ),
        lines=tuple(
            PriceLine(
                line.ticket_type, line.area, tuple(sorted(line.weekdays)), money_of(line.price)
            )
            for line in message.lines
        ),
        supplements=tuple(
            FormatSupplement(each.format, money_of(each.supplement)) for each in message.supplements
        ),
        service_fee=money_of(message.service_fee),
        fee_on_places=message.fee_on_places,
    )
