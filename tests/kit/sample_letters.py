"""One letter of every kind in a language, as customers get them: to be looked at and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.booking.adapters.qr_images import qr_png
from services.booking.domain.complaint import (
    Complaint,
    ComplaintAnswer,
    ComplaintDecision,
    ComplaintKind,
    ComplaintScope,
    ComplaintTerms,
    OrderInQuestion,
)
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.domain.ticket import Ticket
from services.common.mail.letters import Letters
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail
from services.wallet.adapters.card_mails import CardMails
from tests.kit.booking_letters import complaint_mails, order_mails
from tests.kit.booking_order_builders import NOW, a_screening, an_order, ron
from tests.kit.booking_orders import SIGNER, a_contact

OFFER = {"remedy_kind": "REFUND", "remedy_until": "2026-11-24T23:59", "may_keep": True}
_CHANGE = {"old_start": "2026-11-22T21:00", "is_other_film": True, "is_other_hall": True}
ABOUT_ORDERS: Mapping[str, Mapping[str, Any]] = {
    "order-confirmed": {},
    "order-cancelled": {},
    "refund-done": {},
    "refund-failed": {},
    "screening-changed": {**OFFER, **_CHANGE, "ending": ""},
    "screening-cancelled": {**OFFER, "ending": "CANCELLED", "may_keep": False},
    "remedy-reminder": {**OFFER, "may_keep": False},
    "remedy-voucher": {},
    "remedy-places": {},
}
ABOUT_COMPLAINTS = ("complaint-received", "complaint-answered", "comment-received")
ABOUT_CARDS = {"card-bought": 5, "places-expiring": 3, "points-expiring": 240}
KINDS = (*ABOUT_ORDERS, *ABOUT_COMPLAINTS, *ABOUT_CARDS)


class _Stored:
    """Storage that holds one order with its tickets, and one complaint."""

    def __init__(self, order: Order, complaint: Complaint | None = None) -> None:
        self.order, self.complaint = order, complaint

    async def read(self, wanted: UUID) -> Any:
        return self.order if wanted == self.order.id else self.complaint

    async def read_with_tickets(self, _: UUID) -> tuple[Order, Sequence[Ticket]]:
        return self.order, [
            Ticket(
                id=UUID(int=place),
                number=f"{self.order.number}-{place:02d}",
                seat_id=line.seat_id,
                row_name=line.row_name,
                seat_number=line.seat_number,
                ticket_type=line.ticket_type,
                proof="STUDENT_CARD" if place == 2 else "",
                qr_payload=SIGNER.payload(UUID(int=place), self.order.screening_id),
                created_at=NOW,
                image_url=f"https://tickets.example/tickets/{place}.png",
            )
            for place, line in enumerate(self.order.lines, start=1)
        ]


async def sample_letter(kind: str, language: str) -> Rendered:
    """Write the letter of a kind."""
    if kind in ABOUT_CARDS:
        return await _about_card(kind, language)
    order = _an_order(kind, language)
    if kind in ABOUT_COMPLAINTS:
        complaint = _a_complaint(kind, order, language)
        stored: Any = _Stored(order, complaint)
        return await complaint_mails(stored, stored)(
            _mail(kind, {"complaint_id": str(complaint.id)})
        )
    stored = _Stored(order)
    facts = {"order_id": str(order.id), **ABOUT_ORDERS[kind]}
    return await order_mails(stored, draw=qr_png)(_mail(kind, facts))


async def _about_card(kind: str, language: str) -> Rendered:
    facts = {
        "language": language,
        "product_name": "CinéCarte 5",
        "count": ABOUT_CARDS[kind],
        "last_date": "2027-05-20",
    }
    return await CardMails(Letters("services.wallet", "Parterre"))(_mail(kind, facts))


def _mail(kind: str, facts: Mapping[str, Any]) -> Mail:
    return Mail(uuid4(), kind, "ana@example.test", facts)


def _an_order(kind: str, language: str) -> Order:
    paid_by_card = kind in {"remedy-places", "remedy-voucher"}
    order = an_order(
        OrderState.CONFIRMED,
        money=LegState.DONE,
        places=LegState.UNDONE if paid_by_card else None,
    )
    order.contact = a_contact(language=language)
    order.screening = replace(
        a_screening(),
        cinema_name="Cinema City București AFI Cotroceni",
        film_title="O călătorie spre marginea lumii",
        hall_name="Sala 3",
        format="IMAX",
        end_time=(a_screening().start_time + timedelta(hours=2)).isoformat(),
    )
    if kind in {"order-cancelled", "refund-done", "refund-failed"}:
        order.legs.append(OrderLeg("refund", LegKind.REFUND, LegState.DONE, 1, amount=ron(6_000)))
    if kind.startswith("remedy"):
        order.remedy = Remedy(
            id=uuid4(),
            kind=RemedyKind.VOUCHER,
            state=RemedyState.GIVEN,
            amount=ron(3_000),
            last_screening_date=date(2027, 11, 24),
            requested_at=NOW,
            voucher_id=uuid4(),
        )
    return order


def _a_complaint(kind: str, order: Order, language: str) -> Complaint:
    answer = ComplaintAnswer(
        ComplaintDecision.ACCEPTED,
        "Sala 3 a fost verificată.\n\nVă returnăm prețul biletelor.",
        NOW,
    )
    return Complaint(
        id=uuid4(),
        number="C-K7QF-3M4D",
        kind=ComplaintKind.COMPLAINT,
        scope=ComplaintScope.CINEMA,
        text="...",
        order=OrderInQuestion(order.screening_id, order.id, order.number, "1818"),
        owner="guest:somebody",
        account_id=None,
        reply_email="",
        language=language,
        received_at=NOW,
        read_at=NOW,
        terms=ComplaintTerms(NOW, True, date(2026, 12, 22), NOW),
        answer=answer if kind == "complaint-answered" else None,
    )
