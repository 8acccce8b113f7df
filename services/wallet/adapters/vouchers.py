"""Refund vouchers: in one transaction, and by their code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Record

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.money import Money
from services.wallet.adapters.card_rows import PRODUCT_COLUMNS, product_of
from services.wallet.adapters.event_messages import value_moved, voucher_issued
from services.wallet.domain.voucher import (
    Voucher,
    VoucherEntry,
    VoucherRequest,
    VoucherReservation,
)
from services.wallet.use_cases.code_ports import KeptCode, SealedCode
from services.wallet.use_cases.ports import LockedVoucher, VersionedProduct
from services.wallet.use_cases.read_ports import ListedVoucher, VoucherPosition

# The unique remedy decides: however often it is asked for, one voucher with one entry.
_ISSUE = """
WITH issued AS (
    INSERT INTO voucher (
        id, remedy_id, order_id, account_id, currency, value_minor_units, left_minor_units,
        last_screening_date, code_hash, code_hash_key, code_sealed, code_seal_key, product_code,
        product_version, event_version)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, 1)
    ON CONFLICT (remedy_id) DO NOTHING
    RETURNING id
)
INSERT INTO voucher_entry (voucher_id, kind, left_delta)
SELECT id, 'ISSUE', $6 FROM issued RETURNING voucher_id"""
_OF_REMEDY = """
SELECT remedy_id, order_id, account_id, currency, value_minor_units, last_screening_date
FROM voucher WHERE remedy_id = $1"""
_CODE = "SELECT id, code_sealed, code_seal_key FROM voucher WHERE id = $1"
_VOUCHERS = f"""
SELECT v.id, v.order_id, v.account_id, v.currency, v.value_minor_units, v.left_minor_units,
    v.reserved_minor_units, v.spent_minor_units, v.last_screening_date, v.issue_time,
    {PRODUCT_COLUMNS}
FROM voucher v
JOIN card_product p ON p.code = v.product_code AND p.version = v.product_version"""  # noqa: S608
_BY_CODE = f"{_VOUCHERS} WHERE v.code_hash = ANY($1)"
_OWN = f"{_VOUCHERS} WHERE v.account_id = $1 AND v.id = $2"
_OF_ACCOUNT = f"""{_VOUCHERS}
WHERE v.account_id = $1
  AND ($2::timestamptz IS NULL OR (v.issue_time, v.id) < ($2, $3))
ORDER BY v.issue_time DESC, v.id DESC LIMIT $4"""
_LOCK = "SELECT (app_clock() AT TIME ZONE $2)::date FROM voucher WHERE id = $1 FOR NO KEY UPDATE"
# A statement of its own, so that it sees what the holder of the lock before us left.
_READ_LOCKED = f"{_VOUCHERS} WHERE v.id = $1"
_POST = """
WITH entry AS (
    INSERT INTO voucher_entry (
        voucher_id, kind, left_delta, reserved_delta, spent_delta, order_id, leg, attempt)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)
UPDATE voucher
SET left_minor_units = left_minor_units + $3,
    reserved_minor_units = reserved_minor_units + $4,
    spent_minor_units = spent_minor_units + $5,
    event_version = event_version + $9
WHERE id = $1 RETURNING event_version"""
_EXTEND = "UPDATE voucher SET last_screening_date = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class VoucherStore:
    """The port of the same name."""

    tx: Transaction
    time_zone: str

    async def issue(
        self,
        voucher_id: UUID,
        request: VoucherRequest,
        code: KeptCode,
        product: VersionedProduct,
    ) -> bool:
        row = await self.tx.driver.fetchrow(
            _ISSUE,
            voucher_id,
            request.remedy_id,
            request.order_id,
            request.account_id,
            request.value.currency,
            request.value.minor_units,
            request.last_screening_date,
            code.hash,
            code.hash_key,
            code.sealed,
            code.seal_key,
            product.product.code,
            product.version,
        )
        if row is None:
            return False
        await self.tx.outbox.add(voucher_issued(voucher_id, request))
        return True

    async def of_remedy(self, remedy_id: UUID) -> VoucherRequest:
        row = await self.tx.driver.fetchrow(_OF_REMEDY, remedy_id)
        if row is None:
            raise LookupError(f"remedy {remedy_id} has no voucher")
        return VoucherRequest(
            remedy_id=row["remedy_id"],
            order_id=row["order_id"],
            account_id=row["account_id"],
            value=Money(row["currency"], row["value_minor_units"]),
            last_screening_date=row["last_screening_date"],
        )

    async def lock(self, voucher_id: UUID) -> LockedVoucher | None:
        today = await self.tx.driver.fetchval(_LOCK, voucher_id, self.time_zone)
        row = await self.tx.driver.fetchrow(_READ_LOCKED, voucher_id)
        return None if row is None or today is None else LockedVoucher(_voucher_of(row), today)

    async def post(
        self, reservation: VoucherReservation, entries: Sequence[VoucherEntry], *, tells: bool
    ) -> None:
        voucher_id = reservation.subject.voucher_id
        for entry in entries:
            version = await self.tx.driver.fetchval(
                _POST,
                voucher_id,
                entry.kind,
                entry.left,
                entry.reserved,
                entry.spent,
                *reservation.key,
                int(tells),
            )
            if tells:
                await self.tx.outbox.add(value_moved(reservation, version, entry.kind))

    async def extend(self, voucher_id: UUID, last_screening_date: date) -> None:
        await self.tx.driver.execute(_EXTEND, voucher_id, last_screening_date)

    async def sealed_code(self, voucher_id: UUID) -> SealedCode | None:
        row = await self.tx.driver.fetchrow(_CODE, voucher_id)
        if row is None:
            return None
        return SealedCode(row["id"], row["code_sealed"], row["code_seal_key"])


@dataclass(frozen=True, slots=True)
class VoucherReader:
    """The port `Vouchers`."""

    database: Database

    async def find_by_code(self, code_hashes: Sequence[bytes]) -> Voucher | None:
        row = await self.database.fetchrow(_BY_CODE, list(code_hashes))
        return None if row is None else _voucher_of(row)

    async def find(self, account_id: UUID, voucher_id: UUID) -> Voucher | None:
        row = await self.database.fetchrow(_OWN, account_id, voucher_id)
        return None if row is None else _voucher_of(row)

    async def of_account(
        self, account_id: UUID, after: VoucherPosition | None, limit: int
    ) -> Sequence[ListedVoucher]:
        time, voucher_id = (after.issue_time, after.voucher_id) if after else (None, None)
        rows = await self.database.fetch(_OF_ACCOUNT, account_id, time, voucher_id, limit)
        return [
            ListedVoucher(_voucher_of(row), VoucherPosition(row["issue_time"], row["id"]))
            for row in rows
        ]


def _voucher_of(row: Record) -> Voucher:
    currency = row["currency"]
    return Voucher(
        id=row["id"],
        order_id=row["order_id"],
        account_id=row["account_id"],
        product=product_of(row).product,
        value=Money(currency, row["value_minor_units"]),
        left=Money(currency, row["left_minor_units"]),
        reserved=Money(currency, row["reserved_minor_units"]),
        spent=Money(currency, row["spent_minor_units"]),
        last_screening_date=row["last_screening_date"],
    )
