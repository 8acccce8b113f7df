"""Journal entries balance; the budget is never passed; a capture is sent once."""

from collections import Counter
from uuid import uuid4

import pytest

from services.common.errors import InvalidRequestError
from services.common.money import Money
from services.payment.domain.budget import refund, spend
from services.payment.domain.errors import (
    AmountNotPositiveError,
    BudgetExceededError,
    PaymentClosedError,
    PaymentNotAuthorizedError,
)
from services.payment.domain.journal import (
    Account,
    Entry,
    EntryKind,
    Posting,
    UnbalancedEntryError,
    capture_entry,
)
from services.payment.domain.lines import LineKind, PaymentLine, check_lines, given_back
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundReason
from services.payment.domain.states import AttemptState, Decision, PaymentState
from tests.unit.payment.builders import NOW, PRICE, a_payment, an_attempt


def test_an_entry_that_does_not_sum_to_zero_is_a_bug() -> None:
    lonely = (Posting(Account.TICKET_SALES, PRICE),)
    mixed = (
        Posting(Account.PROVIDER_CLEARING, Money("RON", 5)),
        Posting(Account.TICKET_SALES, Money("EUR", -5)),
    )

    for postings in ((), lonely, mixed):
        with pytest.raises(UnbalancedEntryError):
            Entry(EntryKind.CAPTURE, "x", postings)


def test_a_capture_debits_the_provider_and_credits_what_was_sold() -> None:
    entry = capture_entry("x-1", PRICE, [(LineKind.TICKETS, 6000), (LineKind.SERVICE_FEES, 400)])

    assert [(each.account, each.amount) for each in entry.postings] == [
        (Account.PROVIDER_CLEARING, PRICE),
        (Account.TICKET_SALES, Money("RON", -6000)),
        (Account.SERVICE_FEES, Money("RON", -400)),
    ]


@pytest.mark.rule("OTC-44")
def test_fees_refunds_and_vouchers_share_one_budget() -> None:
    payment = a_payment(
        an_attempt(AttemptState.CAPTURED), captured=6400, kept_fees=400, refunded=3000
    )

    with pytest.raises(BudgetExceededError) as caught:
        spend(payment, uuid4(), Money("RON", 3001))
    left = spend(payment, uuid4(), Money("RON", 3000))

    assert caught.value.metadata["remaining_minor_units"] == "3000"
    assert left == Money("RON", 0)


def test_nothing_and_another_currency_cannot_be_spent() -> None:
    payment = a_payment(an_attempt(AttemptState.CAPTURED), captured=6400)

    with pytest.raises(AmountNotPositiveError):
        spend(payment, uuid4(), Money("RON", 0))
    with pytest.raises(InvalidRequestError):
        spend(payment, uuid4(), Money("EUR", 1))


def test_a_capture_is_sent_once() -> None:
    payment = a_payment(an_attempt(AttemptState.AUTHORIZED, decision=Decision.GRANT))

    assert payment.send_capture(1, NOW)
    assert not payment.send_capture(1, NOW)
    assert payment.state is PaymentState.CAPTURING


@pytest.mark.parametrize(
    "state", sorted(set(AttemptState) - {AttemptState.CAPTURE_SENT, AttemptState.CAPTURED})
)
def test_a_capture_needs_an_authorisation_and_a_grant(state: AttemptState) -> None:
    payment = a_payment(an_attempt(state, decision=None))

    with pytest.raises(PaymentNotAuthorizedError):
        payment.send_capture(1, NOW)


@pytest.mark.parametrize("state", [AttemptState.CAPTURE_SENT, AttemptState.CAPTURED])
def test_what_is_taken_or_being_taken_cannot_be_cancelled(state: AttemptState) -> None:
    payment = a_payment(an_attempt(state))

    with pytest.raises(PaymentClosedError):
        payment.cancel(NOW)


def test_the_first_decision_stays() -> None:
    payment = a_payment(an_attempt(AttemptState.AUTHORIZED))

    payment.decide(1, Decision.GRANT, None, NOW)
    payment.decide(1, Decision.REFUSE, "ABANDONED", NOW)

    assert payment.attempts[1].decision is Decision.GRANT
    assert payment.attempts[1].state is AttemptState.AUTHORIZED


LINES = (
    PaymentLine(LineKind.SERVICE_FEES, 400),
    PaymentLine(LineKind.TICKETS, 5000),
    PaymentLine(LineKind.SUPPLEMENTS, 1000),
)


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-32b")
def test_what_goes_back_is_the_tickets_then_the_supplements_and_the_fee_last() -> None:
    first = list(given_back(LINES, 0, 5500))
    second = list(given_back(LINES, 5500, 900))

    assert first == [(LineKind.TICKETS, 5000), (LineKind.SUPPLEMENTS, 500)]
    assert second == [(LineKind.SUPPLEMENTS, 500), (LineKind.SERVICE_FEES, 400)]


def test_a_refund_is_owed_from_the_lines_it_comes_from() -> None:
    payment = a_payment(an_attempt(AttemptState.CAPTURED), captured=6400, lines=LINES)

    made = refund(payment, uuid4(), Money("RON", 5500), RefundReason.CANCELLATION, NOW)

    assert (made.provider_order_id, payment.refunded) == ("ORDER-1", 5500)
    assert [(each.account, each.amount.minor_units) for each in payment.entries[0].postings] == [
        (Account.REFUNDS_PAYABLE, -5500),
        (Account.TICKET_SALES, 5000),
        (Account.SUPPLEMENT_SALES, 500),
    ]


@pytest.mark.rule("OTC-44")
def test_a_refund_and_a_voucher_cannot_both_have_the_same_money() -> None:
    payment = a_payment(an_attempt(AttemptState.CAPTURED), captured=6400)
    spend(payment, uuid4(), Money("RON", 6000))

    with pytest.raises(BudgetExceededError):
        refund(payment, uuid4(), Money("RON", 401), RefundReason.REMEDY, NOW)


@pytest.mark.parametrize(
    "lines",
    [
        [(LineKind.TICKETS, Money("RON", 6000))],
        [(LineKind.TICKETS, Money("RON", 6400)), (LineKind.GOODS, Money("RON", 0))],
        [(LineKind.TICKETS, Money("EUR", 6400))],
        [(LineKind.TICKETS, Money("RON", 3200)), (LineKind.TICKETS, Money("RON", 3200))],
    ],
)
def test_lines_that_do_not_make_the_amount_are_refused(
    lines: list[tuple[LineKind, Money]],
) -> None:
    with pytest.raises(InvalidRequestError):
        check_lines(lines, PRICE)


def captured_with_fee() -> Payment:
    attempt = an_attempt(AttemptState.CAPTURE_SENT)
    payment = a_payment(attempt, lines=LINES)
    payment.capture(attempt, NOW)
    return payment


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-44")
def test_once_the_money_of_tickets_is_taken_no_refund_and_no_voucher_takes_the_fee() -> None:
    payment = captured_with_fee()

    with pytest.raises(BudgetExceededError):
        refund(payment, uuid4(), Money("RON", 6001), RefundReason.REMEDY, NOW)
    with pytest.raises(BudgetExceededError):
        spend(payment, uuid4(), Money("RON", 6001))
    refund(payment, uuid4(), Money("RON", 6000), RefundReason.CANCELLATION, NOW)

    assert (payment.kept_fees, payment.remaining) == (400, Money("RON", 0))


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-44")
@pytest.mark.parametrize("fee_first", [True, False])
def test_an_override_gives_the_fee_back_and_nothing_else(fee_first: bool) -> None:  # noqa: FBT001
    payment = captured_with_fee()
    parts = [(400, RefundReason.FEE_OVERRIDE), (5500, RefundReason.CANCELLATION)]

    for amount, reason in parts if fee_first else parts[::-1]:
        refund(payment, uuid4(), Money("RON", amount), reason, NOW)
    with pytest.raises(BudgetExceededError):
        refund(payment, uuid4(), Money("RON", 1), RefundReason.FEE_OVERRIDE, NOW)

    sold: Counter[Account] = Counter()
    for entry in payment.entries[1:]:
        for posting in entry.postings:
            sold[posting.account] += posting.amount.minor_units
    assert (payment.kept_fees, payment.remaining) == (0, Money("RON", 500))
    assert sold == {
        Account.REFUNDS_PAYABLE: -5900,
        Account.TICKET_SALES: 5000,
        Account.SUPPLEMENT_SALES: 500,
        Account.SERVICE_FEES: 400,
    }


@pytest.mark.rule("OTC-11")
def test_of_money_that_came_too_late_for_tickets_no_fee_is_kept() -> None:
    payment = captured_with_fee()

    refund(payment, uuid4(), PRICE, RefundReason.LATE_PAYMENT, NOW)

    assert payment.refunded == PRICE.minor_units
