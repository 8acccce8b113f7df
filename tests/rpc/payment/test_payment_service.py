"""What a calling service sees of PaymentService, over a real channel."""

from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.payment.v1 import payment_pb2, payment_service_pb2
from cinema.type.v1 import dead_event_service_pb2, event_feed_service_pb2, money_pb2
from google.protobuf.duration_pb2 import Duration

from services.common.rpc.errors import Refusal, refusal_of
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import ProviderDownError
from tests.rpc.payment.conftest import Payments, as_service, as_staff

pb = payment_service_pb2
BOOKING = as_service("booking")
WALLET = as_service("wallet")


def ron(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="RON", minor_units=minor_units)


def create_request(payments: Payments, **changes: Any) -> pb.CreatePaymentRequest:
    fields: dict[str, Any] = {
        "reference_id": str(payments.shop.reference_id),
        "attempt": 1,
        "amount": ron(6400),
        "description": "Two tickets",
        "buyer": payment_pb2.Buyer(
            email="ana@example.com",
            first_name="Ana",
            last_name="Pop",
            language_code="ro",
            ip_address="203.0.113.7",
        ),
        "return_url": "https://cinema.example/return",
        "time_left": Duration(seconds=540),
        "request_id": str(uuid4()),
    }
    return pb.CreatePaymentRequest(**(fields | changes))


def get_request(payments: Payments) -> pb.GetPaymentRequest:
    return pb.GetPaymentRequest(reference_id=str(payments.shop.reference_id))


def capture_request(payments: Payments, attempt: int = 1) -> pb.CapturePaymentRequest:
    return pb.CapturePaymentRequest(
        reference_id=str(payments.shop.reference_id), attempt=attempt, request_id=str(uuid4())
    )


def cancel_request(payments: Payments) -> pb.CancelPaymentRequest:
    return pb.CancelPaymentRequest(
        reference_id=str(payments.shop.reference_id), request_id=str(uuid4())
    )


def spend_request(payments: Payments, minor_units: int) -> pb.SpendBudgetRequest:
    return pb.SpendBudgetRequest(
        reference_id=str(payments.shop.reference_id),
        spending_id=str(uuid4()),
        amount=ron(minor_units),
        request_id=str(uuid4()),
    )


async def refused(call: Any) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refusal_of(caught.value)


async def test_a_purchase_from_the_page_to_the_captured_money(payments: Payments) -> None:
    stub, shop = payments.stub, payments.shop

    created = (await stub.CreatePayment(create_request(payments), metadata=BOOKING)).payment
    await shop.tell(OrderStatus.AUTHORIZED)
    sent = (await stub.CapturePayment(capture_request(payments), metadata=BOOKING)).payment
    await shop.tell(OrderStatus.CAPTURED)
    got = (await stub.GetPayment(get_request(payments), metadata=BOOKING)).payment
    spent = await stub.SpendBudget(spend_request(payments, 6000), metadata=BOOKING)

    assert created.attempts[0].redirect_url.startswith("https://pay.example/")
    assert created.attempts[0].state == payment_pb2.PaymentAttempt.STATE_AWAITING_CUSTOMER
    assert sent.state == payment_pb2.Payment.STATE_CAPTURING
    assert got.state == payment_pb2.Payment.STATE_CAPTURED
    assert (got.owner, got.captured.minor_units) == ("booking", 6400)
    assert spent.remaining == ron(400)


async def test_refusals_tell_their_reason_and_numbers(payments: Payments) -> None:
    stub = payments.stub
    reference = str(payments.shop.reference_id)

    unknown = await refused(stub.GetPayment(get_request(payments), metadata=BOOKING))
    strange = await refused(
        stub.CreatePayment(
            create_request(payments, amount=money_pb2.Money(currency_code="HUF", minor_units=1)),
            metadata=BOOKING,
        )
    )
    nothing = await refused(
        stub.CreatePayment(create_request(payments, amount=ron(0)), metadata=BOOKING)
    )
    await stub.CreatePayment(create_request(payments), metadata=BOOKING)
    differs = await refused(
        stub.CreatePayment(create_request(payments, amount=ron(1)), metadata=BOOKING)
    )
    still_open = await refused(
        stub.CreatePayment(create_request(payments, attempt=2), metadata=BOOKING)
    )
    unauthorized = await refused(stub.CapturePayment(capture_request(payments), metadata=BOOKING))
    too_much = await refused(stub.SpendBudget(spend_request(payments, 1), metadata=BOOKING))
    await stub.CancelPayment(cancel_request(payments), metadata=BOOKING)
    await payments.shop.idle()
    closed = await refused(
        stub.CreatePayment(create_request(payments, attempt=2), metadata=BOOKING)
    )

    code = grpc.StatusCode
    numbered = {"reference_id": reference, "attempt": "1"}
    refusals = (
        (unknown, code.NOT_FOUND, "PAYMENT_NOT_FOUND", {"reference_id": reference}),
        (
            strange,
            code.FAILED_PRECONDITION,
            "CURRENCY_NOT_SUPPORTED",
            {"currency_code": "HUF"},
        ),
        (nothing, code.INVALID_ARGUMENT, "AMOUNT_NOT_POSITIVE", {"minor_units": "0"}),
        (differs, code.ALREADY_EXISTS, "ATTEMPT_DIFFERS", numbered),
        (still_open, code.FAILED_PRECONDITION, "ATTEMPT_STILL_OPEN", numbered),
        (unauthorized, code.FAILED_PRECONDITION, "PAYMENT_NOT_AUTHORIZED", numbered),
        (
            too_much,
            code.FAILED_PRECONDITION,
            "BUDGET_EXCEEDED",
            {"reference_id": reference, "remaining_minor_units": "0"},
        ),
        (
            closed,
            code.FAILED_PRECONDITION,
            "PAYMENT_CLOSED",
            {"reference_id": reference, "state": "CANCELLED"},
        ),
    )
    for refusal, *expected in refusals:
        assert [refusal.code, refusal.reason, refusal.metadata] == expected
        assert refusal.domain == "payment.cinema"


async def test_a_provider_that_is_down_is_unavailable_with_a_hint(payments: Payments) -> None:
    payments.shop.provider.before["open"].append(ProviderDownError("down", was_sent=False))

    refusal = await refused(payments.stub.CreatePayment(create_request(payments), metadata=BOOKING))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "PROVIDER_UNAVAILABLE",
    )
    assert refusal.retry_after_ms
    assert refusal.metadata == {"currency_code": "RON"}


async def test_services_see_their_own_payments_and_staff_see_all(payments: Payments) -> None:
    stub = payments.stub
    await stub.CreatePayment(create_request(payments), metadata=BOOKING)

    foreign = await refused(stub.GetPayment(get_request(payments), metadata=WALLET))
    seen = await stub.GetPayment(get_request(payments), metadata=as_staff("finance"))
    usher = await refused(stub.GetPayment(get_request(payments), metadata=as_staff("usher")))
    nobody = await refused(stub.GetPayment(get_request(payments)))
    wallet = await refused(stub.SpendBudget(spend_request(payments, 1), metadata=WALLET))

    assert foreign.reason == "PAYMENT_NOT_FOUND"
    assert seen.payment.reference_id == str(payments.shop.reference_id)
    assert usher.code is wallet.code is grpc.StatusCode.PERMISSION_DENIED
    assert nobody.code is grpc.StatusCode.UNAUTHENTICATED


async def test_a_cancel_of_something_unknown_answers_without_an_id(payments: Payments) -> None:
    answer = await payments.stub.CancelPayment(cancel_request(payments), metadata=BOOKING)

    assert answer.payment.id == ""
    assert answer.payment.state == payment_pb2.Payment.STATE_CANCELLED


@pytest.mark.parametrize(
    "changes",
    [
        {"reference_id": "x"},
        {"request_id": ""},
        {"attempt": 0},
        {"attempt": 21},
        {"description": "a" * 251},
        {"description": "nul \x00"},
        {"time_left": Duration(seconds=0)},
        {"return_url": "not an address"},
        {"amount": ron(-1)},
        {"amount": money_pb2.Money(currency_code="lei", minor_units=5)},
    ],
)
async def test_bad_fields_are_named_and_nothing_is_stored(
    payments: Payments, changes: dict[str, Any]
) -> None:
    refusal = await refused(
        payments.stub.CreatePayment(create_request(payments, **changes), metadata=BOOKING)
    )

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert payments.shop.provider.orders == {}


async def test_a_bug_is_internal_and_tells_the_client_nothing(payments: Payments) -> None:
    payments.shop.provider.point_of_sale = None

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)

    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "Internal error."


async def test_the_log_line_of_a_call_holds_no_person(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)

    for secret in ("ana@example.com", "Pop", "pay.example", "203.0.113.7"):
        assert secret not in payments.log.getvalue()


async def test_the_feed_and_the_dead_events_are_served(payments: Payments) -> None:
    feed = await payments.feed.ListEvents(
        event_feed_service_pb2.ListEventsRequest(), metadata=BOOKING
    )
    dead = await payments.dead_events.ListDeadEvents(
        dead_event_service_pb2.ListDeadEventsRequest(), metadata=as_staff("operator")
    )

    assert feed.last_feed_number == 0
    assert list(dead.dead_events) == []
