"""List the public holidays of a country."""

from dataclasses import dataclass

from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.use_cases.price_ports import PriceReads


@dataclass(frozen=True, slots=True)
class ListHolidays:
    """Give a year's holidays by date; none when nobody has set them."""

    prices: PriceReads

    async def __call__(self, country_code: str, year: int) -> HolidayCalendar:
        return await self.prices.holidays(country_code, year)
