"""Purchases of cards: in one transaction, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Record

from services.common.db.database import Database
from services.common.money import Money
from services.common.requests import RequestKey
from services.wallet.domain.purchase import Buyer, Purchase, PurchaseState, Refusal

if TYPE_CHECKING:
    from asyncpg import Connection

_COLUMNS = """
id, account_id, product_code, product_version, price_currency, price_minor_units, state, return_url,
redirect_url, refusal, first_name, last_name, email, language, ip_address, card_id, expires_at,
paid_at, app_clock() AS read_at"""
_ADD = f"""
INSERT INTO card_purchase (
    id, account_id, product_code, product_version, price_currency, price_minor_units, state,
    return_url, first_name, last_name, email, language, ip_address, expires_at, next_step_time)
VALUES ($1, $2, $3, $4, $5, $6, 'PENDING', $7, $8, $9, $10, $11, $12, app_clock() + $13,
        app_clock() + $13)
RETURNING {_COLUMNS}"""  # noqa: S608 - constants of ours
_LOCK = "SELECT id FROM card_purchase WHERE id = $1 FOR UPDATE"
# A statement of its own, so that its time is after the lock.
_READ = f"SELECT {_COLUMNS} FROM card_purchase WHERE id = $1"  # noqa: S608 - constants of ours
_OWN = f"{_READ} AND account_id = $2"
_SAVE = """
UPDATE card_purchase
SET state = $2, redirect_url = $3, refusal = $4, card_id = $5, paid_at = $6,
    next_step_time = app_clock() + $7, change_time = clock_timestamp()
WHERE id = $1"""
_DROP_CLAIM = """
DELETE FROM request
WHERE principal = $1 AND method = $2 AND request_id = $3 AND work_id = $4 AND answer IS NULL"""
_DUE = "FROM card_purchase WHERE next_step_time <= (SELECT app_clock())"
PURCHASES_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_step_time LIMIT 1)"
_TAKE_DUE = f"""
UPDATE card_purchase p SET next_step_time = app_clock() + $2
FROM (
    SELECT id {_DUE}
    ORDER BY next_step_time LIMIT $1 FOR UPDATE SKIP LOCKED
) due
WHERE p.id = due.id RETURNING p.id"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True)
class PurchaseRows:
    """The port `PurchaseStore`."""

    driver: "Connection[Any]"

    async def add(self, purchase: Purchase, lasts: timedelta) -> Purchase:
        buyer = purchase.buyer
        if buyer is None:
            raise ValueError(f"purchase {purchase.id} has no buyer")
        row = await self.driver.fetchrow(
            _ADD,
            purchase.id,
            purchase.account_id,
            purchase.product_code,
            purchase.product_version,
            purchase.price.currency,
            purchase.price.minor_units,
            purchase.return_url,
            buyer.first_name,
            buyer.last_name,
            buyer.email,
            buyer.language,
            buyer.ip_address,
            lasts,
        )
        if row is None:
            raise LookupError(f"purchase {purchase.id} was not stored")
        return _purchase_of(row)

    async def lock(self, purchase_id: UUID) -> Purchase | None:
        if await self.driver.fetchrow(_LOCK, purchase_id) is None:
            return None
        row = await self.driver.fetchrow(_READ, purchase_id)
        return None if row is None else _purchase_of(row)

    async def save(self, purchase: Purchase, next_step: timedelta | None) -> None:
        await self.driver.execute(
            _SAVE,
            purchase.id,
            purchase.state,
            purchase.redirect_url,
            purchase.refusal,
            purchase.card_id,
            purchase.paid_at,
            next_step,
        )

    async def drop_claim(self, key: RequestKey, purchase_id: UUID) -> None:
        await self.driver.execute(
            _DROP_CLAIM, key.principal, key.method, key.request_id, purchase_id
        )


@dataclass(frozen=True, slots=True)
class PurchaseReader:
    """The port `Purchases`."""

    database: Database

    async def find(self, account_id: UUID, purchase_id: UUID) -> Purchase | None:
        row = await self.database.fetchrow(_OWN, purchase_id, account_id)
        return None if row is None else _purchase_of(row)

    async def due(self, limit: int, again_after: timedelta) -> Sequence[UUID]:
        rows = await self.database.fetch(_TAKE_DUE, limit, again_after)
        return [row["id"] for row in rows]


def _purchase_of(row: Record) -> Purchase:
    return Purchase(
        id=row["id"],
        account_id=row["account_id"],
        product_code=row["product_code"],
        product_version=row["product_version"],
        price=Money(row["price_currency"], row["price_minor_units"]),
        state=PurchaseState(row["state"]),
        return_url=row["return_url"],
        expires_at=row["expires_at"],
        read_at=row["read_at"],
        buyer=Buyer(
            row["first_name"], row["last_name"], row["email"], row["language"], row["ip_address"]
        ),
        redirect_url=row["redirect_url"],
        refusal=Refusal(row["refusal"]) if row["refusal"] else None,
        card_id=row["card_id"],
        paid_at=row["paid_at"],
    )
