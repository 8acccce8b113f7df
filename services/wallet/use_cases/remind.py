"""Tell of places that expire soon, once for each lot."""

from dataclasses import dataclass
from datetime import timedelta

from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.purchase_ports import CardMail, ExpiringPlaces


@dataclass(frozen=True, slots=True)
class RemindOfExpiry:
    """Write the event for everybody, and an e-mail to those who agreed to reminders."""

    transactions: Transactions
    within: timedelta
    max_reminders: int

    async def __call__(self) -> int:
        """Tell how many lots were told of."""
        async with self.transactions() as tx:
            expiring = await tx.reminders.take_expiring(self.within, self.max_reminders)
            for each in expiring:
                if each.profile.reminders_agreed and each.profile.email:
                    await tx.mails.add(_mail(each))
            await tx.commit()
        return len(expiring)


def _mail(each: ExpiringPlaces) -> CardMail:
    return CardMail(
        key=f"expiring:{each.lot_id}",
        kind="places-expiring" if each.card_id else "points-expiring",
        recipient=each.profile.email,
        language=each.profile.language,
        product_name=each.product_name,
        count=each.number,
        last_date=each.last_date.isoformat(),
    )
