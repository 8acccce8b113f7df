"""Publish a version of the terms with its sales policy."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.errors import TermsExistError
from services.catalog.domain.terms import Terms
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class PublishTerms:
    """Add a version of the terms; none is ever rewritten.

    The same version again changes nothing; TERMS_EXIST when its content differs.
    """

    transactions: Transactions

    async def __call__(self, key: RequestKey, staff: Staff, terms: Terms) -> Terms:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            await tx.terms.lock(terms.policy_code)
            known = await tx.terms.find(terms.policy_code, terms.otc_version)
            if known is None:
                await tx.terms.add(terms)
                await tx.events.terms_published(terms)
            elif known != terms:
                raise TermsExistError(terms.otc_version)
            subject = f"{terms.policy_code}/{terms.otc_version}"
            await tx.audit.add(staff, "PublishTerms", subject, after=terms)
            await tx.requests.store(key, terms)
            await tx.commit()
        return terms
