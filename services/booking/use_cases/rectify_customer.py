"""Correct a person's name and e-mail address."""

from dataclasses import dataclass

from services.booking.domain.privacy import Person
from services.booking.use_cases.privacy_ports import (
    Asker,
    Correction,
    PrivacyTransactions,
    WalletSubjects,
)
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class RectifyCustomer:
    """Correct the wallet's profile first, which may be done twice, then all orders at once."""

    wallet: WalletSubjects
    transactions: PrivacyTransactions

    async def __call__(
        self, key: RequestKey, asker: Asker, person: Person, correction: Correction
    ) -> int:
        if person.account_id is not None:
            await self.wallet.rectify(person.account_id, correction)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            orders = await tx.privacy.rectify(person, correction)
            await tx.privacy.note_access(person, key.request_id, "RECTIFY", asker.name)
            await tx.requests.store(key, orders)
            if asker.officer:
                subject = f"access/{key.request_id}"
                await tx.audit.add(asker.officer, "RectifyCustomer", subject, correction)
            await tx.commit()
        return orders
