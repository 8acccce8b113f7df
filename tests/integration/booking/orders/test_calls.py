"""What a client sees of orders: over a real channel, on a real PostgreSQL."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import leg_decision_service_pb2 as leg_pb
from cinema.booking.v1 import order_pb2
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.type.v1.money_pb2 import Money

from services.booking.domain.hold import Hold
from services.booking.domain.order_errors import ProviderUnavailableError
from tests.integration.booking.orders.serving import AS_GUEST, GUEST, Calls, a_request, pay
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, TOKENS
from tests.kit.booking_rpc import (
    Metadata,
    as_account,
    as_guest,
    as_payment,
    as_staff,
    refused,
)
from tests.kit.booking_seats import a_key, a_wish


async def test_while_the_provider_is_away_nobody_is_sent_to_it_and_who_pays_has_more_time(
    calls: Calls, hold: Hold, screening_id: UUID
) -> None:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    second = await calls.shop.hold(screening_id, ["B1"], owner=GUEST)
    await calls.shop.process.database.execute(
        "INSERT INTO provider_outage VALUES ('RON', app_clock(), 30000)"
    )
    await calls.shop.use.extend_orders()

    refusal = await refused(calls.booking.PlaceOrder(a_request(second), metadata=AS_GUEST))
    request = pb.GetOrderRequest(order_id=placed.id)
    order = (await calls.booking.GetOrder(request, metadata=AS_GUEST)).order

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "PROVIDER_UNAVAILABLE",
    )
    assert 0 < (refusal.retry_after_ms or 0) <= 30_000
    assert order.expire_time.seconds == placed.expire_time.seconds + 300
    assert order.extension.extended_by.seconds == 300
    assert order.extension.reason == "PROVIDER_UNAVAILABLE"
    assert not placed.HasField("extension")


@pytest.mark.rule("OTC-12")
@pytest.mark.rule("OTC-26")
async def test_a_guest_places_pays_and_reads_tickets(calls: Calls, hold: Hold) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)

    decision = await pay(calls, placed.order)
    order = (
        await calls.booking.GetOrder(
            pb.GetOrderRequest(order_id=placed.order.id), metadata=AS_GUEST
        )
    ).order
    tickets = (
        await calls.booking.ListTickets(
            pb.ListTicketsRequest(order_id=placed.order.id), metadata=AS_GUEST
        )
    ).tickets

    assert placed.order.state == order_pb2.Order.STATE_AWAITING_PAYMENT
    assert placed.order.redirect_url.startswith("https://pay.example/")
    assert placed.order.time_left.seconds in range(590, 601)
    assert decision.decision == decision_pb.DECISION_GRANT
    assert decision.capture_now
    assert order.state == order_pb2.Order.STATE_CONFIRMED
    assert order.total.minor_units == 6_400
    assert [line.service_fee.minor_units for line in order.lines] == [200, 200]
    assert order.contact.email == "ana@example.test"
    assert order.screening.cinema_name == "Cotroceni"
    assert order.screening.rating == "AP-12"
    assert next(entry.what for entry in order.timeline) == "ORDER_PLACED"
    assert [(ticket.seat_id, ticket.number) for ticket in tickets] == [
        ("A1", f"{order.number}-01"),
        ("A2", f"{order.number}-02"),
    ]
    assert all(len(ticket.qr_payload) == 101 for ticket in tickets)


async def test_who_waits_for_the_tickets_has_them_in_the_answer_that_tells_they_are_there(
    calls: Calls, hold: Hold
) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    request = pb.GetOrderRequest(order_id=placed.order.id, with_tickets=True)

    before = await calls.booking.GetOrder(request, metadata=AS_GUEST)
    await pay(calls, placed.order)
    after = await calls.booking.GetOrder(request, metadata=AS_GUEST)

    listed = await calls.booking.ListTickets(
        pb.ListTicketsRequest(order_id=placed.order.id), metadata=AS_GUEST
    )
    request.with_tickets = False
    without = await calls.booking.GetOrder(request, metadata=AS_GUEST)
    assert before.order.state == order_pb2.Order.STATE_AWAITING_PAYMENT
    assert not before.tickets
    assert after.order.state == order_pb2.Order.STATE_CONFIRMED
    assert [ticket.seat_id for ticket in after.tickets] == ["A1", "A2"]
    assert after.tickets == listed.tickets
    assert not without.tickets


async def test_the_same_request_gets_the_same_answer_with_the_token_that_is_stored_nowhere(
    calls: Calls, hold: Hold
) -> None:
    request = a_request(hold)

    first = await calls.booking.PlaceOrder(request, metadata=AS_GUEST)
    second = await calls.booking.PlaceOrder(request, metadata=AS_GUEST)

    assert first == second
    assert first.order_token == TOKENS.token_of(UUID(first.order.id))
    stored = await calls.shop.process.database.fetchval(
        "SELECT answer FROM request WHERE method LIKE '%PlaceOrder'"
    )
    assert first.order_token.encode() not in stored


async def test_an_account_gets_no_token_and_pays_with_its_places(
    calls: Calls, screening_id: UUID
) -> None:
    card_id = calls.shop.wallet.issue(3)
    hold = await calls.shop.hold(screening_id, owner=ACCOUNT)
    tender = pb.PlaceTender(card_id=str(card_id), seat_ids=["A1"])

    placed = await calls.booking.PlaceOrder(
        a_request(hold, place_tenders=[tender]), metadata=as_account(ACCOUNT_ID)
    )

    decision = await pay(calls, placed.order)

    assert placed.order_token == ""
    assert decision.decision == decision_pb.DECISION_GRANT
    assert not decision.capture_now
    assert placed.order.money_due.minor_units == 3_200
    legs = {leg.name: leg for leg in placed.order.legs}
    assert legs["places-1"].places == 1
    assert legs["places-1"].state == order_pb2.OrderLeg.STATE_OPEN
    assert legs["payment"].amount.minor_units == 3_200
    allocations = placed.order.lines[0].allocations
    assert [(share.leg, share.part) for share in allocations] == [
        ("places-1", order_pb2.Allocation.PART_PRICE)
    ]


@pytest.mark.rule("OTC-14.5a")
@pytest.mark.parametrize(
    "contact",
    [
        order_pb2.Contact(last_name="Ionescu", email="ana@example.test"),
        order_pb2.Contact(first_name="Ana", email="ana@example.test"),
        order_pb2.Contact(first_name="Ana", last_name="Ionescu"),
        order_pb2.Contact(first_name="Ana", last_name="Ionescu", email="not an address"),
    ],
)
async def test_name_surname_and_address_are_needed(
    calls: Calls, hold: Hold, contact: order_pb2.Contact
) -> None:
    refusal = await refused(
        calls.booking.PlaceOrder(a_request(hold, contact=contact), metadata=AS_GUEST)
    )

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.reason == "INVALID_FIELD"
    assert await calls.shop.count("customer_order") == 0


@pytest.mark.rule("OTC-4")
async def test_terms_that_are_not_accepted_are_a_failed_precondition(
    calls: Calls, hold: Hold
) -> None:
    not_accepted = await refused(
        calls.booking.PlaceOrder(a_request(hold, terms_accepted=False), metadata=AS_GUEST)
    )
    outdated = await refused(
        calls.booking.PlaceOrder(a_request(hold, otc_version="2019"), metadata=AS_GUEST)
    )

    assert (not_accepted.code, not_accepted.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "TERMS_NOT_ACCEPTED",
    )
    assert outdated.reason == "TERMS_OUTDATED"
    assert outdated.metadata == {"gtc_version": "2024-01", "otc_version": "2024-02"}
    assert calls.shop.payments.attempts == {}


@pytest.mark.rule("OTC-14.3")
async def test_seats_without_tickets_cannot_be_ordered(calls: Calls, screening_id: UUID) -> None:
    wish = a_wish(screening_id, ["A1", "A2"], owner=GUEST, tickets=[])
    hold = await calls.shop.process.hold_seats(wish, a_key(GUEST))

    refusal = await refused(calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "TICKETS_NOT_CHOSEN",
    )
    assert refusal.metadata == {"hold_id": str(hold.id)}
    assert await calls.shop.count("customer_order") == 0


async def test_a_provider_that_is_down_is_unavailable_with_a_delay(
    calls: Calls, hold: Hold
) -> None:
    calls.shop.payments.trouble.before["create"] = ProviderUnavailableError(retry_after_ms=4_000)
    request = a_request(hold)

    refusal = await refused(calls.booking.PlaceOrder(request, metadata=AS_GUEST))
    placed = await calls.booking.PlaceOrder(request, metadata=AS_GUEST)

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "PROVIDER_UNAVAILABLE",
    )
    assert refusal.retry_after_ms == 4_000
    assert placed.order.state == order_pb2.Order.STATE_AWAITING_PAYMENT


async def test_somebody_elses_hold_and_order_are_not_found(calls: Calls, hold: Hold) -> None:
    stranger = as_guest()
    foreign_hold = await refused(calls.booking.PlaceOrder(a_request(hold), metadata=stranger))
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    order_id = placed.order.id

    for call, request in (
        (calls.booking.GetOrder, pb.GetOrderRequest(order_id=order_id)),
        (calls.booking.GetOrder, pb.GetOrderRequest(order_id=order_id, with_tickets=True)),
        (calls.booking.ListTickets, pb.ListTicketsRequest(order_id=order_id)),
        (
            calls.booking.AbandonOrder,
            pb.AbandonOrderRequest(order_id=order_id, request_id=str(uuid4())),
        ),
        (
            calls.booking.RetryPayment,
            pb.RetryPaymentRequest(order_id=order_id, request_id=str(uuid4())),
        ),
        (
            calls.booking.RequestRemedy,
            pb.RequestRemedyRequest(order_id=order_id, request_id=str(uuid4())),
        ),
    ):
        refusal = await refused(call(request, metadata=stranger))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")
        assert refusal.metadata == {"order_id": order_id}
    assert foreign_hold.reason == "HOLD_NOT_FOUND"


async def test_the_orders_token_opens_it_from_anywhere(calls: Calls, hold: Hold) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    with_token: Metadata = (*as_guest(), ("x-order-token", placed.order_token))
    with_wrong: Metadata = (*as_guest(), ("x-order-token", placed.order_token[::-1]))
    request = pb.GetOrderRequest(order_id=placed.order.id)

    seen = await calls.booking.GetOrder(request, metadata=with_token)
    refusal = await refused(calls.booking.GetOrder(request, metadata=with_wrong))

    assert seen.order.id == placed.order.id
    assert refusal.reason == "ORDER_NOT_FOUND"


async def test_customer_service_sees_orders_of_its_cinemas_only(calls: Calls, hold: Hold) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    request = pb.GetOrderRequest(order_id=placed.order.id)

    seen = await calls.booking.GetOrder(
        request, metadata=as_staff("customer_service", cinemas=["1818"])
    )
    elsewhere = await refused(
        calls.booking.GetOrder(request, metadata=as_staff("customer_service", cinemas=["1806"]))
    )
    usher = await refused(calls.booking.GetOrder(request, metadata=as_staff("usher")))

    assert seen.order.id == placed.order.id
    assert elsewhere.reason == "ORDER_NOT_FOUND"
    assert usher.code is grpc.StatusCode.PERMISSION_DENIED


async def test_abandoning_frees_the_order_and_retrying_says_why_not(
    calls: Calls, hold: Hold
) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    order_id = placed.order.id
    retry = pb.RetryPaymentRequest(order_id=order_id, request_id=str(uuid4()))

    still_open = await refused(calls.booking.RetryPayment(retry, metadata=AS_GUEST))
    abandoned = await calls.booking.AbandonOrder(
        pb.AbandonOrderRequest(order_id=order_id, request_id=str(uuid4())), metadata=AS_GUEST
    )
    not_payable = await refused(calls.booking.RetryPayment(retry, metadata=AS_GUEST))

    assert still_open.reason == "PAYMENT_STILL_OPEN"
    assert abandoned.order.state == order_pb2.Order.STATE_ABANDONED
    assert abandoned.order.redirect_url == ""
    assert [entry.what for entry in abandoned.order.timeline][-1] == "ORDER_ABANDONED"
    assert not_payable.reason == "ORDER_NOT_PAYABLE"
    assert not_payable.metadata == {"order_id": order_id, "state": "ABANDONED"}


async def test_tickets_come_in_pages(calls: Calls, screening_id: UUID) -> None:
    hold = await calls.shop.hold(screening_id, ["A1", "A2", "A3"], owner=GUEST)
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    await pay(calls, placed.order)
    request = pb.ListTicketsRequest(order_id=placed.order.id, page_size=2)

    first = await calls.booking.ListTickets(request, metadata=AS_GUEST)
    request.page_token = first.next_page_token
    second = await calls.booking.ListTickets(request, metadata=AS_GUEST)
    request.page_token = "made up"
    refusal = await refused(calls.booking.ListTickets(request, metadata=AS_GUEST))

    assert [ticket.seat_id for ticket in first.tickets] == ["A1", "A2"]
    assert [ticket.seat_id for ticket in second.tickets] == ["A3"]
    assert second.next_page_token == ""
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_no_remedy_is_due_for_a_screening_that_was_not_called_off(
    calls: Calls, hold: Hold
) -> None:
    placed = await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)
    await pay(calls, placed.order)

    refusal = await refused(
        calls.booking.RequestRemedy(
            pb.RequestRemedyRequest(order_id=placed.order.id, request_id=str(uuid4())),
            metadata=AS_GUEST,
        )
    )

    assert refusal.reason == "NO_REMEDY_DUE"


async def test_payment_is_told_about_several_orders_at_once_and_again_the_same(
    calls: Calls, hold: Hold
) -> None:
    order = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    asked = [
        (str(uuid4()), 1, order.money_due),
        (order.id, 1, order.money_due),
        (order.id, 2, order.money_due),
    ]
    request = decision_pb.DecideAuthorizationsRequest(
        attempts=[
            decision_pb.AuthorizedAttempt(reference_id=reference_id, attempt=number, amount=amount)
            for reference_id, number, amount in asked
        ],
        request_id=str(uuid4()),
    )

    first = await calls.decisions.DecideAuthorizations(request, metadata=as_payment())
    again = await calls.decisions.DecideAuthorizations(request, metadata=as_payment())
    guest = await refused(calls.decisions.DecideAuthorizations(request, metadata=AS_GUEST))

    assert [each.decision for each in first.decisions] == [
        decision_pb.DECISION_REFUSE,
        decision_pb.DECISION_GRANT,
        decision_pb.DECISION_REFUSE,
    ]
    assert again == first
    assert guest.code is grpc.StatusCode.PERMISSION_DENIED


async def test_decisions_are_for_payment_alone(calls: Calls) -> None:
    request = decision_pb.DecideAuthorizationRequest(
        reference_id=str(uuid4()),
        attempt=1,
        amount=Money(currency_code="RON", minor_units=100),
        request_id=str(uuid4()),
    )

    unknown = await calls.decisions.DecideAuthorization(request, metadata=as_payment())
    guest = await refused(calls.decisions.DecideAuthorization(request, metadata=AS_GUEST))
    wallets = await refused(
        calls.legs.GetLegDecision(
            leg_pb.GetLegDecisionRequest(order_id=str(uuid4()), leg="places-1", attempt=1),
            metadata=as_payment(),
        )
    )

    assert unknown.decision == decision_pb.DECISION_REFUSE
    assert unknown.refusal_reason == decision_pb.REFUSAL_REASON_UNKNOWN_REFERENCE
    assert guest.code is grpc.StatusCode.PERMISSION_DENIED
    assert wallets.code is grpc.StatusCode.PERMISSION_DENIED
