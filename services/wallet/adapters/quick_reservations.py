"""Reserves places in two round trips, when nothing stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.common.db.database import Database
from services.wallet.adapters.card_rows import CARD_COLUMNS, card_of, version_of
from services.wallet.adapters.cards import entry_columns
from services.wallet.adapters.known_products import KnownProducts
from services.wallet.adapters.reservations import seats_json
from services.wallet.domain.leg import LegKey
from services.wallet.domain.reservation import ReservedSeat, Subject, reserve_entries
from services.wallet.use_cases.read_ports import SeenCard

_LOOK = f"""
SELECT {CARD_COLUMNS},
    EXISTS (SELECT FROM reservation
            WHERE order_id = $2 AND leg = $3 AND attempt = $4) AS is_known
FROM card c WHERE c.id = $1"""  # noqa: S608 - constants of ours
# The key's row before the card's, as everybody takes them. A card that was made void meanwhile gives
# no ID for the entries, a lot with fewer places left than were seen breaks its CHECK: either undoes
# everything, and the long way judges anew.
_TAKE = """
WITH claim AS (
    INSERT INTO reservation (
        order_id, leg, attempt, account_id, card_id, screening_id, seats, state, ask_time)
    VALUES ($2, $3, $4, $11, $1, $12, $13::text::jsonb, 'RESERVED', app_clock() + $14)
    ON CONFLICT DO NOTHING RETURNING card_id
), usable AS (
    SELECT locked.id AS card_id FROM claim LEFT JOIN LATERAL (
        SELECT id FROM card WHERE id = claim.card_id AND account_id = $11 AND state = 'REGISTERED'
        FOR NO KEY UPDATE
    ) locked ON true
), entry AS (
    INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta,
                             order_id, leg, attempt, seat_id)
    SELECT usable.card_id, lot_id, kind, left_delta, reserved_delta, used_delta, $2, $3, $4, seat_id
    FROM usable, unnest($5::uuid[], $6::text[], $7::integer[], $8::integer[], $9::integer[],
                        $10::text[])
        AS new (lot_id, kind, left_delta, reserved_delta, used_delta, seat_id)
    RETURNING lot_id, left_delta, reserved_delta
), moved AS (
    SELECT lot_id, sum(left_delta)::integer AS left_delta,
        sum(reserved_delta)::integer AS reserved_delta
    FROM entry GROUP BY lot_id
), taken AS (
    UPDATE place_lot
    SET places_left = places_left + left_delta, places_reserved = places_reserved + reserved_delta
    FROM moved WHERE id = lot_id AND card_id = $1
)
SELECT card_id FROM claim"""


@dataclass(frozen=True, slots=True)
class QuickReservations:
    """The port of the same name."""

    database: Database
    known: KnownProducts = field(default_factory=KnownProducts)

    async def look(self, key: LegKey, card_id: UUID) -> SeenCard | None:
        row = await self.database.fetchrow(_LOOK, card_id, *key)
        if row is None:
            return None
        products = await self.known.of(self.database, [version_of(row)])
        return SeenCard(card_of(row, products[version_of(row)]), row["is_known"])

    async def take(
        self, key: LegKey, subject: Subject, seats: Sequence[ReservedSeat], ask_after: timedelta
    ) -> bool:
        try:
            row = await self.database.fetchrow(
                _TAKE,
                subject.card_id,
                *key,
                *entry_columns(reserve_entries(seats)),
                subject.account_id,
                subject.screening_id,
                seats_json(seats),
                ask_after,
            )
        except (asyncpg.CheckViolationError, asyncpg.NotNullViolationError):
            return False
        return row is not None
