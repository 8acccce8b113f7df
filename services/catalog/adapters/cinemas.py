"""Cinemas inside a transaction."""

# ruff: noqa: S608 - only constants of ours are put into the statements

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from services.catalog.adapters.records import CINEMA_COLUMNS, cinema_of, pack_contact_hours
from services.catalog.domain.cinema import Cinema, FeedRules

if TYPE_CHECKING:
    from asyncpg import Connection

_LOCK = f"""
SELECT {CINEMA_COLUMNS}, advertising_minutes, cleaning_minutes, ratings::text AS ratings
FROM cinema WHERE id = $1 FOR NO KEY UPDATE"""
_SAVE = f"""
INSERT INTO cinema AS known ({CINEMA_COLUMNS}, advertising_minutes, cleaning_minutes, ratings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $17)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, city = excluded.city, phone = excluded.phone,
    time_zone = excluded.time_zone, currency = excluded.currency, formats = excluded.formats,
    cards_accepted = excluded.cards_accepted, sold_online = excluded.sold_online,
    country_code = excluded.country_code, policy_code = excluded.policy_code,
    address = excluded.address, email = excluded.email,
    contact_hours = excluded.contact_hours, version = known.version + 1,
    advertising_minutes = excluded.advertising_minutes,
    cleaning_minutes = excluded.cleaning_minutes, ratings = excluded.ratings
RETURNING version"""


@dataclass(frozen=True, slots=True)
class CinemaStoreRows:
    """Reads and writes cinemas; the lock on a cinema's row orders all changes within it."""

    driver: "Connection[Any]"

    async def lock(self, cinema_id: str) -> tuple[Cinema, FeedRules] | None:
        row = await self.driver.fetchrow(_LOCK, cinema_id)
        if row is None:
            return None
        rules = FeedRules(
            row["advertising_minutes"], row["cleaning_minutes"], json.loads(row["ratings"])
        )
        return cinema_of(row), rules

    async def save(self, cinema: Cinema, rules: FeedRules) -> Cinema:
        version = await self.driver.fetchval(
            _SAVE,
            cinema.id,
            cinema.name,
            cinema.city,
            cinema.phone,
            cinema.time_zone,
            cinema.currency,
            cinema.formats,
            cinema.cards_accepted,
            cinema.sold_online,
            cinema.country_code,
            cinema.policy_code,
            cinema.address,
            cinema.email,
            pack_contact_hours(cinema.contact_hours),
            rules.advertising_minutes,
            rules.cleaning_minutes,
            json.dumps(dict(rules.ratings)),
        )
        return replace(cinema, version=version)
