"""What catalog tells of halls, prices, terms and holidays, with versions counted per aggregate."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.adapters import event_payloads
from services.catalog.domain.cinema import Hall
from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList
from services.catalog.domain.terms import Terms
from services.common.db.outbox import Outbox

if TYPE_CHECKING:
    from asyncpg import Connection

_NEXT_OF_CINEMA = """
UPDATE cinema SET event_version = event_version + 1 WHERE id = $1 RETURNING event_version"""
_NEXT_OF_POLICY = """
UPDATE policy SET event_version = event_version + 1 WHERE code = $1 RETURNING event_version"""

_NEXT_OF_COUNTRY = """
UPDATE holiday_calendar SET event_version = event_version + 1 WHERE country_code = $1
RETURNING event_version"""


@dataclass(frozen=True, slots=True)
class CatalogEvents:
    """Writes events into the outbox of one transaction."""

    driver: "Connection[Any]"
    outbox: Outbox

    async def seat_plan_published(
        self, hall: Hall, seat_plan_id: UUID, effective_time: datetime | None
    ) -> None:
        await self.outbox.add(
            event_payloads.seat_plan_published(hall, seat_plan_id, effective_time)
        )

    async def prices_published(self, price_list: PriceList) -> None:
        version = await self.driver.fetchval(_NEXT_OF_CINEMA, price_list.prices.cinema_id)
        await self.outbox.add(event_payloads.prices_published(price_list, version))

    async def terms_published(self, terms: Terms) -> None:
        version = await self.driver.fetchval(_NEXT_OF_POLICY, terms.policy_code)
        await self.outbox.add(event_payloads.terms_published(terms, version))

    async def holidays_set(self, calendar: HolidayCalendar) -> None:
        version = await self.driver.fetchval(_NEXT_OF_COUNTRY, calendar.country_code)
        await self.outbox.add(event_payloads.holidays_set(calendar, version))
