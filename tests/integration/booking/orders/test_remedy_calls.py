"""What clients see of remedies: over a real channel, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import box_office_service_pb2 as office_pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.hold import Hold
from services.booking.domain.remedy import RemedyState
from services.booking.domain.screening_job import JobKind
from tests.integration.booking.orders.changes import called_off, moved, tell, work
from tests.integration.booking.orders.serving import AS_GUEST, Calls, a_request, pay
from tests.integration.booking.orders.test_cancellations import complaints
from tests.integration.booking.orders.test_counter import a_sale
from tests.kit.booking_rpc import as_guest, as_staff, refused

OF_1818 = as_staff("cashier", "cinema_manager", cinemas=["1818"])
OF_1819 = as_staff("cashier", "cinema_manager", cinemas=["1819"])


async def bought(calls: Calls, hold: Hold) -> order_pb2.Order:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    await pay(calls, placed)
    return await read(calls, placed.id)


async def read(calls: Calls, order_id: str) -> order_pb2.Order:
    request = pb.GetOrderRequest(order_id=order_id)
    order: order_pb2.Order = (await calls.booking.GetOrder(request, metadata=AS_GUEST)).order
    return order


async def call_off(calls: Calls, order: order_pb2.Order, **how: Any) -> None:
    stored = await calls.shop.use.store.read(UUID(order.id))
    start = stored.screening.start_time
    await tell(calls.shop, await called_off(calls.shop, stored.screening_id, start, **how))
    await work(calls.shop)


def asking(order: order_pb2.Order, **fields: Any) -> pb.RequestRemedyRequest:
    return pb.RequestRemedyRequest(**{"order_id": order.id, "request_id": str(uuid4())} | fields)


async def giving(
    calls: Calls, order: order_pb2.Order, **fields: Any
) -> office_pb.GiveRemedyRequest:
    tickets = await calls.booking.ListTickets(
        pb.ListTicketsRequest(order_id=order.id), metadata=AS_GUEST
    )
    values = {
        "order_id": order.id,
        "qr_payload": tickets.tickets[0].qr_payload,
        "form_reference": "F-1",
        "request_id": str(uuid4()),
    }
    return office_pb.GiveRemedyRequest(**values | fields)


def approving(order: order_pb2.Order, decision: str = "APPROVED") -> office_pb.ApproveRemedyRequest:
    return office_pb.ApproveRemedyRequest(
        order_id=order.id,
        decision=office_pb.RemedyDecision.Value(f"REMEDY_DECISION_{decision}"),
        reason="The road was closed.",
        request_id=str(uuid4()),
    )


@pytest.mark.rule("OTC-33a")
@pytest.mark.rule("OTC-33c")
@pytest.mark.rule("OTC-34b")
async def test_a_guest_sees_what_is_due_and_asks_for_it_once(calls: Calls, hold: Hold) -> None:
    order = await bought(calls, hold)
    early = await refused(calls.booking.RequestRemedy(asking(order), metadata=AS_GUEST))
    await call_off(calls, order)
    offered = (await read(calls, order.id)).remedy_offer
    request = asking(order)

    answer = await calls.booking.RequestRemedy(request, metadata=AS_GUEST)
    again = await calls.booking.RequestRemedy(request, metadata=AS_GUEST)
    twice = await refused(calls.booking.RequestRemedy(asking(order), metadata=AS_GUEST))
    taken = await read(calls, order.id)

    assert early.reason == "NO_REMEDY_DUE"
    assert (offered.cause, offered.state, offered.kind, offered.may_keep) == (
        order_pb2.RemedyOffer.CAUSE_CANCELLED,
        order_pb2.RemedyOffer.STATE_OPEN,
        order_pb2.Remedy.KIND_REFUND,
        False,
    )
    assert answer.remedy.amount.minor_units == 6_000
    assert answer.remedy.cause == order_pb2.RemedyOffer.CAUSE_CANCELLED
    assert again == answer
    assert (twice.code, twice.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "REMEDY_ALREADY_GIVEN",
    )
    assert twice.metadata["remedy_id"] == answer.remedy.id
    assert taken.state == order_pb2.Order.STATE_CANCELLED
    assert taken.remedy_offer.state == order_pb2.RemedyOffer.STATE_TAKEN
    assert [entry for entry in taken.timeline if not entry.text] == []


@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-14.5c")
@pytest.mark.rule("OTC-27")
@pytest.mark.parametrize("reason", ["LOST", "MISTAKE", "DENIED_AT_THE_DOOR"])
async def test_another_reason_gives_nothing_and_changes_nothing(
    calls: Calls, hold: Hold, reason: str
) -> None:
    order = await bought(calls, hold)
    await call_off(calls, order)
    wrong = asking(order, reason=pb.RemedyReason.Value(f"REMEDY_REASON_{reason}"))

    refusal = await refused(calls.booking.RequestRemedy(wrong, metadata=AS_GUEST))

    assert (refusal.reason, refusal.metadata) == ("NO_REMEDY_DUE", {"order_id": order.id})
    right = await calls.booking.RequestRemedy(asking(order), metadata=AS_GUEST)
    assert right.remedy.state == order_pb2.Remedy.STATE_REQUESTED


async def test_somebody_elses_order_is_as_unknown(calls: Calls, hold: Hold) -> None:
    order = await bought(calls, hold)
    await call_off(calls, order)

    refusal = await refused(calls.booking.RequestRemedy(asking(order), metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")


@pytest.mark.rule("OTC-34b")
async def test_staff_of_another_cinema_give_nothing_and_staff_of_it_once(
    calls: Calls, hold: Hold
) -> None:
    order = await bought(calls, hold)
    await call_off(calls, order)

    elsewhere = await refused(calls.office.GiveRemedy(await giving(calls, order), metadata=OF_1819))
    no_ticket = await refused(
        calls.office.GiveRemedy(await giving(calls, order, qr_payload=bytes(101)), metadata=OF_1818)
    )
    given = await calls.office.GiveRemedy(await giving(calls, order), metadata=OF_1818)
    twice = await refused(calls.office.GiveRemedy(await giving(calls, order), metadata=OF_1818))

    assert (elsewhere.code, elsewhere.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "WRONG_CINEMA",
    )
    assert no_ticket.reason == "TICKET_NOT_PRESENTED"
    assert given.remedy.origin == order_pb2.Remedy.ORIGIN_BOX_OFFICE
    assert given.remedy.form_reference == "F-1"
    assert twice.reason == "REMEDY_ALREADY_GIVEN"


@pytest.mark.rule("OTC-35")
async def test_what_waits_for_approval_is_listed_and_decided(calls: Calls, hold: Hold) -> None:
    order = await bought(calls, hold)
    await call_off(calls, order, attributable=False)
    listing = office_pb.ListAwaitingRemediesRequest(screening_id=order.screening_id)
    asked = await calls.booking.RequestRemedy(asking(order), metadata=AS_GUEST)
    waiting = await calls.office.ListAwaitingRemedies(listing, metadata=OF_1818)
    elsewhere = await refused(calls.office.ListAwaitingRemedies(listing, metadata=OF_1819))

    approved = await calls.office.ApproveRemedy(approving(order), metadata=OF_1818)
    too_late = await refused(
        calls.office.ApproveRemedy(approving(order, "DECLINED"), metadata=OF_1818)
    )

    assert asked.remedy.state == order_pb2.Remedy.STATE_AWAITING_APPROVAL
    assert [(each.order_id, each.order_number) for each in waiting.remedies] == [
        (order.id, order.number)
    ]
    assert elsewhere.reason == "WRONG_CINEMA"
    assert (approved.remedy.id, approved.remedy.state) == (
        asked.remedy.id,
        order_pb2.Remedy.STATE_REQUESTED,
    )
    assert too_late.reason == "REMEDY_NOT_AWAITING_APPROVAL"
    assert not (await calls.office.ListAwaitingRemedies(listing, metadata=OF_1818)).remedies


@pytest.mark.rule("OTC-33d")
async def test_a_rescheduled_screening_shows_how_far_its_notices_are_and_what_may_be_kept(
    calls: Calls, hold: Hold
) -> None:
    order = await bought(calls, hold)
    stored = await calls.shop.use.store.read(UUID(order.id))
    await tell(calls.shop, await moved(calls.shop, hold.screening_id, stored, timedelta(hours=3)))
    await work(calls.shop)

    listing = office_pb.ListScreeningJobsRequest(screening_id=order.screening_id)
    jobs = (await calls.office.ListScreeningJobs(listing, metadata=OF_1818)).jobs
    offer = (await read(calls, order.id)).remedy_offer

    assert [(job.kind, job.version, job.total) for job in jobs] == [
        (office_pb.ScreeningJob.KIND_NOTICE, 2, 1)
    ]
    assert (offer.cause, offer.may_keep) == (order_pb2.RemedyOffer.CAUSE_RESCHEDULED, True)


@pytest.mark.rule("OTC-32e")
@pytest.mark.rule("OTC-33b")
async def test_what_a_till_took_a_till_gives_back_however_late_it_is_called_off(
    calls: Calls, screening_id: UUID
) -> None:
    sale = await calls.office.SellTickets(a_sale(screening_id), metadata=OF_1818)
    stored = await calls.shop.use.store.read(UUID(sale.order.id))
    tickets = await calls.shop.use.store.list_tickets(stored, after_number="", limit=1)
    await call_off(calls, sale.order, at=stored.screening.start_time - timedelta(minutes=1))
    request = office_pb.GiveRemedyRequest(
        order_id=sale.order.id,
        qr_payload=tickets[0].qr_payload,
        form_reference="F-2",
        request_id=str(uuid4()),
    )

    given = await calls.office.GiveRemedy(request, metadata=OF_1818)

    ended = await calls.shop.drive(stored)
    assert given.remedy.kind == order_pb2.Remedy.KIND_REFUND
    assert ended.remedy is not None
    assert ended.remedy.state is RemedyState.GIVEN
    assert (calls.shop.payments.spent, calls.shop.payments.refunds) == ({}, {})
    assert await complaints(calls.shop) == []


def test_every_kind_of_job_can_be_told() -> None:
    kinds = office_pb.ScreeningJob.Kind.keys()

    assert {f"KIND_{kind}" for kind in JobKind} == set(kinds) - {"KIND_UNSPECIFIED"}
