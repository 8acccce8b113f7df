"""Get the terms of a policy."""

from dataclasses import dataclass

from services.catalog.domain.terms import Terms
from services.catalog.use_cases.price_ports import TermsReads


@dataclass(frozen=True, slots=True)
class GetTerms:
    """Get a version of the terms, or with "" those in force; TERMS_NOT_FOUND."""

    published: TermsReads

    async def __call__(self, policy_code: str, otc_version: str) -> Terms:
        return await self.published.terms(policy_code, otc_version)
