"""Database rows as domain objects, and the JSON that some columns hold."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from asyncpg import Record

from services.catalog.domain.cinema import Cinema, ContactHours
from services.catalog.domain.prices import (
    FormatSupplement,
    PriceLine,
    PriceList,
    Prices,
    TicketType,
)
from services.catalog.domain.screening import Film, NotSoldReason, Screening, ScreeningState
from services.catalog.domain.terms import SalesPolicy, Terms
from services.common.money import Money

CINEMA_COLUMNS = """id, name, city, phone, time_zone, currency, formats, cards_accepted,
       sold_online, country_code, policy_code, address, email, contact_hours, version"""
PRICE_COLUMNS = "id, cinema_id, effective_time, currency, content::text AS content"
TERMS_COLUMNS = """policy_code, gtc_version, otc_version, gtc_text, otc_text, effective_time,
       figures::text AS figures, ratings_not_sold_online, categories_sold_online"""


def cinema_of(row: Record, prefix: str = "") -> Cinema:
    """Read a cinema; `prefix` is that of its columns in a join."""
    return Cinema(
        id=row[f"{prefix}id"],
        name=row[f"{prefix}name"],
        city=row[f"{prefix}city"],
        phone=row[f"{prefix}phone"],
        time_zone=row[f"{prefix}time_zone"],
        currency=row[f"{prefix}currency"],
        formats=tuple(row[f"{prefix}formats"]),
        cards_accepted=row[f"{prefix}cards_accepted"],
        sold_online=row[f"{prefix}sold_online"],
        country_code=row[f"{prefix}country_code"],
        policy_code=row[f"{prefix}policy_code"],
        address=row[f"{prefix}address"],
        email=row[f"{prefix}email"],
        contact_hours=_contact_hours_of(row[f"{prefix}contact_hours"]),
        version=row[f"{prefix}version"],
    )


def pack_contact_hours(hours: Iterable[ContactHours]) -> str:
    return json.dumps([[each.weekdays, each.open_time, each.close_time] for each in hours])


@lru_cache(maxsize=1_000)
def _contact_hours_of(packed: str) -> tuple[ContactHours, ...]:
    return tuple(
        ContactHours(tuple(weekdays), open_time, close_time)
        for weekdays, open_time, close_time in json.loads(packed)
    )


def screening_of(row: Record) -> Screening:
    """Read a row of `listed_screening`."""
    return Screening(
        id=row["id"],
        feed_id=row["feed_id"] or "",
        cinema_id=row["cinema_id"],
        hall_id=row["hall_id"],
        hall_name=row["hall_name"],
        film=Film(
            row["film_id"],
            row["film_feed_id"] or "",
            row["film_title"],
            row["length_minutes"],
            row["film_event_kind"] or "",
        ),
        rating=row["rating"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        local_start=row["local_start"],
        business_day=row["business_day"],
        format=row["format"],
        formats=tuple(row["formats"]),
        language_tokens=tuple(row["language_tokens"]),
        unknown_tokens=tuple(row["unknown_tokens"]),
        category=row["category"],
        state=ScreeningState(row["state"]),
        not_sold_reason=NotSoldReason(row["not_sold_reason"]),
        seat_plan_id=row["seat_plan_id"],
        sales_start_time=row["sales_start_time"],
        version=row["version"],
    )


def pack_prices(prices: Prices) -> str:
    """Write what a price list holds besides its own columns; amounts in minor units."""
    return json.dumps(
        {
            "ticket_types": [[t.code, t.name, t.proof] for t in prices.ticket_types],
            "lines": [
                [line.ticket_type, line.area, line.weekdays, line.price.minor_units]
                for line in prices.lines
            ],
            "supplements": [[s.format, s.supplement.minor_units] for s in prices.supplements],
            "service_fee": prices.service_fee.minor_units,
            "fee_on_places": prices.fee_on_places,
        }
    )


def price_list_of(row: Record) -> PriceList:
    content: dict[str, Any] = json.loads(row["content"])
    currency = row["currency"]
    prices = Prices(
        cinema_id=row["cinema_id"],
        effective_time=row["effective_time"],
        ticket_types=tuple(TicketType(*each) for each in content["ticket_types"]),
        lines=tuple(
            PriceLine(ticket_type, area, tuple(weekdays), Money(currency, minor_units))
            for ticket_type, area, weekdays, minor_units in content["lines"]
        ),
        supplements=tuple(
            FormatSupplement(name, Money(currency, minor_units))
            for name, minor_units in content["supplements"]
        ),
        service_fee=Money(currency, content["service_fee"]),
        fee_on_places=content["fee_on_places"],
    )
    return PriceList(row["id"], prices)


FIGURES = (
    "hold_seconds",
    "max_tickets_per_type",
    "payment_margin_seconds",
    "min_payment_seconds",
    "cancel_before_start_seconds",
    "refund_before_start_seconds",
    "remedy_days",
    "rescue_seconds",
    "voucher_valid_days",
)


def pack_figures(policy: SalesPolicy) -> str:
    return json.dumps({name: getattr(policy, name) for name in FIGURES})


def policy_of(row: Record) -> SalesPolicy:
    return SalesPolicy(
        **json.loads(row["figures"]),
        ratings_not_sold_online=tuple(row["ratings_not_sold_online"]),
        categories_sold_online=tuple(row["categories_sold_online"]),
    )


def terms_of(row: Record) -> Terms:
    return Terms(
        policy_code=row["policy_code"],
        gtc_version=row["gtc_version"],
        otc_version=row["otc_version"],
        gtc_text=row["gtc_text"],
        otc_text=row["otc_text"],
        effective_time=row["effective_time"],
        policy=policy_of(row),
    )
