"""Terms inside a transaction: added, never rewritten."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.catalog.adapters.terms_rows import TERMS_COLUMNS, pack_figures, terms_of
from services.catalog.domain.terms import Terms

if TYPE_CHECKING:
    from asyncpg import Connection

_OPEN = "INSERT INTO policy (code) VALUES ($1) ON CONFLICT DO NOTHING"
_LOCK = "SELECT 1 FROM policy WHERE code = $1 FOR NO KEY UPDATE"
_FIND = f"""
SELECT {TERMS_COLUMNS} FROM terms WHERE policy_code = $1 AND otc_version = $2"""
_ADD = """
INSERT INTO terms (policy_code, otc_version, gtc_version, effective_time, gtc_text, otc_text,
                   gtc_sha256, otc_sha256, figures, ratings_not_sold_online,
                   categories_sold_online)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""


@dataclass(frozen=True, slots=True)
class TermsStoreRows:
    """Reads and adds terms."""

    driver: "Connection[Any]"

    async def lock(self, policy_code: str) -> None:
        await self.driver.execute(_OPEN, policy_code)
        await self.driver.execute(_LOCK, policy_code)

    async def find(self, policy_code: str, otc_version: str) -> Terms | None:
        row = await self.driver.fetchrow(_FIND, policy_code, otc_version)
        return None if row is None else terms_of(row)

    async def add(self, terms: Terms) -> None:
        await self.driver.execute(
            _ADD,
            terms.policy_code,
            terms.otc_version,
            terms.gtc_version,
            terms.effective_time,
            terms.gtc_text,
            terms.otc_text,
            terms.gtc_sha256,
            terms.otc_sha256,
            pack_figures(terms.policy),
            terms.policy.ratings_not_sold_online,
            terms.policy.categories_sold_online,
        )
