"""The e-mail that a purchase ends with, over the whole stack, and the same once more."""

from pathlib import Path
from uuid import uuid4

import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.catalog.v1.screening_pb2 import Screening

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from deploy.local.mailbox import Mail, html_of, list_mails, read_mail, text_of
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")


@pytest.mark.rule("OTC-16")
@pytest.mark.rule("OTC-18")
@pytest.mark.rule("OTC-20")
async def test_a_confirmation_brings_tickets_contract_and_calendar_and_comes_again_when_asked(
    suite: Suite, stage: Stage, house: House, screening: Screening
) -> None:
    buyer = await Buyer.guest(stage, "Ioana")
    seats = (await house.free_seats(screening.id)).take(2)
    order = await buyer.buy(screening.id, seats)
    await until(lambda: stage.mails(buyer.email), what="the confirmation")

    await buyer.booking.ResendConfirmation(
        pb.ResendConfirmationRequest(order_id=order.id, request_id=str(uuid4())),
        metadata=buyer.metadata(order.id),
        timeout=CALL_TIMEOUT_S,
    )

    folder = Path(suite.record.files["mail"])
    mails = await until(lambda: _two(folder, buyer.email), what="the confirmation again")
    first, second = (read_mail(folder, mail) for mail in mails)
    tickets = await buyer.tickets(order.id)
    contract, calendar = first.iter_attachments()
    images = [part for part in first.walk() if part.get_content_type() == "image/png"]
    for form in (text_of(first), html_of(first)):
        assert order.number in form
        assert "Ioana" in form
        assert all(ticket.number in form and ticket.image_url in form for ticket in tickets)
    assert [image["Content-ID"] for image in images] == [f"<{t.number}@letter>" for t in tickets]
    assert "10 tickets of one type" in contract.get_content()  # The terms, word for word.
    assert f"UID:order-{order.id}@" in calendar.get_content()
    assert "DTEND;TZID=Europe/Bucharest" in calendar.get_content()
    assert first["Message-ID"] != second["Message-ID"]
    assert (text_of(first), html_of(first)) == (text_of(second), html_of(second))


async def _two(folder: Path, address: str) -> list[Mail]:
    mails = list_mails(folder, address)
    return mails if len(mails) > 1 else []
