"""What payment keeps about buyers: told whole, and gone when it is erased; the books stay."""

import json
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.payment.v1 import refund_pb2
from cinema.payment.v1 import subject_service_pb2 as pb

from services.payment.domain.refund import RefundStatus
from services.payment.domain.states import OrderStatus
from tests.rpc.payment.conftest import Payments, as_service, as_staff
from tests.rpc.payment.test_payment_service import create_request, refused, ron
from tests.rpc.payment.test_refunds_and_lists import captured, refund_request

BOOKING = as_service("booking")


async def export(payments: Payments, *reference_ids: Any) -> list[tuple[str, Any]]:
    request = pb.ExportSubjectRequest(
        reference_ids=[str(each) for each in reference_ids], request_id=str(uuid4())
    )
    answer = await payments.subjects.ExportSubject(request, metadata=BOOKING)
    assert answer.next_page_token == ""
    return [(record.kind, json.loads(record.json)) for record in answer.records]


async def erase(payments: Payments, *, dry_run: bool = False) -> int:
    request = pb.EraseSubjectRequest(
        reference_ids=[str(payments.shop.reference_id), str(uuid4())],
        dry_run=dry_run,
        request_id=str(uuid4()),
    )
    answer = await payments.subjects.EraseSubject(request, metadata=BOOKING)
    return int(answer.payments)


async def pages(payments: Payments) -> list[str | None]:
    rows = await payments.shop.database.fetch(
        "SELECT redirect_url FROM payment_attempt WHERE reference_id = $1",
        payments.shop.reference_id,
    )
    return [row["redirect_url"] for row in rows]


@pytest.mark.rule("OTC-48.8")
async def test_the_export_tells_a_payment_with_its_story(payments: Payments) -> None:
    await captured(payments)
    await payments.stub.RefundPayment(refund_request(payments), metadata=BOOKING)

    records = await export(payments, payments.shop.reference_id, uuid4())

    assert [kind for kind, _ in records] == [
        "payment",
        "payment_attempt",
        "refund",
        "journal_entry",
        "journal_entry",
    ]
    [payment] = [value for kind, value in records if kind == "payment"]
    assert (payment["captured"], payment["refunded"], payment["currency"]) == (6400, 6000, "RON")
    assert await export(payments, uuid4()) == []


@pytest.mark.rule("OTC-48.8")
async def test_an_erasure_removes_the_buyers_traces_and_keeps_the_books(
    payments: Payments,
) -> None:
    await captured(payments)
    before = await export(payments, payments.shop.reference_id)
    looked = await erase(payments, dry_run=True)
    kept = await pages(payments)

    first, again = await erase(payments), await erase(payments)

    after = await export(payments, payments.shop.reference_id)
    assert (looked, first, again) == (1, 1, 1)
    assert None not in kept
    assert await pages(payments) == [None]
    assert [kind for kind, _ in after] == [kind for kind, _ in before]
    assert [value for kind, value in after if kind == "journal_entry"] == [
        value for kind, value in before if kind == "journal_entry"
    ]
    audited = await payments.shop.database.fetchval(
        "SELECT count(*) FROM audit WHERE action = 'EraseSubject' AND actor = 'booking'"
    )
    assert audited == 2


@pytest.mark.rule("OTC-48.8")
async def test_nothing_is_erased_while_money_is_under_way(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    open_page = await refused(erase(payments))
    await payments.shop.tell(OrderStatus.AUTHORIZED)
    await payments.shop.capture()
    await payments.shop.tell(OrderStatus.CAPTURED)
    await payments.stub.RefundPayment(
        refund_request(payments, amount=ron(100), reason=refund_pb2.REFUND_REASON_REMEDY),
        metadata=BOOKING,
    )

    refunding = await refused(erase(payments, dry_run=True))
    await payments.shop.idle()
    known = await payments.shop.order()
    payments.shop.provider.settle_refunds(known.order_id, RefundStatus.COMPLETED)
    await payments.shop.step()

    assert (open_page.reason, open_page.metadata) == ("ERASURE_BLOCKED", {"blocked_by": "PAYMENT"})
    assert refunding.metadata == {"blocked_by": "REFUND"}
    assert await erase(payments) == 1


async def test_only_booking_asks_about_buyers(payments: Payments) -> None:
    request = pb.ExportSubjectRequest(reference_ids=[str(uuid4())], request_id=str(uuid4()))

    for caller in (as_service("wallet"), as_staff("privacy_officer")):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await payments.subjects.ExportSubject(request, metadata=caller)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
