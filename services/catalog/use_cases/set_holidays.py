"""Set the public holidays of a country in a year."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class SetHolidays:
    """Replace a year's holidays; the same again change nothing.

    The coming screenings of days that became a holiday, or stopped being one, are told as changed:
    their prices and the cards that are good for them may differ. INVALID_FIELD.
    """

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, staff: Staff, calendar: HolidayCalendar
    ) -> HolidayCalendar:
        calendar.must_be_sound()
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            before = await tx.holidays.lock(calendar.country_code, calendar.year)
            if before != calendar:
                await tx.holidays.replace(calendar)
                await tx.events.holidays_set(calendar)
            if changed := calendar.differs_on(before):
                await tx.screenings.touch_days(calendar.country_code, changed)
            subject = f"{calendar.country_code}/{calendar.year}"
            await tx.audit.add(staff, "SetHolidays", subject, before=before, after=calendar)
            await tx.requests.store(key, calendar)
            await tx.commit()
        return calendar
