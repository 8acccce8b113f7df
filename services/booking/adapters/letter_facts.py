"""What the letters about an order may say: facts in the buyer's language, ready to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.adapters.cinema_words import CinemaWords
from services.booking.domain.order import Order
from services.booking.domain.order_leg import LegKind
from services.booking.domain.ticket import Ticket
from services.common.mail.local_text import moment_text, writers
from services.common.money import Money

_PROOFS = {
    "AGE_DOCUMENT": {
        "ro": "act de identitate sau alt document care arată vârsta",
        "fr": "pièce d'identité ou autre document indiquant l'âge",
        "en": "identity card or another document that shows the age",
    },
    "STUDENT_CARD": {
        "ro": "carnet de elev sau de student",
        "fr": "carte d'élève ou d'étudiant",
        "en": "pupil or student card",
    },
    "DISABILITY_CARD": {
        "ro": "certificat de încadrare în grad de handicap",
        "fr": "carte d'invalidité",
        "en": "disability card",
    },
}


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A ticket as letters show it. `proof` is what to bring, or ""; `image` its picture's name."""

    number: str
    row_name: str
    seat_number: str
    type_name: str
    proof: str
    image: str
    image_url: str


@dataclass(frozen=True, slots=True)
class PaidBy:
    """What paid an order: `places` of prepaid cards, and what `vouchers` and `money` paid."""

    places: int
    vouchers: Money
    money: Money


def letter_facts(
    order: Order,
    tickets: Sequence[Ticket],
    words: CinemaWords,
    language: str,
    *,
    public_url: str,
    has_images: bool = False,
) -> dict[str, Any]:
    """Give the facts of an order. Addresses are "" when the shop's is not known."""
    fees = Money.sum([line.service_fee for line in order.lines], currency=order.currency)
    refunds = [leg.amount for leg in order.refund_legs if leg.amount is not None]
    base, zone = public_url.rstrip("/"), ZoneInfo(order.screening.time_zone)
    return {
        **writers(language),
        "order": order,
        "contact": order.contact,
        "screening": order.screening_now,
        "remedy": order.remedy,
        "cinema": words,
        "ordered_at": order.created_at.astimezone(zone),
        "accepted_at": order.terms.accepted_at.astimezone(zone),
        "local": lambda text: start_text(text, language),
        "start": start_text(order.screening.local_start, language),
        "tickets": [_ticket(ticket, words, language, has_images=has_images) for ticket in tickets],
        "fees": fees,
        "prices": order.total - fees,
        "paid_by": _paid_by(order),
        "refund": Money.sum(refunds, currency=order.currency),
        "order_url": f"{base}/orders/{order.id}" if base else "",
        "gtc_url": f"{base}/terms/gtc/{order.terms.gtc_version}" if base else "",
        "otc_url": f"{base}/terms/otc/{order.terms.otc_version}" if base else "",
    }


def start_text(local_start: str, language: str) -> str:
    """Write the cinema's own date and time, `YYYY-MM-DDTHH:MM`, for people."""
    return moment_text(datetime.fromisoformat(local_start), language)


def _ticket(ticket: Ticket, words: CinemaWords, language: str, *, has_images: bool) -> TicketFacts:
    return TicketFacts(
        number=ticket.number,
        row_name=ticket.row_name,
        seat_number=ticket.seat_number,
        type_name=words.ticket_name(ticket.ticket_type, language),
        proof=_proof(ticket.proof, language),
        image=ticket.number if has_images else "",
        image_url=ticket.image_url,
    )


def _proof(code: str, language: str) -> str:
    known = _PROOFS.get(code)
    return known[language] if known else code.replace("_", " ").lower()


def _paid_by(order: Order) -> PaidBy:
    vouchers = [leg.amount for leg in order.voucher_legs if leg.amount is not None]
    return PaidBy(
        places=sum(len(leg.seat_ids) for leg in order.legs if leg.kind is LegKind.PLACES),
        vouchers=Money.sum(vouchers, currency=order.currency),
        money=order.money_due,
    )
