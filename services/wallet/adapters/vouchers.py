"""Refund vouchers: in one transaction, and by their code."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.money import Money
from services.wallet.adapters.event_messages import voucher_issued
from services.wallet.domain.voucher import Voucher, VoucherRequest
from services.wallet.use_cases.ports import KeptCode, SealedCode

# The unique remedy decides: however often it is asked for, one voucher with one entry.
_ISSUE = """
WITH issued AS (
    INSERT INTO voucher (
        id, remedy_id, order_id, account_id, currency, value_minor_units, left_minor_units,
        last_screening_date, code_hash, code_hash_key, code_sealed, code_seal_key, event_version)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, 1)
    ON CONFLICT (remedy_id) DO NOTHING
    RETURNING id
)
INSERT INTO voucher_entry (voucher_id, kind, left_delta)
SELECT id, 'ISSUE', $6 FROM issued RETURNING voucher_id"""
_OF_REMEDY = """
SELECT remedy_id, order_id, account_id, currency, value_minor_units, last_screening_date
FROM voucher WHERE remedy_id = $1"""
_CODE = "SELECT id, code_sealed, code_seal_key FROM voucher WHERE id = $1"
_BY_CODE = """
SELECT id, order_id, currency, value_minor_units, left_minor_units, last_screening_date
FROM voucher WHERE code_hash = ANY($1)"""


@dataclass(frozen=True, slots=True)
class VoucherStore:
    """The port of the same name."""

    tx: Transaction

    async def issue(self, voucher_id: UUID, request: VoucherRequest, code: KeptCode) -> bool:
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
        if row is None:
            return None
        return Voucher(
            id=row["id"],
            order_id=row["order_id"],
            value=Money(row["currency"], row["value_minor_units"]),
            left=Money(row["currency"], row["left_minor_units"]),
            last_screening_date=row["last_screening_date"],
        )
