"""Booking's copies of catalog's holidays: asked for once, until catalog tells of others."""

from datetime import date

from cinema.catalog.v1.events_pb2 import HolidaysSet

from services.booking.adapters.holiday_copies import HolidayCopies
from tests.integration.booking.conftest import Process
from tests.integration.booking.test_screenings import tell
from tests.kit.booking_desk import FakeCalendar

CHRISTMAS, ST_ANDREW = date(2026, 12, 25), date(2026, 11, 30)


async def test_holidays_are_asked_for_once_until_catalog_tells_of_others(process: Process) -> None:
    calendar = FakeCalendar({("RO", 2026): [CHRISTMAS]})
    copies = HolidayCopies(process.database, calendar)

    first = await copies.of_years("RO", [2026])
    again = await copies.of_years("RO", [2026])
    calendar.days["RO", 2026].append(ST_ANDREW)
    await tell(process, HolidaysSet(country_code="RO", year=2026), "holidays:RO")
    told = await copies.of_years("RO", [2026])
    once_more = await copies.of_years("RO", [2026])

    assert first == again == {CHRISTMAS}
    assert told == once_more == {CHRISTMAS, ST_ANDREW}
    assert calendar.asked == [("RO", 2026)] * 2


async def test_an_answer_from_before_the_news_is_not_kept(process: Process) -> None:
    class Overtaken(FakeCalendar):
        async def holidays(self, country_code: str, year: int) -> list[date]:
            before = list(await super().holidays(country_code, year))
            if len(self.asked) == 1:
                await tell(process, HolidaysSet(country_code="RO", year=2026), "holidays:RO")
                self.days["RO", 2026] = [CHRISTMAS, ST_ANDREW]
            return before

    copies = HolidayCopies(process.database, Overtaken({("RO", 2026): [CHRISTMAS]}))

    await copies.of_years("RO", [2026])

    assert await copies.of_years("RO", [2026]) == {CHRISTMAS, ST_ANDREW}


async def test_without_catalog_the_copy_that_was_marked_is_used(process: Process) -> None:
    calendar = FakeCalendar({("RO", 2026): [CHRISTMAS]})
    copies = HolidayCopies(process.database, calendar)
    await copies.of_years("RO", [2026])
    await tell(process, HolidaysSet(country_code="RO", year=2026), "holidays:RO")
    calendar.is_away = True

    assert await copies.of_years("RO", [2026, 2027]) == {CHRISTMAS}
