"""Terms as anyone reads them: one statement a call."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass
from datetime import datetime

from services.catalog.adapters.terms_rows import (
    TERMS_COLUMNS,
    VERSION_COLUMNS,
    policy_of,
    published_terms_of,
    terms_of,
)
from services.catalog.domain.errors import TermsNotFoundError
from services.catalog.domain.terms import PublishedTerms, SalesPolicy, Terms
from services.common.db.database import Database

# With '' as the version those in force.
_CHOSEN = """
WHERE policy_code = $1
  AND CASE WHEN $2 = '' THEN effective_time <= (SELECT app_clock()) ELSE otc_version = $2 END
ORDER BY effective_time DESC, number DESC LIMIT 1"""
_TERMS = f"SELECT {TERMS_COLUMNS} FROM terms {_CHOSEN}"
_POLICY = f"""
SELECT {VERSION_COLUMNS}, figures::text AS figures, ratings_not_sold_online,
       categories_sold_online
FROM terms {_CHOSEN}"""
_VERSIONS = f"""
SELECT {VERSION_COLUMNS} FROM terms
WHERE policy_code = $1 AND ($2::timestamptz IS NULL OR (effective_time, number) < ($2, $3))
ORDER BY effective_time DESC, number DESC LIMIT $4"""


@dataclass(frozen=True, slots=True)
class TermsReadRows:
    """Reads outside of transactions; the texts are read only where they are wanted."""

    database: Database

    async def terms(self, policy_code: str, otc_version: str) -> Terms:
        row = await self.database.fetchrow(_TERMS, policy_code, otc_version)
        if row is None:
            raise TermsNotFoundError(policy_code)
        return terms_of(row)

    async def policy(self, policy_code: str, version: str) -> tuple[SalesPolicy, PublishedTerms]:
        row = await self.database.fetchrow(_POLICY, policy_code, version)
        if row is None:
            raise TermsNotFoundError(policy_code)
        return policy_of(row), published_terms_of(row)

    async def versions(
        self, policy_code: str, after: tuple[datetime, int] | None, limit: int
    ) -> list[PublishedTerms]:
        keyset = after or (None, 0)
        rows = await self.database.fetch(_VERSIONS, policy_code, *keyset, limit)
        return [published_terms_of(row) for row in rows]
