"""Cards, their lots and entries in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.common.db.transaction import Transaction
from services.wallet.adapters.card_rows import CARD_COLUMNS, card_of, version_of
from services.wallet.adapters.event_messages import card_issued, places_moved
from services.wallet.adapters.known_products import KnownProducts
from services.wallet.adapters.reservations import seats_json
from services.wallet.domain.card import Card, CardKind
from services.wallet.domain.entries import EntryKind, PlaceEntry
from services.wallet.domain.errors import BatchNotFoundError
from services.wallet.domain.leg import LegKey
from services.wallet.domain.reservation import ReservedSeat, reserve_entries
from services.wallet.use_cases.ports import Extended, LockedCard, NewBatch

_NOBODY = UUID(int=0)

_READ = f"SELECT {CARD_COLUMNS} FROM card c WHERE c.id = $1"  # noqa: S608 - constants of ours
_LOCK = "SELECT id FROM card WHERE id = $1 FOR NO KEY UPDATE"
# A statement of its own, so that it sees what the holder of the lock before us left.
_READ_LOCKED = f"""
SELECT {CARD_COLUMNS},
    (SELECT coalesce(sum(jsonb_array_length(r.seats)), 0)::integer FROM reservation r
     WHERE r.card_id = c.id AND r.screening_id = $2 AND r.state IN ('RESERVED', 'CAPTURED'))
        AS seats_paid,
    (app_clock() AT TIME ZONE $3)::date AS today
FROM card c WHERE c.id = $1"""  # noqa: S608 - constants of ours

# Every wrong card fails here alike: no row comes back, and nothing says why.
_REGISTER = """
UPDATE card c
SET account_id = $2, state = 'REGISTERED', register_time = coalesce(register_time, app_clock())
FROM card_product p
WHERE c.number_hash = ANY($1) AND p.code = c.product_code AND p.version = c.product_version
  AND p.kind = $3 AND c.state IN ('ISSUED', 'REGISTERED')
  AND (c.account_id IS NULL OR c.account_id = $2)
  AND (c.surname_hash IS NULL OR c.surname_hash = ANY($4))
RETURNING c.id"""

# One import at a time: the second one finds the first one's numbers known.
_ONE_IMPORT = "SELECT pg_advisory_xact_lock(hashtextextended('wallet.import-cards', 0))"
_KNOWN = "SELECT number_hash FROM card WHERE number_hash = ANY($1)"
_BATCH = "SELECT id FROM card_batch WHERE id = $1"
_ACTIVATE = """
UPDATE card SET state = 'ISSUED' WHERE batch_id = $1 AND state = 'PRINTED' RETURNING id"""
# Cards before their lots, in one order, as everybody locks them.
_LOCK_MANY = """
SELECT id FROM card WHERE (batch_id = $1 OR id = ANY($2)) AND state <> 'VOID'
ORDER BY id FOR NO KEY UPDATE"""
_EXTEND = """
WITH old AS (
    UPDATE place_lot l SET places_left = 0
    FROM (SELECT id, places_left FROM place_lot
          WHERE card_id = ANY($1) AND places_left > 0 AND last_screening_date < $2) was
    WHERE l.id = was.id RETURNING l.id, l.card_id, was.places_left AS places
), longer AS (
    INSERT INTO place_lot (
        id, card_id, last_screening_date, places_left, places_reserved, places_used)
    SELECT gen_random_uuid(), card_id, $2, sum(places), 0, 0 FROM old GROUP BY card_id
    RETURNING id, card_id, places_left
), entries AS (
    INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta)
    SELECT card_id, id, 'EXTEND', -places, 0, 0 FROM old
    UNION ALL SELECT card_id, id, 'EXTEND', places_left, 0, 0 FROM longer
)
SELECT count(*)::integer AS cards, coalesce(sum(places_left), 0)::integer AS places FROM longer"""
_MAKE_VOID = "UPDATE card SET state = 'VOID' WHERE id = $1"
_ADD_BATCH = """
INSERT INTO card_batch (
    id, product_code, product_version, cards, last_screening_date, reason, issued_by, partner)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_ADD_CARDS = """
INSERT INTO card (id, batch_id, product_code, product_version, number_hash, number_hash_key,
                  number_sealed, number_seal_key, last_four, state, account_id, register_time,
                  surname_hash, event_version)
SELECT id, $1, $2, $3, hash, hash_key, sealed, seal_key, last_four,
    CASE WHEN owner IS NOT NULL THEN 'REGISTERED' WHEN $12 THEN 'PRINTED' ELSE 'ISSUED' END, owner,
    CASE WHEN owner IS NOT NULL THEN app_clock() END, surname_hash, 1
FROM unnest($4::uuid[], $5::bytea[], $6::text[], $7::bytea[], $8::text[], $9::text[], $10::uuid[],
            $11::bytea[]) AS new (id, hash, hash_key, sealed, seal_key, last_four, owner, surname_hash)"""
_ADD_FILLED_LOTS = """
WITH new AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS each (card_id, lot_id)),
lot AS (
    INSERT INTO place_lot (
        id, card_id, last_screening_date, places_left, places_reserved, places_used)
    SELECT lot_id, card_id, $3, $4, 0, 0 FROM new
)
INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta)
SELECT card_id, lot_id, 'ISSUE', $4, 0, 0 FROM new"""
_ADD_EMPTY_LOT = """
INSERT INTO place_lot (id, card_id, last_screening_date, places_left, places_reserved, places_used)
VALUES ($1, $2, $3, 0, 0, 0)"""

_NEXT_VERSION = """
UPDATE card SET event_version = event_version + 1 WHERE id = $1 RETURNING event_version"""
_POST = """
WITH entry AS (
    INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta,
                             order_id, leg, attempt, seat_id)
    SELECT $1, lot_id, kind, left_delta, reserved_delta, used_delta, $2, $3, $4, seat_id
    FROM unnest($5::uuid[], $6::text[], $7::integer[], $8::integer[], $9::integer[], $10::text[])
        AS new (lot_id, kind, left_delta, reserved_delta, used_delta, seat_id)
    RETURNING lot_id, left_delta, reserved_delta, used_delta
), moved AS (
    SELECT lot_id, sum(left_delta)::integer AS left_delta,
        sum(reserved_delta)::integer AS reserved_delta, sum(used_delta)::integer AS used_delta
    FROM entry GROUP BY lot_id
)
UPDATE place_lot
SET places_left = places_left + left_delta,
    places_reserved = places_reserved + reserved_delta,
    places_used = places_used + used_delta
FROM moved WHERE id = lot_id AND card_id = $1"""
# The card is locked already; the reservation keeps the seats with their lots.
_RESERVE = _POST.replace(
    "), moved AS (",
    """), kept AS (
    UPDATE reservation SET seats = $11::text::jsonb
    WHERE order_id = $2 AND leg = $3 AND attempt = $4
), moved AS (""",
)


@dataclass(frozen=True, slots=True)
class CardStore:
    """The port of the same name. `time_zone` says which date it is today, for grace periods."""

    tx: Transaction
    time_zone: str
    known: KnownProducts = field(default_factory=KnownProducts)

    async def lock(self, card_id: UUID, screening_id: UUID | None) -> LockedCard | None:
        if await self.tx.driver.fetchrow(_LOCK, card_id) is None:
            return None
        return await self.read_locked(card_id, screening_id)

    async def read_locked(self, card_id: UUID, screening_id: UUID | None) -> LockedCard | None:
        row = await self.tx.driver.fetchrow(_READ_LOCKED, card_id, screening_id, self.time_zone)
        if row is None:
            return None
        return LockedCard(await self._card(row), row["seats_paid"], row["today"])

    async def register(
        self,
        number_hashes: Sequence[bytes],
        surname_hashes: Sequence[bytes],
        account_id: UUID,
        kind: CardKind,
    ) -> Card | None:
        card_id = await self.tx.driver.fetchval(
            _REGISTER, list(number_hashes), account_id, kind, list(surname_hashes)
        )
        # Read either way: a failure takes as many statements as any other.
        row = await self.tx.driver.fetchrow(_READ, card_id or _NOBODY)
        return None if row is None else await self._card(row)

    async def read(self, card_id: UUID) -> Card:
        row = await self.tx.driver.fetchrow(_READ, card_id)
        if row is None:
            raise LookupError(f"card {card_id} is not there")
        return await self._card(row)

    async def known_numbers(self, number_hashes: Sequence[bytes]) -> Sequence[bytes]:
        await self.tx.driver.execute(_ONE_IMPORT)
        rows = await self.tx.driver.fetch(_KNOWN, list(number_hashes))
        return [row["number_hash"] for row in rows]

    async def activate(self, batch_id: UUID) -> int | None:
        if await self.tx.driver.fetchval(_BATCH, batch_id) is None:
            return None
        return len(await self.tx.driver.fetch(_ACTIVATE, batch_id))

    async def extend(
        self, batch_id: UUID | None, card_ids: Sequence[UUID], last_screening_date: date
    ) -> Extended:
        driver = self.tx.driver
        if batch_id is not None and await driver.fetchval(_BATCH, batch_id) is None:
            raise BatchNotFoundError(batch_id)
        cards = await driver.fetch(_LOCK_MANY, batch_id, list(card_ids))
        locked = [row["id"] for row in cards]
        row = await driver.fetchrow(_EXTEND, locked, last_screening_date)
        return Extended(0, 0) if row is None else Extended(row["cards"], row["places"])

    async def make_void(self, card_id: UUID) -> None:
        await self.tx.driver.execute(_MAKE_VOID, card_id)

    async def issue(self, batch: NewBatch) -> None:
        driver, product, cards = self.tx.driver, batch.product, batch.cards
        await driver.execute(
            _ADD_BATCH,
            batch.id,
            product.code,
            batch.product_version,
            len(cards),
            batch.last_screening_date,
            batch.reason,
            batch.issued_by,
            batch.partner,
        )
        card_ids = [card.id for card in cards]
        await driver.execute(
            _ADD_CARDS,
            batch.id,
            product.code,
            batch.product_version,
            card_ids,
            [card.number.hash for card in cards],
            [card.number.hash_key for card in cards],
            [card.number.sealed for card in cards],
            [card.number.seal_key for card in cards],
            [card.number.last_four for card in cards],
            [card.owner for card in cards],
            [card.surname_hash for card in cards],
            batch.printed,
        )
        await driver.execute(
            _ADD_FILLED_LOTS,
            card_ids,
            [card.lot_id for card in cards],
            batch.last_screening_date,
            product.places_issued,
        )
        events = [card_issued(card_id, product.code, product.places) for card_id in card_ids]
        await self.tx.outbox.add(*events)

    async def add_lot(self, lot_id: UUID, card_id: UUID, last_screening_date: date) -> None:
        await self.tx.driver.execute(_ADD_EMPTY_LOT, lot_id, card_id, last_screening_date)

    async def _card(self, row: Record) -> Card:
        products = await self.known.of(self.tx.driver, [version_of(row)])
        return card_of(row, products[version_of(row)])

    async def reserve(self, card_id: UUID, key: LegKey, seats: Sequence[ReservedSeat]) -> None:
        entries = reserve_entries(seats)
        await self.tx.driver.execute(
            _RESERVE, card_id, *key, *entry_columns(entries), seats_json(seats)
        )

    async def post(
        self, card_id: UUID, key: LegKey, entries: Sequence[PlaceEntry], *, tells: bool
    ) -> None:
        # The card's row comes before its lots, so that no two commands wait for each other.
        version = await self.tx.driver.fetchval(_NEXT_VERSION if tells else _LOCK, card_id)
        await self.tx.driver.execute(
            _POST,
            card_id,
            *key,
            *entry_columns(entries),
        )
        if tells:
            kind = entries[0].kind
            places = sum(1 for entry in entries if entry.kind is not EntryKind.GRACE)
            await self.tx.outbox.add(places_moved(card_id, version, key, kind, places))


def entry_columns(entries: Sequence[PlaceEntry]) -> tuple[list[Any], ...]:
    """Write entries as the columns that the statements take."""
    return (
        [entry.lot_id for entry in entries],
        [entry.kind for entry in entries],
        [entry.move.left for entry in entries],
        [entry.move.reserved for entry in entries],
        [entry.move.used for entry in entries],
        [entry.seat_id for entry in entries],
    )
