"""Reads cards without locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.common.db.database import Database
from services.wallet.adapters.card_rows import CARD_COLUMNS, card_of, number_of, version_of
from services.wallet.adapters.known_products import KnownProducts
from services.wallet.domain.card import Card
from services.wallet.domain.entries import EntryKind
from services.wallet.use_cases.code_ports import SealedCode
from services.wallet.use_cases.read_ports import CardPosition, ListedCardEntry

_OF_ACCOUNT = f"""
SELECT {CARD_COLUMNS} FROM card c
WHERE c.account_id = $1
  AND ($2::timestamptz IS NULL OR (c.register_time, c.id) < ($2, $3))
ORDER BY c.register_time DESC, c.id DESC LIMIT $4"""  # noqa: S608 - constants of ours
_FIND = f"""
SELECT {CARD_COLUMNS} FROM card c
WHERE c.id = $2 AND c.account_id = $1"""  # noqa: S608 - constants of ours
_ENTRIES = """
SELECT e.number, e.kind, e.left_delta, e.reserved_delta, e.used_delta, e.order_id, r.screening_id,
    e.seat_id, l.last_screening_date, e.occur_time
FROM place_entry e JOIN place_lot l ON l.id = e.lot_id
LEFT JOIN reservation r
    ON r.order_id = e.order_id AND r.leg = e.leg AND r.attempt = e.attempt
WHERE e.card_id = $1 AND ($2::bigint IS NULL OR e.number < $2)
ORDER BY e.number DESC LIMIT $3"""
_SEATS_PAID = """
SELECT card_id, sum(jsonb_array_length(seats))::integer AS seats FROM reservation
WHERE card_id = ANY($1) AND screening_id = $2 AND state IN ('RESERVED', 'CAPTURED')
GROUP BY card_id"""
_NUMBERS = "SELECT id, number_sealed, number_seal_key FROM card WHERE id = ANY($1)"


@dataclass(frozen=True, slots=True)
class CardReader:
    """The port `Cards`."""

    database: Database
    known: KnownProducts = field(default_factory=KnownProducts)

    async def of_account(
        self, account_id: UUID, after: CardPosition | None, limit: int
    ) -> Sequence[Card]:
        time, card_id = (after.register_time, after.card_id) if after else (None, None)
        rows = await self.database.fetch(_OF_ACCOUNT, account_id, time, card_id, limit)
        products = await self.known.of(self.database, map(version_of, rows))
        return [card_of(row, products[version_of(row)]) for row in rows]

    async def find(self, account_id: UUID, card_id: UUID) -> tuple[Card, SealedCode] | None:
        row = await self.database.fetchrow(_FIND, account_id, card_id)
        if row is None:
            return None
        products = await self.known.of(self.database, [version_of(row)])
        return card_of(row, products[version_of(row)]), number_of(row)

    async def entries(
        self, card_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedCardEntry]:
        rows = await self.database.fetch(_ENTRIES, card_id, before, limit)
        return [
            ListedCardEntry(
                row["number"],
                EntryKind(row["kind"]),
                row["left_delta"],
                row["reserved_delta"],
                row["used_delta"],
                row["order_id"],
                row["screening_id"],
                row["seat_id"] or "",
                row["last_screening_date"],
                row["occur_time"],
            )
            for row in rows
        ]

    async def seats_paid(self, card_ids: Sequence[UUID], screening_id: UUID) -> Mapping[UUID, int]:
        rows = await self.database.fetch(_SEATS_PAID, list(card_ids), screening_id)
        return {row["card_id"]: row["seats"] for row in rows}

    async def sealed_numbers(self, card_ids: Sequence[UUID]) -> Sequence[SealedCode]:
        return [number_of(row) for row in await self.database.fetch(_NUMBERS, list(card_ids))]
