"""The e-mails about orders, in the buyer's language."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.adapters.cinema_words import TermsTexts
from services.booking.domain.moved_order import MovedTo
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.domain.ticket import Ticket
from services.common.mail.message import Rendered, message_bytes
from services.common.mail.queue import Mail
from tests.kit.booking_letters import VOUCHER_CODE, FakeWords, order_mails, plain
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
                image_url=f"https://images.example/{place}.png",
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


async def render(order: Order, kind: str, words: FakeWords | None = None, **given: Any) -> Rendered:
    store: Any = OneOrder(order)
    mail = Mail(uuid4(), kind, order.contact.email, {"order_id": str(order.id), **given})
    return await order_mails(store, words=words or FakeWords())(mail)


def attached(mail: Rendered, ending: str) -> str:
    [file] = [each for each in mail.attachments if each.file_name.endswith(ending)]
    return file.content.decode()


LANGUAGES = [
    ("ro", "Bună ziua", "64,00 lei", "duminică, 22 noiembrie 2026, ora 21:00"),
    ("fr", "Bonjour", "64,00 RON", "dimanche 22 novembre 2026 à 21 h 00"),
    ("en", "Dear", "64.00 RON", "Sunday, 22 November 2026, 21:00"),
    ("de", "Dear", "64.00 RON", "Sunday, 22 November 2026, 21:00"),
    ("", "Bună ziua", "64,00 lei", "duminică, 22 noiembrie 2026, ora 21:00"),
]


@pytest.mark.rule("OTC-16")
@pytest.mark.parametrize(("language", "greeting", "amount", "start"), LANGUAGES)
async def test_a_confirmation_has_numbers_seats_prices_and_the_terms(
    language: str, greeting: str, amount: str, start: str
) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language=language)

    mail = await render(order, "order-confirmed")

    assert order.number in mail.subject
    for written in (mail.text, unescape(mail.html)):
        form = plain(written)
        for part in (greeting, "K7QF-3M4D-01", "K7QF-3M4D-02", "Alpha", "Cotroceni", "Hall 3",
                     amount, start, "2024-01", "2024-02",
                     "https://shop.example/terms/gtc/2024-01",
                     "https://shop.example/terms/otc/2024-02",
                     f"https://shop.example/orders/{order.id}"):  # fmt: skip
            assert part in form, part


@pytest.mark.rule("OTC-20")
@pytest.mark.parametrize("language", ["ro", "fr", "en"])
async def test_every_letter_says_how_to_reach_the_cinema(language: str) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language=language)

    mail = await render(order, "order-confirmed")

    for part in ("+40314130140", "hello@cotroceni.example", "Bd. Vasile Milea 4, București"):
        assert part in mail.text, part
        assert part in unescape(mail.html), part


@pytest.mark.rule("OTC-14.5a")
async def test_a_confirmation_carries_a_code_for_each_ticket_and_a_link_to_it() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)

    mail = await render(order, "order-confirmed")

    assert [image.name for image in mail.images] == ["K7QF-3M4D-01", "K7QF-3M4D-02"]
    assert [image.content for image in mail.images] == [b"PNG:\x01\x01\x01\x01"] * 2
    for image in mail.images:
        assert f'src="cid:{image.name}@letter"' in mail.html
    assert mail.text.count("https://images.example/") == len(mail.images)


@pytest.mark.rule("OTC-18")
@pytest.mark.parametrize("language", ["ro", "fr", "en"])
async def test_a_confirmation_brings_a_copy_of_the_contract_word_for_word(language: str) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language=language)

    contract = plain(attached(await render(order, "order-confirmed"), ".txt"))

    for part in ("K7QF-3M4D", "K7QF-3M4D-02", "Ana Ionescu", "ana@example.test", "Cotroceni",
                 "2024-01", "2024-02", "The general terms.", "The online terms.", "20:00"
                 if language != "fr" else "20 h 00"):  # fmt: skip
        assert part in contract, part


async def test_a_confirmation_without_terms_in_catalog_still_names_their_versions() -> None:
    words = FakeWords()
    words.texts = TermsTexts("", "")

    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    contract = attached(await render(order, "order-confirmed", words), ".txt")

    assert "2024-01" in contract


async def test_a_confirmation_brings_an_entry_for_the_calendar_in_the_cinemas_zone() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)

    first = attached(await render(order, "order-confirmed"), ".ics")
    second = attached(await render(order, "order-confirmed"), ".ics")

    assert f"UID:order-{order.id}@parterre.example" in first.replace("\r\n ", "")
    assert "DTSTART;TZID=Europe/Bucharest:20261122T210000" in first
    assert first == second


async def test_documents_to_bring_are_named_in_words() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language="fr")

    mail = await render(order, "order-confirmed")

    assert "carte d'élève ou d'étudiant" in mail.text
    assert "Adulte" in mail.text


@pytest.mark.parametrize("language", ["ro", "fr", "en"])
@pytest.mark.parametrize("kind", list(RemedyKind))
async def test_a_remedy_is_told_with_its_code_or_the_places(
    language: str, kind: RemedyKind
) -> None:
    order = a_remedied(kind)
    order.contact = replace(order.contact, language=language)
    is_voucher = kind is RemedyKind.VOUCHER

    mail = await render(order, "remedy-voucher" if is_voucher else "remedy-places")

    amount = "30,00" if language != "en" else "30.00"
    assert (VOUCHER_CODE in mail.text) == is_voucher
    assert (VOUCHER_CODE in mail.html) == is_voucher
    assert (amount in mail.text) == is_voucher
    assert order.number in mail.subject


HOSTILE = (
    "<script>alert(1)</script>[Win](https://evil.example)\r\n\r\n# Free!\r\nBcc: b@evil.example"
)


async def test_a_hostile_name_is_a_name_in_every_form() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(first_name=HOSTILE)
    order.screening = replace(order.screening, film_title=HOSTILE)

    mail = await render(order, "order-confirmed")

    assert "<script>" not in mail.html
    assert 'href="https://evil.example' not in mail.html
    assert (mail.html.count("<h1"), mail.html.count("<h2")) == (1, 1)
    raw = message_bytes([("To", "a@example.test")], mail, boundary="=_b")
    message = message_from_bytes(raw, policy=policy.default)
    assert message["Bcc"] is None
    assert "BEGIN:VCALENDAR" in attached(mail, ".ics")
    assert "\r\nBcc" not in attached(mail, ".ics")


async def test_letters_ask_no_other_place_for_anything() -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)

    mail = await render(order, "order-confirmed")

    assert not re.findall(r'(?:src|background)="(?!cid:)', mail.html)
    assert "<link" not in mail.html
    assert "url(" not in mail.html


MOVED: dict[str, Any] = {
    "ending": "",
    "old_start": "2026-11-22T21:00",
    "new_start": "2026-11-22T22:00",
    "is_other_film": True,
    "is_other_hall": True,
}
CALLED_OFF: dict[str, Any] = {**MOVED, "ending": "CANCELLED", "is_other_film": False}
NOTICES = [
    ("order-cancelled", {}),
    ("refund-done", {}),
    ("refund-failed", {}),
    ("remedy-voucher", {}),
    ("remedy-places", {}),
    *[
        (kind, {**facts, "remedy_kind": remedy, "remedy_until": "2026-11-24T23:59", "may_keep": keep})
        for kind, facts in (
            ("screening-changed", MOVED),
            ("screening-changed", {**MOVED, "is_other_film": False, "is_other_hall": False}),
            ("screening-cancelled", CALLED_OFF),
            ("screening-cancelled", {**CALLED_OFF, "ending": "TERMINATED"}),
            ("remedy-reminder", {}),
        )
        for remedy, keep in (("REFUND", True), ("VOUCHER", False), ("PLACES_ONLY", False))
    ],
    ("screening-changed", {**MOVED, "remedy_kind": "", "remedy_until": "", "may_keep": True}),
    ("screening-cancelled", {**CALLED_OFF, "remedy_kind": "", "remedy_until": "", "may_keep": True}),
]  # fmt: skip


@pytest.mark.rule("OTC-14.5a")
@pytest.mark.parametrize("language", ["ro", "fr", "en"])
@pytest.mark.parametrize(("kind", "given"), NOTICES)
async def test_every_letter_is_whole_in_every_language(
    language: str, kind: str, given: dict[str, Any]
) -> None:
    order = a_remedied(RemedyKind.VOUCHER)
    order.contact = replace(order.contact, language=language)

    mail = await render(order, kind, **given)

    assert order.number in mail.subject
    for form in (mail.text, unescape(mail.html)):
        for part in ("Ana Ionescu", order.number, "+40314130140", "hello@cotroceni.example"):
            assert part in form, part
        for left in ("{{", "}}", "{%", "None", "\n| ", "\n* ", "\n! ", "\n~ "):
            assert left not in form, left


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Sunday, 22 November 2026, 22:00", "Sunday, 22 November 2026, 21:00"]),
        (
            "ro",
            ["duminică, 22 noiembrie 2026, ora 22:00", "duminică, 22 noiembrie 2026, ora 21:00"],
        ),
        ("fr", ["dimanche 22 novembre 2026 à 22 h 00", "dimanche 22 novembre 2026 à 21 h 00"]),
    ],
)
async def test_a_change_is_told_with_what_is_and_what_was(language: str, texts: list[str]) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language=language)

    mail = await render(order, "screening-changed", **NOTICES[5][1])

    for part in (*texts, "Alpha", "Beta", "Hall 3", "Hall 7"):
        assert part in plain(mail.text), part
    calendar = attached(mail, ".ics").replace("\r\n ", "")
    assert "DTSTART;TZID=Europe/Bucharest:20261122T220000" in calendar
    assert "SUMMARY:Beta" in calendar
    assert f"UID:order-{order.id}@parterre.example" in calendar


@pytest.mark.parametrize("kind", ["order-cancelled", "screening-cancelled"])
async def test_what_is_called_off_leaves_the_calendar(kind: str) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)

    mail = await render(order, kind, **NOTICES[-1][1])

    assert "STATUS:CANCELLED" in attached(mail, ".ics")
    assert mail.attachments[0].media_type.endswith("method=CANCEL")


@pytest.mark.rule("OTC-33d")
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["to another hall", "You get a voucher"]),
        ("ro", ["în altă sală", "un voucher în valoarea biletelor"]),
        ("fr", ["changer de salle", "un bon d'achat de la valeur"]),
    ],
)
async def test_who_has_no_seat_in_the_other_hall_is_told_why_the_order_is_cancelled(
    language: str, told: list[str]
) -> None:
    order = a_remedied(RemedyKind.VOUCHER)
    order.contact = replace(order.contact, language=language)
    without_a_reason = plain((await render(order, "order-cancelled")).text)
    order.moved = MovedTo("hall-9", "Hall 9", {})

    mail = await render(order, "order-cancelled")

    for part in told:
        assert part in plain(mail.text), part
        assert part in unescape(mail.html), part
        assert part not in without_a_reason, part
    assert "\n! " not in mail.text


@pytest.mark.rule("OTC-33c")
@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("ON_REQUEST", ("You can ask for: your money back", "Until:", "Ask for it online")),
        ("AUTO", ("You get: your money back", "it comes by itself")),
        (
            "CUSTOMER_CHOICE",
            ("You can ask for: your money back", "Or instead: a voucher", "Until:"),
        ),
    ],
)
async def test_a_called_off_screening_says_whether_to_ask_and_for_what(
    mode: str, told: tuple[str, ...]
) -> None:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE)
    order.contact = a_contact(language="en")
    order.policy = replace(order.policy, remedy_mode=mode)
    offer = {"remedy_kind": "REFUND", "remedy_until": "2026-11-24T23:59", "may_keep": False}

    mail = await render(order, "screening-cancelled", **{**CALLED_OFF, **offer})

    for part in told:
        assert part in mail.text, part
    assert ("ask for" in mail.text.lower()) == (mode != "AUTO")
    assert ("instead" in mail.text) == (mode == "CUSTOMER_CHOICE")
