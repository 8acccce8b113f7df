"""List the versions of a policy's terms."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.domain.terms import PublishedTerms
from services.catalog.use_cases.price_ports import TermsReads


@dataclass(frozen=True, slots=True)
class ListTerms:
    """List at most `limit` versions, the latest first, after an effective time and number."""

    published: TermsReads

    async def __call__(
        self, policy_code: str, after: tuple[datetime, int] | None, limit: int
    ) -> list[PublishedTerms]:
        return await self.published.versions(policy_code, after, limit)
