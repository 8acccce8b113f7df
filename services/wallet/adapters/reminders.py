"""Places and points that expire soon, told of once for each lot."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cinema.wallet.v1 import events_pb2

from services.common.db.outbox import OutboxEvent
from services.common.db.transaction import Transaction
from services.wallet.adapters.account_events import next_account_version
from services.wallet.domain.profile import Profile
from services.wallet.use_cases.purchase_ports import ExpiringPlaces

# Who restricted or objected to the processing of their data is not reminded, whatever they agreed to.
_AGREED = """f.reminders_agreed AND NOT EXISTS (
        SELECT FROM reminder_stop x WHERE x.account_id = f.account_id) AS reminders_agreed"""
_SOON = "(app_clock() AT TIME ZONE $1)::date"
_TAKE_PLACES = f"""
WITH soon AS (
    SELECT l.id, c.account_id, c.id AS card_id, p.name, p.places, l.places_left, l.last_screening_date
    FROM place_lot l JOIN card c ON c.id = l.card_id
    JOIN card_product p ON p.code = c.product_code AND p.version = c.product_version
    WHERE l.places_left > 0 AND c.state = 'REGISTERED'
      AND l.last_screening_date BETWEEN {_SOON} AND {_SOON} + $2::integer
      AND NOT EXISTS (SELECT FROM place_reminder r WHERE r.lot_id = l.id)
    ORDER BY l.last_screening_date, l.id LIMIT $3
), taken AS (
    INSERT INTO place_reminder (lot_id) SELECT id FROM soon ON CONFLICT DO NOTHING RETURNING lot_id
)
SELECT s.*, f.birth_date, f.surname, f.email, f.language, {_AGREED}
FROM soon s JOIN taken t ON t.lot_id = s.id LEFT JOIN profile f ON f.account_id = s.account_id
ORDER BY s.last_screening_date, s.id"""  # noqa: S608 - constants of ours
_TAKE_POINTS = f"""
WITH taken AS (
    UPDATE point_lot l SET told_expiry = true
    FROM (
        SELECT id FROM point_lot
        WHERE points_left > 0 AND NOT told_expiry
          AND last_date BETWEEN {_SOON} AND {_SOON} + $2::integer
        ORDER BY last_date, id LIMIT $3 FOR UPDATE SKIP LOCKED
    ) soon
    WHERE l.id = soon.id RETURNING l.id, l.account_id, l.points_left, l.last_date
)
SELECT t.*, f.birth_date, f.surname, f.email, f.language, {_AGREED}
FROM taken t LEFT JOIN profile f ON f.account_id = t.account_id"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class Reminders:
    """The port `ReminderStore`."""

    tx: Transaction
    time_zone: str

    async def take_expiring(self, within: timedelta, limit: int) -> list[ExpiringPlaces]:
        driver = self.tx.driver
        places = await driver.fetch(_TAKE_PLACES, self.time_zone, within.days, limit)
        points = await driver.fetch(_TAKE_POINTS, self.time_zone, within.days, limit)
        found = [
            ExpiringPlaces(
                row["id"],
                row["account_id"],
                row["card_id"],
                row["name"],
                row["places_left"] if row["places"] else 0,
                row["last_screening_date"],
                _profile_of(row),
            )
            for row in places
        ]
        found += [
            ExpiringPlaces(
                row["id"],
                row["account_id"],
                None,
                "",
                row["points_left"],
                row["last_date"],
                _profile_of(row),
            )
            for row in points
        ]
        for each in found:
            await self.tx.outbox.add(await self._event(each))
        return found

    async def _event(self, each: ExpiringPlaces) -> OutboxEvent:
        version = await next_account_version(self.tx, each.account_id)
        message = events_pb2.PlacesExpiring(
            account_id=str(each.account_id),
            card_id=str(each.card_id) if each.card_id else "",
            places=each.number,
            last_date=each.last_date.isoformat(),
        )
        return OutboxEvent(
            "PlacesExpiring", str(each.account_id), version, message.SerializeToString()
        )


def _profile_of(row: Any) -> Profile:
    """Read the profile beside it; who has none is nobody."""
    return Profile(
        birth_date=row["birth_date"],
        surname=row["surname"] or "",
        email=row["email"] or "",
        language=row["language"] or "",
        reminders_agreed=bool(row["reminders_agreed"]),
    )
