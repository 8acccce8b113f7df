"""Price lists and promotions as rows: amounts in minor units of the row's currency.

Lists of values stand for dataclasses, in the order of their fields. What was published before a
field existed lacks the values at the end and stays readable.
"""

import json
from dataclasses import asdict, replace
from typing import Any

from asyncpg import Record

from services.catalog.domain.price_lines import AdmissionPrice, PriceLine
from services.catalog.domain.priced import priced_bands
from services.catalog.domain.prices import FormatSupplement, PriceList, Prices
from services.catalog.domain.promotion import Discount, DiscountKind, Promotion, PromotionTerms
from services.catalog.domain.ticket_types import Admission, GoodsItem, LocalName, TicketType
from services.common.money import Money

PRICE_COLUMNS = "id, cinema_id, effective_time, currency, content::text AS content"
PROMOTION_COLUMNS = """id, code, policy_code, effective_time, end_time, regulations_version,
       regulations_text, content::text AS content, number"""


def pack_prices(prices: Prices) -> str:
    """Write what a price list holds besides its own columns."""
    return json.dumps(
        {
            "ticket_types": [_type_values(each) for each in prices.ticket_types],
            "lines": [_line_values(line) for line in prices.lines],
            "supplements": [[s.format, s.supplement.minor_units] for s in prices.supplements],
            "service_fee": prices.service_fee.minor_units,
            "fee_on_places": prices.fee_on_places,
            "fee_descriptions": _name_values(prices.fee_descriptions),
            "goods": [
                [g.code, g.name, _name_values(g.names), g.price.minor_units, g.formats]
                for g in prices.goods
            ],
        }
    )


def pack_bands(prices: Prices) -> str | None:
    """Write the parts of days that have a price, or nothing when there are none."""
    bands = priced_bands(prices)
    return json.dumps([asdict(band) for band in bands]) if bands else None


def price_list_of(row: Record) -> PriceList:
    content: dict[str, Any] = json.loads(row["content"])
    currency = row["currency"]
    prices = Prices(
        cinema_id=row["cinema_id"],
        effective_time=row["effective_time"],
        ticket_types=tuple(_type(values) for values in content["ticket_types"]),
        lines=tuple(_line(currency, values) for values in content["lines"]),
        supplements=tuple(
            FormatSupplement(name, Money(currency, minor_units))
            for name, minor_units in content["supplements"]
        ),
        service_fee=Money(currency, content["service_fee"]),
        fee_on_places=content["fee_on_places"],
        fee_descriptions=_names(content.get("fee_descriptions", ())),
        goods=tuple(_goods_item(currency, values) for values in content.get("goods", ())),
    )
    return PriceList(row["id"], prices)


def pack_promotion(terms: PromotionTerms) -> str:
    """Write what a promotion holds besides its own columns."""
    discount = terms.discount
    return json.dumps(
        {
            "cinema_ids": terms.cinema_ids,
            "discount": [discount.kind, discount.value, discount.currency],
            "ticket_types": terms.ticket_types,
            "formats": terms.formats,
            "weekdays": terms.weekdays,
        }
    )


def promotion_of(row: Record) -> Promotion:
    content: dict[str, Any] = json.loads(row["content"])
    kind, value, currency = content["discount"]
    terms = PromotionTerms(
        code=row["code"],
        policy_code=row["policy_code"],
        cinema_ids=tuple(content["cinema_ids"]),
        effective_time=row["effective_time"],
        end_time=row["end_time"],
        discount=Discount(DiscountKind(kind), value, currency),
        ticket_types=tuple(content["ticket_types"]),
        formats=tuple(content["formats"]),
        weekdays=tuple(content["weekdays"]),
        regulations_version=row["regulations_version"],
        regulations_text=row["regulations_text"],
    )
    return Promotion(row["id"], terms, row["number"])


def _type_values(ticket_type: TicketType) -> list[Any]:
    return [
        ticket_type.code,
        ticket_type.name,
        ticket_type.proof,
        _name_values(ticket_type.names),
        ticket_type.min_age_years,
        ticket_type.max_age_years,
        ticket_type.companion_of,
        [[each.ticket_type, each.count] for each in ticket_type.admissions],
    ]


def _type(values: list[Any]) -> TicketType:
    code, name, proof, *others = values
    names, min_age_years, max_age_years, companion_of, admissions = others or [(), 0, 0, "", ()]
    return TicketType(
        code,
        name,
        proof,
        _names(names),
        min_age_years,
        max_age_years,
        companion_of,
        tuple(Admission(*each) for each in admissions),
    )


def _line_values(line: PriceLine) -> list[Any]:
    return [
        line.ticket_type,
        line.area,
        line.weekdays,
        line.price.minor_units,
        line.format,
        line.from_minute,
        line.before_minute,
        line.public_holidays,
        [[each.ticket_type, each.price.minor_units] for each in line.admission_prices],
    ]


def _line(currency: str, values: list[Any]) -> PriceLine:
    ticket_type, area, weekdays, minor_units, *conditions = values
    line = PriceLine(ticket_type, area, tuple(weekdays), Money(currency, minor_units))
    if not conditions:
        return line
    name, from_minute, before_minute, public_holidays, split = conditions
    return replace(
        line,
        format=name,
        from_minute=from_minute,
        before_minute=before_minute,
        public_holidays=public_holidays,
        admission_prices=tuple(
            AdmissionPrice(code, Money(currency, units)) for code, units in split
        ),
    )


def _goods_item(currency: str, values: list[Any]) -> GoodsItem:
    code, name, names, minor_units, formats = values
    return GoodsItem(code, name, _names(names), Money(currency, minor_units), tuple(formats))


def _name_values(names: tuple[LocalName, ...]) -> list[list[str]]:
    return [[each.language, each.text] for each in names]


def _names(values: Any) -> tuple[LocalName, ...]:
    return tuple(LocalName(*each) for each in values)
