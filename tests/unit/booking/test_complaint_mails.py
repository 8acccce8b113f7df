"""The e-mails about complaints and comments, in three languages."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

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
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail
from tests.kit.booking_letters import complaint_mails, plain
from tests.kit.booking_order_builders import NOW, an_order

DUE = date(2026, 12, 22)
ANSWER = "The heating is repaired.\n\n<b>Come again</b>: [free](https://evil.example)."


class Stored:
    """One complaint and its order."""

    def __init__(self, complaint: Complaint, order: Order | None) -> None:
        self.complaint, self.order = complaint, order

    async def read(self, wanted: Any) -> Any:
        return self.complaint if wanted == self.complaint.id else self.order


def a_complaint(order: Order | None, language: str, *, is_late: bool = False) -> Complaint:
    about = None
    if order is not None:
        about = OrderInQuestion(order.screening_id, order.id, order.number, "1818")
    return Complaint(
        id=uuid4(),
        number="C-K7QF-3M4D",
        kind=ComplaintKind.COMMENT if order is None else ComplaintKind.COMPLAINT,
        scope=ComplaintScope.CINEMA,
        text="The hall was cold.",
        order=about,
        owner="guest:somebody",
        account_id=None,
        reply_email="",
        language=language,
        received_at=NOW,
        read_at=NOW,
        terms=None if order is None else ComplaintTerms(NOW, is_late, DUE, NOW),
    )


async def letter(kind: str, complaint: Complaint, order: Order | None) -> Rendered:
    stored: Any = Stored(complaint, order)
    facts = {"complaint_id": str(complaint.id)}
    return await complaint_mails(stored, stored)(Mail(uuid4(), kind, "a@example.test", facts))


@pytest.mark.rule("OTC-51")
@pytest.mark.parametrize(
    ("language", "greeting", "due", "late"),
    [
        ("ro", "Bună ziua, Ana", "22 decembrie 2026", "ultima zi"),
        ("fr", "Bonjour Ana", "22 décembre 2026", "dernier jour"),
        ("en", "Dear Ana", "22 December 2026", "last day"),
        ("de", "Dear Ana", "22 December 2026", "last day"),
    ],
)
async def test_the_receipt_says_number_and_due_date_and_whether_it_was_late(
    language: str, greeting: str, due: str, late: str
) -> None:
    order = an_order(OrderState.CONFIRMED)

    in_time = await letter("complaint-received", a_complaint(order, language), order)
    too_late = await letter("complaint-received", a_complaint(order, language, is_late=True), order)

    for part in (greeting, due, "C-K7QF-3M4D", order.number, "Cotroceni", "+40314130140"):
        assert part in plain(in_time.text)
        assert part in plain(in_time.html)
    assert late not in in_time.text
    assert late in too_late.text


@pytest.mark.rule("OTC-51")
@pytest.mark.parametrize("language", ["ro", "fr", "en"])
@pytest.mark.parametrize("decision", ComplaintDecision)
async def test_the_answer_is_in_the_letter_word_for_word_and_never_as_markup(
    language: str, decision: ComplaintDecision
) -> None:
    order = an_order(OrderState.CONFIRMED)
    complaint = a_complaint(order, language)
    answered = replace(complaint, answer=ComplaintAnswer(decision, ANSWER, NOW))

    mail = await letter("complaint-answered", answered, order)

    assert "The heating is repaired." in mail.text
    assert "<b>Come again</b>: [free](https://evil.example)." in mail.text
    assert "<b>" not in mail.html
    assert 'href="https://evil.example' not in mail.html
    assert "C-K7QF-3M4D" in mail.subject


@pytest.mark.rule("OTC-45")
@pytest.mark.parametrize("language", ["ro", "fr", "en"])
async def test_a_comment_about_no_order_is_thanked_for_and_answered(language: str) -> None:
    comment = a_complaint(None, language)
    answer = ComplaintAnswer(ComplaintDecision.NOTED, "Thank you.", NOW)

    thanks = await letter("comment-received", comment, None)
    answered = await letter("complaint-answered", replace(comment, answer=answer), None)

    assert "C-K7QF-3M4D" in thanks.text
    assert "Thank you." in answered.text
    assert "Cotroceni" not in thanks.text + answered.text
