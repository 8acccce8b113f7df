"""Get the figures of a chain's terms."""

from dataclasses import dataclass

from services.catalog.domain.terms import PublishedTerms, SalesPolicy
from services.catalog.use_cases.price_ports import TermsReads


@dataclass(frozen=True, slots=True)
class GetSalesPolicy:
    """Get a version of the policy, or with "" the one in force; TERMS_NOT_FOUND."""

    published: TermsReads

    async def __call__(self, policy_code: str, version: str) -> tuple[SalesPolicy, PublishedTerms]:
        return await self.published.policy(policy_code, version)
