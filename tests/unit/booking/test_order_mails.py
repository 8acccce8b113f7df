"""The e-mails about orders, in the buyer's language."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.adapters.order_mails import OrderMails
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.domain.ticket import Ticket
from services.common.mail.queue import Mail
from tests.kit.booking_order_builders import NOW, an_order, ron
from tests.kit.booking_orders import a_contact


class OneOrder:
    """Storage that holds one order with its tickets."""

    def __init__(self, order: Order) -> None:
        self.order = order

    async def read_with_tickets(self, _: UUID) -> tuple[Order, Sequence[Ticket]]:
        order = self.order
        return order, [
            Ticket(
                id=uuid4(),
                number=f"{order.number}-{place:02d}",
                seat_id=line.seat_id,
                row_name=line.row_name,
                seat_number=line.seat_number,
                ticket_type=line.ticket_type,
                proof="STUDENT_CARD" if place == 1 else "",
                qr_payload=b"\x01" * 101,
                created_at=NOW,
            )
            for place, line in enumerate(order.lines, start=1)
        ]


def a_remedied(kind: RemedyKind) -> Order:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE, places=LegState.UNDONE)
    order.remedy = Remedy(
        id=uuid4(),
        kind=kind,
        state=RemedyState.GIVEN,
        amount=ron(3_000),
        last_screening_date=date(2027, 11, 24),
        requested_at=NOW,
        voucher_id=uuid4() if kind is RemedyKind.VOUCHER else None,
    )
    return order


async def render(order: Order, kind: str) -> Any:
    async def code(_: UUID) -> str:
        return "ABCD-EFGH"

    store: Any = OneOrder(order)
    mail = Mail(uuid4(), kind, order.contact.email, {"order_id": str(order.id)})
    return await OrderMails(store, code, "https://shop.example")(mail)


@pytest.mark.rule("OTC-16")
@pytest.mark.parametrize(
    ("language", "greeting"),
    [("ro", "Bună ziua"), ("fr", "Bonjour"), ("en", "Dear"), ("de", "Dear"), ("", "Bună ziua")],
)
async def test_a_confirmation_has_numbers_seats_prices_and_the_terms(
    language: str, greeting: str
) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language=language)

    mail = await render(order, "order-confirmed")

    assert order.number in mail.subject
    for part in (greeting, "K7QF-3M4D-01", "K7QF-3M4D-02", "Alpha", "Cotroceni", "Hall 3", "64.00",
                 "60.00", "4.00", "STUDENT_CARD", "+40314130140", "2026-11-22 21:00",
                 "/terms/gtc/2024-01", "/terms/otc/2024-02"):  # fmt: skip
        assert part in mail.text, part
    assert "<p>" in mail.html


@pytest.mark.parametrize("language", ["ro", "fr", "en"])
@pytest.mark.parametrize("kind", list(RemedyKind))
async def test_a_remedy_is_told_with_its_code_or_the_places(
    language: str, kind: RemedyKind
) -> None:
    order = a_remedied(kind)
    order.contact = replace(order.contact, language=language)
    is_voucher = kind is RemedyKind.VOUCHER

    mail = await render(order, "remedy-voucher" if is_voucher else "remedy-places")

    assert ("ABCD-EFGH" in mail.text) == is_voucher
    assert ("30.00 RON" in mail.text) == is_voucher
    assert order.number in mail.subject


async def test_markup_in_a_name_is_text() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(first_name="<script>alert(1)</script>")

    mail = await render(order, "order-confirmed")

    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
