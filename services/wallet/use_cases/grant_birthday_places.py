"""Give birthday places."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.common.requests import RequestKey
from services.wallet.domain.errors import ProductNotFoundError
from services.wallet.domain.profile import birthdays_on
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.own_cards import cards_for, issue_own_cards
from services.wallet.use_cases.ports import (
    Actor,
    AuditNote,
    NewId,
    Transaction,
    Transactions,
)


@dataclass(frozen=True, slots=True)
class GrantBirthdayPlaces:
    """Give one to each account that has its birthday and none of that year; whatever runs twice.

    At most `max_granted` in one transaction, behind a lock: run again for the rest.
    """

    transactions: Transactions
    codes: Codes
    new_id: NewId
    product_code: str
    max_granted: int

    async def today(self) -> int:
        """Grant today's, as the worker does; tells how many."""
        async with self.transactions() as tx:
            granted = await self._grant(tx, await tx.profiles.today())
            await tx.commit()
        return granted

    async def by_staff(self, key: RequestKey, actor: Actor, day: date, reason: str) -> int:
        """Grant those of a day, audited."""
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            granted = await self._grant(tx, day)
            await tx.requests.store(key, granted)
            after = repr((granted, reason)).encode()
            subject = f"birthday_places/{day}"
            await tx.audit.note(AuditNote(actor, "GrantBirthdayPlaces", subject, after=after))
            await tx.commit()
        return granted

    async def _grant(self, tx: Transaction, day: date) -> int:
        owners = await tx.profiles.without_birthday_place(
            birthdays_on(day), day.year, self.max_granted
        )
        if not owners:
            return 0
        product = await tx.products.newest(self.product_code)
        if product is None:
            raise ProductNotFoundError(self.product_code)
        cards = cards_for(owners, self.codes, self.new_id)
        last_date = day + timedelta(days=product.product.validity_days)
        await issue_own_cards(tx, self.new_id(), product, last_date, cards, reason="birthday")
        await tx.profiles.note_birthday_places(day.year, [card.id for card in cards], owners)
        return len(owners)
