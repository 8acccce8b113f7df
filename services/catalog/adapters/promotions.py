"""Promotions inside a transaction: added, never rewritten."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.catalog.adapters.price_rows import PROMOTION_COLUMNS, pack_promotion, promotion_of
from services.catalog.domain.promotion import Promotion

if TYPE_CHECKING:
    from asyncpg import Connection

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_NEWEST = f"""
SELECT {PROMOTION_COLUMNS} FROM promotion WHERE policy_code = $1 AND code = $2
ORDER BY number DESC LIMIT 1"""
_SHA256 = """
SELECT regulations_sha256 FROM promotion
WHERE policy_code = $1 AND code = $2 AND regulations_version = $3 LIMIT 1"""
_ADD = """
INSERT INTO promotion (id, policy_code, code, effective_time, end_time, regulations_version,
                       regulations_text, regulations_sha256, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""


@dataclass(frozen=True, slots=True)
class PromotionStoreRows:
    """Reads and adds promotions."""

    driver: "Connection[Any]"

    async def lock(self, policy_code: str, code: str) -> None:
        await self.driver.execute(_LOCK, f"promotion:{policy_code}/{code}")

    async def newest(self, policy_code: str, code: str) -> Promotion | None:
        row = await self.driver.fetchrow(_NEWEST, policy_code, code)
        return None if row is None else promotion_of(row)

    async def regulations_sha256(self, policy_code: str, code: str, version: str) -> str:
        return str(await self.driver.fetchval(_SHA256, policy_code, code, version) or "")

    async def add(self, promotion: Promotion) -> None:
        terms = promotion.terms
        await self.driver.execute(
            _ADD,
            promotion.id,
            terms.policy_code,
            terms.code,
            terms.effective_time,
            terms.end_time,
            terms.regulations_version,
            terms.regulations_text,
            terms.regulations_sha256,
            pack_promotion(terms),
        )
