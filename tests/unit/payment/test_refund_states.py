"""The life of a refund: forwards only, and under a new name after each failure."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.common.money import Money
from services.payment.domain.refund import (
    LONGEST_RETRY_S,
    QUIET_ROUNDS,
    Refund,
    RefundEffect,
    RefundReason,
    RefundReport,
    RefundState,
    RefundStatus,
    refund_id_of,
)
from tests.unit.payment.builders import NOW, REFERENCE

REFUND_ID = UUID("018f0000-0000-7000-8000-0000000000cc")
REPORT = RefundReport(
    pos_id="300746",
    provider_order_id="ORDER-1",
    provider_reference=str(REFUND_ID),
    provider_refund_id="R-1",
    status=RefundStatus.PENDING,
    amount=Money("RON", 6000),
    proved=True,
)


def a_refund(**changes: Any) -> Refund:
    refund = Refund(
        id=REFUND_ID,
        payment_id=UUID(int=7),
        owner="booking",
        reference_id=REFERENCE,
        pos_id="300746",
        provider_order_id="ORDER-1",
        amount=Money("RON", 6000),
        reason=RefundReason.CANCELLATION,
        create_time=NOW,
        next_step_at=NOW,
    )
    return replace(refund, **changes)


def test_an_accepted_refund_is_sent_and_then_completed() -> None:
    refund = a_refund()

    assert refund.apply(REPORT, NOW) is RefundEffect.NOTED
    assert refund.state is RefundState.SENT
    assert refund.apply(replace(REPORT, status=RefundStatus.COMPLETED), NOW) is (
        RefundEffect.COMPLETED
    )
    assert (refund.complete_time, refund.next_step_at) == (NOW, None)


def test_a_failed_refund_goes_on_under_a_new_name() -> None:
    refund = a_refund(state=RefundState.SENT)
    failed = replace(REPORT, status=RefundStatus.CANCELLED, failure_code="BANK_DECLINED")

    assert refund.apply(failed, NOW) is RefundEffect.FAILED

    assert refund.state is RefundState.REQUESTED
    assert refund.provider_reference == f"{REFUND_ID}.2"
    assert refund.failure_code == "BANK_DECLINED"
    assert refund.next_step_at == NOW + timedelta(minutes=1)
    assert refund_id_of(refund.provider_reference) == REFUND_ID


def test_a_failure_must_be_proved_before_it_is_paid_again() -> None:
    refund = a_refund(state=RefundState.SENT)
    failed = replace(REPORT, status=RefundStatus.CANCELLED, proved=False)

    assert refund.apply(failed, NOW) is RefundEffect.TO_BE_PROVED

    assert (refund.state, refund.round) == (RefundState.SENT, 1)


@pytest.mark.parametrize("status", RefundStatus)
def test_a_completed_refund_stays_so(status: RefundStatus) -> None:
    refund = a_refund(state=RefundState.COMPLETED, complete_time=NOW, next_step_at=None)

    assert refund.apply(replace(REPORT, status=status), NOW) is RefundEffect.REPEATED

    assert refund.state is RefundState.COMPLETED


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money("RON", 5999)},
        {"provider_order_id": "ORDER-2"},
        {"pos_id": "300747"},
        {"provider_reference": f"{REFUND_ID}.2"},
    ],
)
def test_a_report_about_something_else_is_ignored(changes: dict[str, Any]) -> None:
    refund = a_refund(state=RefundState.SENT)
    report = replace(REPORT, status=RefundStatus.COMPLETED, **changes)

    assert refund.apply(report, NOW) is RefundEffect.IGNORED


def test_a_report_of_an_earlier_round_is_ignored() -> None:
    refund = a_refund(round=2)

    assert refund.apply(replace(REPORT, status=RefundStatus.COMPLETED), NOW) is (
        RefundEffect.IGNORED
    )


def test_a_report_without_our_name_counts_by_the_providers_own() -> None:
    refund = a_refund(state=RefundState.SENT, provider_refund_id="R-1")
    report = replace(REPORT, provider_reference="", status=RefundStatus.COMPLETED)

    assert refund.apply(replace(report, provider_refund_id="R-2"), NOW) is RefundEffect.IGNORED
    assert refund.apply(report, NOW) is RefundEffect.COMPLETED


def test_failures_are_repeated_for_ever_and_told_after_a_few() -> None:
    refund = a_refund(state=RefundState.SENT)
    waits = []

    for _ in range(12):
        refund.state = RefundState.SENT
        name = refund.provider_reference
        failed = replace(REPORT, status=RefundStatus.CANCELLED, provider_reference=name)
        refund.apply(failed, NOW)
        assert refund.next_step_at is not None
        waits.append((refund.next_step_at - NOW).total_seconds())

    assert waits[:3] == [60.0, 120.0, 240.0]
    assert waits[-1] == LONGEST_RETRY_S
    assert not a_refund(round=QUIET_ROUNDS).is_failing
    assert refund.is_failing
