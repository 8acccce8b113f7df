"""E-mails about cards and points: queued with the work, made when they are sent."""

from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.common.db.transaction import Transaction
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail, enqueue_mail
from services.wallet.use_cases.purchase_ports import CardMail

_LANGUAGES = frozenset({"ro", "fr", "en"})
_FALLBACK_LANGUAGE = "en"


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


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("services.wallet", "mail"),
        autoescape=False,  # noqa: S701 - plain text alone
        undefined=StrictUndefined,
        auto_reload=False,
        keep_trailing_newline=True,
    )


@dataclass(frozen=True, slots=True)
class CardMails:
    """Renders `card-bought`, `places-expiring` and `points-expiring`, as plain text."""

    templates: Environment = field(default_factory=_environment)

    async def __call__(self, mail: Mail) -> Rendered:
        wanted = mail.facts["language"]
        language = wanted if wanted in _LANGUAGES else _FALLBACK_LANGUAGE
        text = self.templates.get_template(f"{mail.kind}.{language}.txt.j2").render(mail.facts)
        subject, _, body = text.partition("\n\n")
        return Rendered(" ".join(subject.split()), body)
