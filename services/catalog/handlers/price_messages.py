"""Price lists as messages, and back."""

from collections.abc import Iterable

from cinema.catalog.v1 import price_pb2

from services.catalog.domain.price_lines import (
    MINUTES_OF_A_DAY,
    AdmissionPrice,
    PriceLine,
)
from services.catalog.domain.prices import (
    FormatSupplement,
    PriceList,
    PriceListVersion,
    Prices,
)
from services.catalog.domain.ticket_types import Admission, GoodsItem, LocalName, TicketType
from services.common.rpc.money import money_of, money_to_proto
from services.common.rpc.times import moment_of, timestamp_of


def price_list_to_proto(price_list: PriceList) -> price_pb2.PriceList:
    prices = price_list.prices
    return price_pb2.PriceList(
        id=str(price_list.id),
        cinema_id=prices.cinema_id,
        effective_time=timestamp_of(prices.effective_time),
        lines=[_line_to_proto(line) for line in prices.lines],
        supplements=[
            price_pb2.FormatSupplement(
                format=each.format, supplement=money_to_proto(each.supplement)
            )
            for each in prices.supplements
        ],
        service_fee=money_to_proto(prices.service_fee),
        ticket_types=[ticket_type_to_proto(each) for each in prices.ticket_types],
        fee_on_places=prices.fee_on_places,
        service_fee_descriptions=names_to_proto(prices.fee_descriptions),
        goods=[goods_to_proto(item) for item in prices.goods],
    )


def version_to_proto(version: PriceListVersion) -> price_pb2.PriceListVersion:
    return price_pb2.PriceListVersion(
        price_version=str(version.id), effective_time=timestamp_of(version.effective_time)
    )


def ticket_type_to_proto(ticket_type: TicketType) -> price_pb2.TicketType:
    return price_pb2.TicketType(
        code=ticket_type.code,
        name=ticket_type.name,
        proof=ticket_type.proof,
        names=names_to_proto(ticket_type.names),
        min_age_years=ticket_type.min_age_years,
        max_age_years=ticket_type.max_age_years,
        companion_of=ticket_type.companion_of,
        admissions=[
            price_pb2.PackageAdmission(ticket_type=each.ticket_type, count=each.count)
            for each in ticket_type.admissions
        ],
    )


def goods_to_proto(item: GoodsItem) -> price_pb2.GoodsItem:
    return price_pb2.GoodsItem(
        code=item.code,
        name=item.name,
        names=names_to_proto(item.names),
        price=money_to_proto(item.price),
        formats=item.formats,
    )


def names_to_proto(names: Iterable[LocalName]) -> list[price_pb2.LocalizedText]:
    return [price_pb2.LocalizedText(language_code=each.language, text=each.text) for each in names]


def prices_of(message: price_pb2.PriceList) -> Prices:
    return Prices(
        cinema_id=message.cinema_id,
        effective_time=moment_of(message.effective_time, "price_list.effective_time"),
        ticket_types=tuple(_ticket_type_of(each) for each in message.ticket_types),
        lines=tuple(_line_of(line) for line in message.lines),
        supplements=tuple(
            FormatSupplement(each.format, money_of(each.supplement)) for each in message.supplements
        ),
        service_fee=money_of(message.service_fee),
        fee_on_places=message.fee_on_places,
        fee_descriptions=_names_of(message.service_fee_descriptions),
        goods=tuple(
            GoodsItem(
                item.code,
                item.name,
                _names_of(item.names),
                money_of(item.price),
                tuple(item.formats),
            )
            for item in message.goods
        ),
    )


def _ticket_type_of(message: price_pb2.TicketType) -> TicketType:
    return TicketType(
        code=message.code,
        name=message.name,
        proof=message.proof,
        names=_names_of(message.names),
        min_age_years=message.min_age_years,
        max_age_years=message.max_age_years,
        companion_of=message.companion_of,
        admissions=tuple(Admission(each.ticket_type, each.count) for each in message.admissions),
    )


def _line_of(message: price_pb2.PriceLine) -> PriceLine:
    """Read a line; the split of a package is put in order, so that all lines split alike."""
    split = sorted(message.admission_prices, key=lambda each: each.ticket_type)
    before = message.local_start_before
    return PriceLine(
        ticket_type=message.ticket_type,
        area=message.area,
        weekdays=tuple(sorted(message.weekdays)),
        price=money_of(message.price),
        format=message.format,
        from_minute=_minute_of(message.local_start_from) if message.local_start_from else 0,
        before_minute=_minute_of(before) if before else MINUTES_OF_A_DAY,
        public_holidays=message.public_holidays,
        admission_prices=tuple(
            AdmissionPrice(each.ticket_type, money_of(each.price)) for each in split
        ),
    )


def _line_to_proto(line: PriceLine) -> price_pb2.PriceLine:
    return price_pb2.PriceLine(
        ticket_type=line.ticket_type,
        area=line.area,
        weekdays=line.weekdays,
        price=money_to_proto(line.price),
        format=line.format,
        local_start_from=_time_of(line.from_minute) if line.from_minute else "",
        local_start_before=(
            _time_of(line.before_minute) if line.before_minute < MINUTES_OF_A_DAY else ""
        ),
        public_holidays=line.public_holidays,
        admission_prices=[
            price_pb2.AdmissionPrice(ticket_type=each.ticket_type, price=money_to_proto(each.price))
            for each in line.admission_prices
        ],
    )


def _minute_of(time: str) -> int:
    """Count the minutes of `HH:MM`, which the contract's rule has checked."""
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _time_of(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _names_of(messages: Iterable[price_pb2.LocalizedText]) -> tuple[LocalName, ...]:
    return tuple(LocalName(each.language_code, each.text) for each in messages)
