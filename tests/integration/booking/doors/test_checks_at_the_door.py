"""What staff look at and decide: age, document, holder; refusing, letting in again; no money moves."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1 import ticket_pb2
from cinema.catalog.v1.screening_pb2 import Screening

from services.booking.domain.order import Order
from services.booking.domain.order_errors import NoRemedyDueError
from services.booking.domain.ticket import Ticket
from services.booking.domain.ticket_choice import TicketCount
from tests.integration.booking.doors.conftest import Doors, a_door, said
from tests.kit.booking_orders import ACCOUNT, a_purchase, an_order_key
from tests.kit.booking_rpc import refused
from tests.kit.booking_seats import a_key, a_wish


async def buy(
    doors: Doors, screening_id: UUID, ticket_type: str = "ADULT", seats: Sequence[str] = ("A1",)
) -> Order:
    shop = doors.shop
    wish = a_wish(screening_id, seats, tickets=[TicketCount(ticket_type, len(seats))])
    hold = await shop.process.hold_seats(wish, a_key())
    order = await shop.use.place_order(a_purchase(hold), an_order_key())
    await shop.pay(order)
    return await shop.drive(order)


async def a_film(doors: Doors, rating: str) -> UUID:
    screening_id = await doors.show()
    doors.catalog.answers[screening_id].screening.film.rating = rating
    return screening_id


@pytest.fixture
async def screening_id(doors: Doors) -> UUID:
    return await a_film(doors, "IM-18")


@pytest.fixture
async def order(doors: Doors, screening_id: UUID) -> Order:
    order = await buy(doors, screening_id)
    await doors.open_entry(screening_id)
    return order


@pytest.fixture
async def ticket(doors: Doors, order: Order) -> Ticket:
    (ticket,) = await doors.tickets(order)
    return ticket


async def money(doors: Doors) -> Any:
    payments = doors.shop.payments
    return dict(payments.spent), list(payments.captures), set(payments.cancelled)


@pytest.mark.rule("OTC-27")
async def test_the_age_is_looked_at_before_anybody_is_let_in(
    doors: Doors, screening_id: UUID, ticket: Ticket
) -> None:
    scanned = await doors.scan(ticket)
    at_a_glance = await doors.decide(screening_id, ticket, "ADMIT")
    looked = await doors.decide(screening_id, ticket, "ADMIT", "AGE")

    assert said(scanned) == said(at_a_glance) == "CHECK AGE 18"
    assert scanned.screening.rating == "IM-18"
    assert scanned.ticket.state == ticket_pb2.Ticket.STATE_VALID
    assert said(looked) == "ADMIT"
    assert list(looked.admission.checks) == [pb.CHECK_KIND_AGE]


@pytest.mark.rule("OTC-27")
async def test_who_is_refused_for_age_gets_nothing_and_may_come_again_with_a_parent(
    doors: Doors, screening_id: UUID, order: Order, ticket: Ticket
) -> None:
    before = await money(doors)
    denied = await doors.decide(screening_id, ticket, "DENY", "AGE")
    with pytest.raises(NoRemedyDueError):
        await doors.shop.ask_remedy(order)

    again = await doors.scan(ticket)
    with_a_parent = await doors.decide(screening_id, ticket, "ADMIT", "AGE")

    assert said(denied) == "DENIED"
    assert denied.admission.kind == pb.Admission.KIND_DENIED
    assert said(again) == "CHECK AGE 18"
    assert said(with_a_parent) == "ADMIT"
    assert await money(doors) == before


@pytest.mark.rule("OTC-27")
@pytest.mark.parametrize("decision", ["DENY", "DENY_FINALLY"])
async def test_who_was_refused_gets_nothing_for_a_screening_that_was_stopped_either(
    doors: Doors, screening_id: UUID, order: Order, ticket: Ticket, decision: str
) -> None:
    await doors.decide(screening_id, ticket, decision, "AGE")
    await doors.change(screening_id, _stop)

    with pytest.raises(NoRemedyDueError):
        await doors.shop.ask_remedy(order)


async def test_an_order_of_which_somebody_was_not_refused_has_its_remedy(doors: Doors) -> None:
    screening_id = await a_film(doors, "IM-18")
    order = await buy(doors, screening_id, seats=("A1", "A2"))
    first, _ = await doors.tickets(order)
    await doors.open_entry(screening_id)
    await doors.decide(screening_id, first, "DENY", "AGE")
    await doors.change(screening_id, _stop)

    remedy = await doors.shop.ask_remedy(order)

    assert remedy.amount == order.refundable_money


@pytest.mark.rule("OTC-27")
async def test_a_refusal_for_good_stays(doors: Doors, screening_id: UUID, ticket: Ticket) -> None:
    request_id = str(uuid4())
    denied = await doors.decide(screening_id, ticket, "DENY_FINALLY", request_id=request_id)
    repeated = await doors.decide(screening_id, ticket, "DENY_FINALLY", request_id=request_id)

    scanned = await doors.scan(ticket, a_door("scanner-2"))
    decided = await doors.decide(screening_id, ticket, "ADMIT", "AGE")

    assert said(denied) == "DENIED"
    assert repeated == denied
    assert denied.ticket.state == ticket_pb2.Ticket.STATE_DENIED
    assert said(scanned) == said(decided) == "REFUSE DENIED"
    assert scanned.admission == denied.admission


@pytest.mark.rule("OTC-28")
@pytest.mark.rule("OTC-29")
async def test_a_discounted_ticket_asks_for_its_document_whoever_brings_it(doors: Doors) -> None:
    screening_id = await a_film(doors, "AG")
    order = await buy(doors, screening_id, "STUDENT", ("A1", "A2"))
    student, friend = await doors.tickets(order)
    await doors.open_entry(screening_id)
    before = await money(doors)

    scanned = await doors.scan(student)
    entitled = await doors.decide(screening_id, student, "ADMIT", "PROOF")
    not_entitled = await doors.decide(screening_id, friend, "DENY_FINALLY", "PROOF")
    with_another_document = await doors.decide(screening_id, friend, "ADMIT", "AGE")

    assert said(scanned) == "CHECK PROOF STUDENT_CARD"
    assert said(entitled) == "ADMIT"
    assert said(not_entitled) == "DENIED"
    assert list(not_entitled.admission.checks) == [pb.CHECK_KIND_PROOF]
    assert said(with_another_document) == "REFUSE DENIED"
    assert await money(doors) == before


@pytest.mark.rule("CARD-10")
async def test_the_holder_of_a_personal_card_is_looked_at_for_the_seat_it_pays(
    doors: Doors,
) -> None:
    screening_id, shop = await a_film(doors, "AP-12"), doors.shop
    card_id = shop.wallet.issue(1)
    shop.wallet.personal.add(card_id)
    hold = await shop.hold(screening_id, ["A1", "A2"], owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    await shop.pay(order)
    own, friends = await doors.tickets(await shop.drive(order))
    await doors.open_entry(screening_id)

    scanned = await doors.scan(own)
    partly = await doors.decide(screening_id, own, "ADMIT", "AGE")
    wholly = await doors.decide(screening_id, own, "ADMIT", "AGE", "HOLDER")

    assert said(scanned) == "CHECK AGE 12 HOLDER"
    assert scanned.ticket.holder_checked
    assert said(partly) == "CHECK HOLDER"
    assert said(wholly) == "ADMIT"
    assert said(await doors.scan(friends)) == "CHECK AGE 12"


async def test_who_was_in_may_come_in_again_as_often_as_staff_say(doors: Doors) -> None:
    screening_id = await a_film(doors, "AG")
    order = await buy(doors, screening_id)
    (ticket,) = await doors.tickets(order)
    await doors.open_entry(screening_id)
    never_in = await doors.decide(screening_id, ticket, "RE_ENTRY")
    first = await doors.scan(ticket)

    again = [await doors.decide(screening_id, ticket, "RE_ENTRY") for _ in range(2)]

    assert said(never_in) == "REFUSE NOT_ADMITTED"
    assert said(first) == "ADMIT"
    assert [said(verdict) for verdict in again] == ["ADMIT", "ADMIT"]
    assert {verdict.admission.kind for verdict in again} == {pb.Admission.KIND_RE_ENTERED}
    assert await doors.ask("SELECT count(*) FROM admission WHERE kind = 'ADMITTED'") == 1
    assert said(await doors.scan(ticket)) == "REFUSE ALREADY_ADMITTED"


async def test_a_decision_is_not_exchanged_under_its_request_id(
    doors: Doors, screening_id: UUID, ticket: Ticket
) -> None:
    request_id = str(uuid4())
    await doors.decide(screening_id, ticket, "DENY", "AGE", request_id=request_id)

    refusal = await refused(
        doors.decide(screening_id, ticket, "ADMIT", "AGE", request_id=request_id)
    )

    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_a_ticket_is_known_by_both_its_ids(
    doors: Doors, screening_id: UUID, ticket: Ticket
) -> None:
    assert said(await doors.decide(uuid4(), ticket, "ADMIT", "AGE")) == "REFUSE UNKNOWN"


async def test_the_buyer_sees_what_became_of_the_tickets(
    doors: Doors, screening_id: UUID, order: Order, ticket: Ticket
) -> None:
    await doors.decide(screening_id, ticket, "ADMIT", "AGE")

    (after,) = await doors.tickets(order)

    assert after.state == "ADMITTED"


def _stop(screening: Screening) -> None:
    screening.state = Screening.STATE_TERMINATED
    screening.ending.time.CopyFrom(screening.start_time)
    screening.ending.attributable = True
