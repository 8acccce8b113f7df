"""What a calling service and staff see of refunds and of many payments, over a real channel."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.payment.v1 import payment_pb2, payment_service_pb2, refund_pb2

from services.common.rpc.errors import refusal_of
from services.payment.domain.refund import RefundStatus
from services.payment.domain.states import OrderStatus
from tests.rpc.payment.conftest import Payments, as_service, as_staff
from tests.rpc.payment.test_payment_service import create_request, refused, ron

pb = payment_service_pb2
BOOKING = as_service("booking")
WALLET = as_service("wallet")
FINANCE = as_staff("finance")
LINE = payment_pb2.PaymentLine


def refund_request(payments: Payments, **changes: Any) -> pb.RefundPaymentRequest:
    fields: dict[str, Any] = {
        "reference_id": str(payments.shop.reference_id),
        "refund_id": str(uuid4()),
        "amount": ron(6000),
        "reason": refund_pb2.REFUND_REASON_CANCELLATION,
        "request_id": str(uuid4()),
    }
    return pb.RefundPaymentRequest(**(fields | changes))


async def captured(payments: Payments, **changes: Any) -> None:
    await payments.stub.CreatePayment(create_request(payments, **changes), metadata=BOOKING)
    await payments.shop.tell(OrderStatus.AUTHORIZED)
    await payments.shop.capture()
    await payments.shop.tell(OrderStatus.CAPTURED)


async def read(payments: Payments, metadata: Any = BOOKING) -> payment_pb2.Payment:
    request = pb.GetPaymentRequest(reference_id=str(payments.shop.reference_id))
    payment: payment_pb2.Payment = (
        await payments.stub.GetPayment(request, metadata=metadata)
    ).payment
    return payment


@pytest.mark.rule("OTC-32b")
async def test_a_refund_is_asked_for_and_read_until_it_is_completed(payments: Payments) -> None:
    await captured(payments)
    request = refund_request(payments)

    asked = (await payments.stub.RefundPayment(request, metadata=BOOKING)).refund
    await payments.shop.idle()
    known = await payments.shop.order()
    payments.shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    await payments.shop.step()

    get = pb.GetRefundRequest(refund_id=request.refund_id)
    refund = (await payments.stub.GetRefund(get, metadata=FINANCE)).refund
    assert asked.state == refund_pb2.Refund.STATE_REQUESTED
    assert refund.state == refund_pb2.Refund.STATE_COMPLETED
    assert (refund.provider_order_id, refund.provider_reference) == (known.order_id, refund.id)
    payment = await read(payments)
    assert [each.id for each in payment.refunds] == [request.refund_id]
    assert (payment.refunded.minor_units, payment.remaining.minor_units) == (6000, 400)


def test_a_refund_names_no_destination_of_its_own() -> None:
    fields = pb.RefundPaymentRequest.DESCRIPTOR.fields_by_name

    assert set(fields) == {"reference_id", "refund_id", "amount", "reason", "request_id"}


async def test_a_refund_is_refused_beyond_the_budget_and_when_it_differs(
    payments: Payments,
) -> None:
    await captured(payments)
    request = refund_request(payments)
    await payments.stub.RefundPayment(request, metadata=BOOKING)

    more = await refused(payments.stub.RefundPayment(refund_request(payments), metadata=BOOKING))
    request.amount.minor_units = 1
    other = await refused(payments.stub.RefundPayment(request, metadata=BOOKING))
    foreign = await refused(payments.stub.RefundPayment(refund_request(payments), metadata=WALLET))

    assert (more.reason, more.metadata["remaining_minor_units"]) == ("BUDGET_EXCEEDED", "400")
    assert (other.reason, other.metadata["refund_id"]) == ("REFUND_DIFFERS", request.refund_id)
    assert foreign.reason == "PAYMENT_NOT_FOUND"


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-44")
async def test_the_fee_goes_back_only_when_staff_overrode_that_it_stays(payments: Payments) -> None:
    lines = [
        LINE(kind=LINE.KIND_TICKETS, amount=ron(6000)),
        LINE(kind=LINE.KIND_SERVICE_FEES, amount=ron(400)),
    ]
    await captured(payments, lines=lines)
    override = refund_pb2.REFUND_REASON_FEE_OVERRIDE
    fee = refund_request(payments, amount=ron(400), reason=override)

    whole = refund_request(payments, amount=ron(6400))
    refusal = await refused(payments.stub.RefundPayment(whole, metadata=BOOKING))
    await payments.stub.RefundPayment(refund_request(payments), metadata=BOOKING)
    for _ in range(2):
        await payments.stub.RefundPayment(fee, metadata=BOOKING)
    twice = refund_request(payments, amount=ron(400), reason=override)
    again = await refused(payments.stub.RefundPayment(twice, metadata=BOOKING))

    assert (refusal.reason, refusal.metadata["remaining_minor_units"]) == (
        "BUDGET_EXCEEDED",
        "6000",
    )
    assert (again.reason, again.metadata["remaining_minor_units"]) == ("BUDGET_EXCEEDED", "0")
    payment = await read(payments)
    assert (payment.refunded.minor_units, payment.remaining.minor_units) == (6400, 0)
    assert await payments.shop.violations() == []


async def test_a_foreign_or_unknown_refund_is_not_found(payments: Payments) -> None:
    await captured(payments)
    request = refund_request(payments)
    await payments.stub.RefundPayment(request, metadata=BOOKING)

    for refund_id, caller in ((request.refund_id, WALLET), (str(uuid4()), BOOKING)):
        get = pb.GetRefundRequest(refund_id=refund_id)
        answer = await refused(payments.stub.GetRefund(get, metadata=caller))
        assert (answer.reason, answer.metadata["refund_id"]) == ("REFUND_NOT_FOUND", refund_id)


async def test_a_reason_of_payments_own_is_refused(payments: Payments) -> None:
    request = refund_request(payments, reason=refund_pb2.REFUND_REASON_EXCEPTION)

    answer = await refused(payments.stub.RefundPayment(request, metadata=BOOKING))

    assert answer.reason == "INVALID_FIELD"


async def test_what_a_payment_is_made_of_is_kept_and_checked(payments: Payments) -> None:
    lines = [
        LINE(kind=LINE.KIND_TICKETS, amount=ron(6000)),
        LINE(kind=LINE.KIND_SERVICE_FEES, amount=ron(400)),
    ]

    wrong = await refused(
        payments.stub.CreatePayment(create_request(payments, lines=lines[:1]), metadata=BOOKING)
    )
    await payments.stub.CreatePayment(create_request(payments, lines=lines), metadata=BOOKING)

    assert wrong.reason == "INVALID_FIELD"
    kept = (await read(payments)).lines
    assert [(line.kind, line.amount.minor_units) for line in kept] == [
        (LINE.KIND_TICKETS, 6000),
        (LINE.KIND_SERVICE_FEES, 400),
    ]


async def test_payments_are_listed_newest_first_by_page_and_by_state(payments: Payments) -> None:
    created = []
    for _ in range(3):
        payments.shop.reference_id = uuid4()
        created.append(str(payments.shop.reference_id))
        await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    request = pb.ListPaymentsRequest(page_size=2, state=payment_pb2.Payment.STATE_OPEN)

    first = await payments.stub.ListPayments(request, metadata=FINANCE)
    request.page_token = first.next_page_token
    second = await payments.stub.ListPayments(request, metadata=FINANCE)
    foreign = await payments.stub.ListPayments(pb.ListPaymentsRequest(), metadata=WALLET)

    listed = [each.reference_id for each in [*first.payments, *second.payments]]
    assert listed[:3] == created[::-1]
    assert not {each.reference_id for each in foreign.payments} & set(created)
    request.state = payment_pb2.Payment.STATE_CAPTURED
    wrong = await refused(payments.stub.ListPayments(request, metadata=FINANCE))
    assert wrong.reason == "INVALID_PAGE_TOKEN"


async def test_a_watcher_sees_the_payment_change(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    request = pb.WatchPaymentRequest(reference_id=str(payments.shop.reference_id))
    stream = payments.stub.WatchPayment(request, metadata=BOOKING, timeout=30)
    answers: AsyncIterator[pb.WatchPaymentResponse] = aiter(stream)

    first = (await anext(answers)).payment
    await payments.shop.tell(OrderStatus.AUTHORIZED)
    second = (await anext(answers)).payment
    stream.cancel()

    assert first.state == payment_pb2.Payment.STATE_OPEN
    assert second.state == payment_pb2.Payment.STATE_AUTHORIZED
    assert second.version > first.version


async def test_a_payment_that_is_not_theirs_cannot_be_watched(payments: Payments) -> None:
    request = pb.WatchPaymentRequest(reference_id=str(uuid4()))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in payments.stub.WatchPayment(request, metadata=BOOKING, timeout=30):
            pass

    assert refusal_of(caught.value).reason == "PAYMENT_NOT_FOUND"
