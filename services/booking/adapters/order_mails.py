"""Makes the e-mails about orders when they are sent: nothing personal waits in the queue."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.booking.domain.order import Order
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import OrderStore
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail
from services.common.money import Money

# ISO 4217: digits behind the point. Currencies that are not named have two.
_EXPONENTS = {"JPY": 0, "KWD": 3}
_DEFAULT_EXPONENT = 2
_LANGUAGES = frozenset({"ro", "fr", "en"})
_FALLBACK_LANGUAGE = "en"

VoucherCode = Callable[[UUID], Awaitable[str]]


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("services.booking", "mail"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=False,
        keep_trailing_newline=True,
    )


@dataclass(frozen=True, slots=True)
class OrderMails:
    """Renders `order-confirmed`, `remedy-voucher` and `remedy-places` in the buyer's language.

    A voucher's code is fetched at this moment and kept nowhere.
    """

    orders: OrderStore
    voucher_code: VoucherCode
    public_url: str
    templates: Environment = field(default_factory=_environment)

    async def __call__(self, mail: Mail) -> Rendered:
        order, tickets = await self.orders.read_with_tickets(UUID(mail.facts["order_id"]))
        language = order.language if order.language in _LANGUAGES else _FALLBACK_LANGUAGE
        facts = self._facts(order, list(tickets))
        if order.remedy is not None and order.remedy.voucher_id is not None:
            facts["voucher_code"] = await self.voucher_code(order.remedy.voucher_id)
        text = self.templates.get_template(f"{mail.kind}.{language}.txt.j2").render(facts)
        subject, _, body = text.partition("\n\n")
        subject = " ".join(subject.split())
        return Rendered(subject, body, self._html(subject, body, language))

    def _html(self, subject: str, body: str, language: str) -> str:
        paragraphs = [part.splitlines() for part in body.split("\n\n") if part.strip()]
        return self.templates.get_template("letter.html.j2").render(
            subject=subject, paragraphs=paragraphs, language=language
        )

    def _facts(self, order: Order, tickets: list[Ticket]) -> dict[str, Any]:
        base = self.public_url.rstrip("/")
        fees = Money.sum([line.service_fee for line in order.lines], currency=order.currency)
        return {
            "order": order,
            "contact": order.contact,
            "screening": order.screening,
            "remedy": order.remedy,
            "tickets": tickets,
            "start": order.screening.local_start.replace("T", " "),
            "fees": fees,
            "prices": order.total - fees,
            "amount": amount_text,
            "code": ticket_code,
            "order_url": f"{base}/orders/{order.id}",
            "gtc_url": f"{base}/terms/gtc/{order.terms.gtc_version}",
            "otc_url": f"{base}/terms/otc/{order.terms.otc_version}",
        }


def amount_text(money: Money) -> str:
    """Write an amount for people, such as `64.00 RON`."""
    exponent = _EXPONENTS.get(money.currency, _DEFAULT_EXPONENT)
    digits = str(abs(money.minor_units)).rjust(exponent + 1, "0")
    sign = "-" if money.minor_units < 0 else ""
    whole, rest = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    return f"{sign}{whole}{'.' if rest else ''}{rest} {money.currency}"


def ticket_code(ticket: Ticket) -> str:
    """Write what the QR code says as text that can be typed over or scanned from a screen."""
    return base64.urlsafe_b64encode(ticket.qr_payload).rstrip(b"=").decode()
