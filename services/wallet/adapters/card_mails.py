"""E-mails about cards and points: queued with the work, made when they are sent."""

from dataclasses import dataclass
from datetime import date

from services.common.db.transaction import Transaction
from services.common.mail.letters import Letters, known_language
from services.common.mail.local_text import writers
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail, enqueue_mail
from services.wallet.use_cases.purchase_ports import CardMail


@dataclass(frozen=True, slots=True)
class Mails:
    """The port `MailQueue`: in the transaction of the work, once for each key."""

    tx: Transaction

    async def add(self, mail: CardMail) -> None:
        facts = {
            "language": mail.language,
            "product_name": mail.product_name,
            "count": mail.count,
            "last_date": mail.last_date,
        }
        await enqueue_mail(
            self.tx, key=mail.key, kind=mail.kind, recipient=mail.recipient, facts=facts
        )


@dataclass(frozen=True, slots=True)
class CardMails:
    """Renders `card-bought`, `places-expiring` and `points-expiring`."""

    letters: Letters

    async def __call__(self, mail: Mail) -> Rendered:
        language = known_language(mail.facts["language"])
        facts = {
            **writers(language),
            "product_name": mail.facts["product_name"],
            "count": mail.facts["count"],
            "last_date": date.fromisoformat(mail.facts["last_date"]),
        }
        return self.letters.write(mail.kind, language, facts)
