"""Database rows as domain objects, and the JSON that some columns hold."""

import json
from collections.abc import Iterable
from functools import lru_cache

from asyncpg import Record

from services.catalog.domain.cinema import Cinema, ContactHours
from services.catalog.domain.screening import (
    CancellationCause,
    Ending,
    Film,
    NotSoldReason,
    Screening,
    ScreeningState,
)

CINEMA_COLUMNS = """id, name, city, phone, time_zone, currency, formats, cards_accepted,
       sold_online, country_code, policy_code, address, email, contact_hours, version"""


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
        box_office_only=row["box_office_only"],
        sales_from=row["sales_from"],
        sales_until=row["sales_until"],
        ending=_ending_of(row) if row["end_time"] is not None else None,
    )


def _ending_of(row: Record) -> Ending:
    cause = row["end_cause"]
    return Ending(
        row["end_time"],
        CancellationCause(cause) if cause is not None else None,
        row["end_reason"] or "",
        bool(row["attributable"]),
    )
