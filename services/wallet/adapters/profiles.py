"""Profiles and birthday places: in one transaction, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.wallet.domain.profile import Profile

_SAVE = """
INSERT INTO profile (account_id, birth_date, surname, email, language, reminders_agreed, agree_time)
VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6 THEN app_clock() END)
ON CONFLICT (account_id) DO UPDATE SET
    birth_date = excluded.birth_date, surname = excluded.surname, email = excluded.email,
    language = excluded.language, reminders_agreed = excluded.reminders_agreed,
    agree_time = CASE WHEN NOT excluded.reminders_agreed THEN NULL
                      ELSE coalesce(profile.agree_time, excluded.agree_time) END,
    change_time = app_clock()"""
_TODAY = "SELECT (app_clock() AT TIME ZONE $1)::date"
# One at a time: whoever comes second sees what the first one gave.
_BIRTHDAY_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('birthday places', 0))"
_BORN_ON = """
SELECT p.account_id FROM profile p
JOIN unnest($1::integer[], $2::integer[]) AS born (month, day)
    ON extract(month FROM p.birth_date) = born.month AND extract(day FROM p.birth_date) = born.day
WHERE NOT EXISTS (
    SELECT FROM birthday_place b WHERE b.account_id = p.account_id AND b.year = $3)
ORDER BY p.account_id LIMIT $4"""
_NOTE_PLACES = """
INSERT INTO birthday_place (account_id, year, card_id)
SELECT account_id, $1, card_id FROM unnest($2::uuid[], $3::uuid[]) AS new (account_id, card_id)"""
_READ = """
SELECT birth_date, surname, email, language, reminders_agreed FROM profile WHERE account_id = $1"""


@dataclass(frozen=True, slots=True)
class ProfileStore:
    """The port of the same name."""

    tx: Transaction
    time_zone: str

    async def save(self, account_id: UUID, profile: Profile) -> None:
        await self.tx.driver.execute(
            _SAVE,
            account_id,
            profile.birth_date,
            profile.surname,
            profile.email,
            profile.language,
            profile.reminders_agreed,
        )

    async def today(self) -> date:
        day: date = await self.tx.driver.fetchval(_TODAY, self.time_zone)
        return day

    async def without_birthday_place(
        self, birthdays: Sequence[tuple[int, int]], year: int, limit: int
    ) -> Sequence[UUID]:
        driver = self.tx.driver
        await driver.execute(_BIRTHDAY_LOCK)
        months, days = zip(*birthdays, strict=True)
        rows = await driver.fetch(_BORN_ON, list(months), list(days), year, limit)
        return [row["account_id"] for row in rows]

    async def note_birthday_places(
        self, year: int, card_ids: Sequence[UUID], account_ids: Sequence[UUID]
    ) -> None:
        await self.tx.driver.execute(_NOTE_PLACES, year, list(account_ids), list(card_ids))


@dataclass(frozen=True, slots=True)
class ProfileReader:
    """The port `Profiles`."""

    database: Database

    async def read(self, account_id: UUID) -> Profile:
        row = await self.database.fetchrow(_READ, account_id)
        return Profile() if row is None else Profile(**dict(row))
