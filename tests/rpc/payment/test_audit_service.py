"""What finance sees of the books and of what contradicts them, over a real channel."""

from typing import Any
from uuid import uuid4

import pytest
from cinema.payment.v1 import audit_pb2, events_pb2, payment_pb2
from cinema.payment.v1 import audit_service_pb2 as pb

from services.common.money import Money
from services.payment.domain.budget import Purpose
from services.payment.domain.refund import RefundReason, RefundStatus
from services.payment.domain.states import Decision, OrderStatus
from services.payment.use_cases.ports import ProviderRefusedError, Verdict
from services.payment.use_cases.spend_budget import SpendBudget
from tests.rpc.payment.conftest import Payments, as_service, as_staff
from tests.rpc.payment.test_payment_service import create_request, refused, ron

BOOKING = as_service("booking")
FINANCE = as_staff("finance")
CAUSE = events_pb2.PaymentQuarantined
LINE = payment_pb2.PaymentLine


async def captured(payments: Payments) -> None:
    lines = [
        LINE(kind=LINE.KIND_TICKETS, amount=ron(5000)),
        LINE(kind=LINE.KIND_SUPPLEMENTS, amount=ron(1000)),
        LINE(kind=LINE.KIND_SERVICE_FEES, amount=ron(400)),
    ]
    await payments.stub.CreatePayment(create_request(payments, lines=lines), metadata=BOOKING)
    await payments.shop.tell(OrderStatus.AUTHORIZED)
    await payments.shop.capture()
    await payments.shop.tell(OrderStatus.CAPTURED)


async def settled(payments: Payments) -> dict[str, int]:
    """The parts of this payment's settlement that are not zero."""
    request = pb.GetSettlementRequest(reference_id=str(payments.shop.reference_id))
    answer = await payments.audit.GetSettlement(request, metadata=FINANCE)
    (found,) = answer.settlements
    parts = {field.name: value for field, value in found.ListFields() if field.message_type}
    return {name: value.minor_units for name, value in parts.items() if value.minor_units}


async def exceptions(payments: Payments) -> list[audit_pb2.PaymentException]:
    request = pb.ListExceptionsRequest(page_size=100, with_resolved=True)
    answer = await payments.audit.ListExceptions(request, metadata=FINANCE)
    mine = str(payments.shop.reference_id)
    return [each for each in answer.exceptions if each.reference_id == mine]


def resolve(case: audit_pb2.PaymentException, repair: Any) -> pb.ResolveExceptionRequest:
    return pb.ResolveExceptionRequest(
        exception_id=case.id, repair=repair, reason="Looked into it.", request_id=str(uuid4())
    )


async def audit_rows(payments: Payments, case_id: str) -> list[str]:
    rows = await payments.shop.database.fetch(
        "SELECT action FROM audit WHERE subject = $1", f"exception/{case_id}"
    )
    return [row["action"] for row in rows]


@pytest.mark.rule("OTC-33a")
@pytest.mark.rule("OTC-44")
@pytest.mark.rule("OTC-34a")
async def test_every_captured_unit_is_something(payments: Payments) -> None:
    await captured(payments)
    shop = payments.shop
    before = await settled(payments)

    spend = SpendBudget(shop.cases.refund_payment.transactions)
    await spend("booking", shop.reference_id, uuid4(), Money("RON", 1500))
    await shop.cases.refund_payment(
        "booking", shop.reference_id, uuid4(), Money("RON", 4000), RefundReason.REMEDY
    )
    pending = await settled(payments)
    await shop.idle()
    shop.provider.settle_refunds((await shop.order()).order_id, RefundStatus.COMPLETED)
    await shop.step()

    assert before == {"captured": 6400, "tickets": 5000, "supplements": 1000, "service_fees": 400}
    assert pending == {
        "captured": 6400,
        "vouchers": 1500,
        "refunds_pending": 4000,
        "supplements": 500,
        "service_fees": 400,
    }
    assert (await settled(payments))["refunded"] == 4000


@pytest.mark.rule("OTC-33c")
async def test_a_remedy_that_nobody_asked_for_is_shown_as_lapsed(payments: Payments) -> None:
    await captured(payments)
    spend = SpendBudget(payments.shop.cases.refund_payment.transactions)

    await spend(
        "booking",
        payments.shop.reference_id,
        uuid4(),
        Money("RON", 6000),
        Purpose.LAPSED_REMEDY,
    )

    assert await settled(payments) == {
        "captured": 6400,
        "lapsed_remedies": 6000,
        "service_fees": 400,
    }


async def test_the_whole_settlement_explains_everything(payments: Payments) -> None:
    await captured(payments)

    answer = await payments.audit.GetSettlement(pb.GetSettlementRequest(), metadata=FINANCE)

    assert [each.unexplained.minor_units for each in answer.settlements] == [0] * len(
        answer.settlements
    )
    assert answer.settlements[0].captured.minor_units >= 6400


async def test_an_unknown_purchase_has_no_settlement(payments: Payments) -> None:
    request = pb.GetSettlementRequest(reference_id=str(uuid4()))

    answer = await refused(payments.audit.GetSettlement(request, metadata=FINANCE))

    assert answer.reason == "PAYMENT_NOT_FOUND"


@pytest.mark.parametrize("caller", [as_staff("customer_service"), BOOKING])
async def test_the_books_are_for_finance_only(payments: Payments, caller: Any) -> None:
    for call, request in (
        (payments.audit.GetSettlement, pb.GetSettlementRequest()),
        (payments.audit.ListJournal, pb.ListJournalRequest()),
        (payments.audit.ListExceptions, pb.ListExceptionsRequest()),
    ):
        assert (await refused(call(request, metadata=caller))).reason == "PERMISSION_DENIED"


async def test_money_that_nobody_granted_is_listed_with_its_repair(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    await payments.shop.tell(OrderStatus.CAPTURED)

    (case,) = await exceptions(payments)
    taken = await settled(payments)
    await payments.shop.step()
    payments.shop.provider.settle_refunds(case.provider_order_id, RefundStatus.COMPLETED)
    await payments.shop.step()
    (ended,) = await exceptions(payments)

    assert case.cause == CAUSE.CAUSE_CAPTURED_WITHOUT_GRANT
    assert case.reported == ron(6400)
    assert case.repairs[0] == audit_pb2.REPAIR_UNDER_WAY
    assert taken == {"captured": 6400, "refunds_pending": 6400}
    assert (ended.resolved_by, list(ended.repairs)) == ("payment", [])
    assert await settled(payments) == {"captured": 6400, "refunded": 6400}


async def test_a_refund_made_by_hand_is_booked_as_paid(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    payments.shop.provider.before["refund"] = [ProviderRefusedError("AMOUNT_TO_BIG")] * 9
    await payments.shop.tell(OrderStatus.CAPTURED)
    await payments.shop.step()
    (case,) = await exceptions(payments)
    request = resolve(case, audit_pb2.REPAIR_PAID_BY_HAND)

    await payments.audit.ResolveException(request, metadata=FINANCE)
    again = await payments.audit.ResolveException(request, metadata=FINANCE)

    assert again.exception.resolve_reason
    assert await settled(payments) == {"captured": 6400, "refunded": 6400}
    assert await audit_rows(payments, case.id) == ["ResolveException PAID_BY_HAND"]
    assert await payments.shop.violations() == []


async def test_a_lost_capture_is_shown_until_a_person_dismisses_it(payments: Payments) -> None:
    payments.shop.owners.verdict = Verdict(Decision.GRANT, None)
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    await payments.shop.tell(OrderStatus.AUTHORIZED)
    await payments.shop.tell(OrderStatus.CANCELLED)
    await payments.shop.step()
    (case,) = await exceptions(payments)

    not_offered = await refused(
        payments.audit.ResolveException(
            resolve(case, audit_pb2.REPAIR_PAID_BY_HAND), metadata=FINANCE
        )
    )
    ended = await payments.audit.ResolveException(
        resolve(case, audit_pb2.REPAIR_DISMISS), metadata=FINANCE
    )

    assert case.cause == CAUSE.CAUSE_CAPTURE_LOST
    assert case.advice.startswith("Nothing was taken. The purchase ends by itself")
    assert not_offered.reason == "REPAIR_NOT_OFFERED"
    assert (ended.exception.resolved_by, ended.exception.resolve_reason) == (
        "staff-1",
        "Looked into it.",
    )


async def test_a_failing_refund_can_be_tried_at_once(payments: Payments) -> None:
    await payments.stub.CreatePayment(create_request(payments), metadata=BOOKING)
    payments.shop.provider.before["refund"] = [ProviderRefusedError("NO_BALANCE")]
    await payments.shop.tell(OrderStatus.CAPTURED)
    await payments.shop.step()
    (case,) = await exceptions(payments)

    await payments.audit.ResolveException(resolve(case, audit_pb2.REPAIR_TRY_NOW), metadata=FINANCE)

    due = await payments.shop.database.fetchval(
        "SELECT next_step_at <= app_clock() FROM refund WHERE id::text = $1", case.id
    )
    assert due


async def test_the_journal_is_listed_by_page_and_by_purchase(payments: Payments) -> None:
    await captured(payments)
    request = pb.ListJournalRequest(reference_id=str(payments.shop.reference_id))

    answer = await payments.audit.ListJournal(request, metadata=FINANCE)
    page = await payments.audit.ListJournal(pb.ListJournalRequest(page_size=1), metadata=FINANCE)

    (entry,) = answer.entries
    assert (entry.kind, entry.reference_id) == ("CAPTURE", request.reference_id)
    assert {each.account: each.amount.minor_units for each in entry.postings} == {
        "provider_clearing": 6400,
        "ticket_sales": -5000,
        "supplement_sales": -1000,
        "service_fees": -400,
    }
    assert len(page.entries) == 1


async def test_an_unknown_exception_is_not_found(payments: Payments) -> None:
    request = resolve(audit_pb2.PaymentException(id=str(uuid4())), audit_pb2.REPAIR_DISMISS)

    answer = await refused(payments.audit.ResolveException(request, metadata=FINANCE))

    assert answer.reason == "EXCEPTION_NOT_FOUND"
