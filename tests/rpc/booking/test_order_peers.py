"""What orders understand of payment's and the wallet's answers, over a real channel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.payment.v1 import payment_pb2, refund_pb2
from cinema.payment.v1 import payment_service_pb2 as payment_service
from cinema.payment.v1.payment_service_pb2_grpc import (
    PaymentServiceServicer,
    add_PaymentServiceServicer_to_server,
)
from cinema.type.v1.money_pb2 import Money as MoneyMessage
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import tender_service_pb2 as tender_service
from cinema.wallet.v1.tender_service_pb2_grpc import (
    TenderServiceServicer,
    add_TenderServiceServicer_to_server,
)

from services.booking.adapters.payment_client import PaymentClient
from services.booking.adapters.wallet_legs_client import UnexpectedAnswerError, WalletLegs
from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    CardNotFoundError,
    CurrencyNotSupportedError,
    PaymentStillOpenError,
    PlaceNotEligibleError,
    ProviderUnavailableError,
)
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_returns import FEE_REFUND_LEG, REFUND_LEG, refund_id_of
from services.booking.use_cases.payment_ports import Cancelling, PaymentState, RefundState
from services.common.errors import DependencyUnavailableError, DomainError, ErrorKind
from services.common.rpc.client import Peer
from services.common.rpc.errors import wire_status
from tests.kit.booking_order_builders import CARD_ID, an_order, ron

LEFT = timedelta(minutes=9)
_Attempt = payment_pb2.PaymentAttempt


@dataclass
class Script:
    """What the peer answers: a refusal, or messages one after the other; and what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    async def next(self, request: Any, context: Any) -> Any:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, DomainError):
            await context.abort_with_status(wire_status(answer, domain="peer.cinema"))
        return answer


class ScriptedPayment(PaymentServiceServicer):
    def __init__(self, script: Script) -> None:
        every = script.next
        self.CreatePayment = self.GetPayment = self.CapturePayment = every  # type: ignore[method-assign]
        self.CancelPayment = self.SpendBudget = every  # type: ignore[method-assign]
        self.RefundPayment = self.GetRefund = every  # type: ignore[method-assign]


class ScriptedWallet(TenderServiceServicer):
    def __init__(self, script: Script) -> None:
        every = script.next
        self.ListEligiblePlaces = self.ReservePlaces = every  # type: ignore[method-assign]
        self.CapturePlaces = self.ReleasePlaces = every  # type: ignore[method-assign]
        self.RestorePlaces = self.GetVoucherCode = every  # type: ignore[method-assign]


@asynccontextmanager
async def serving(add: Any, servicer: Any, name: str) -> AsyncIterator[Peer]:
    server = grpc.aio.server()
    add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer(name, grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
    try:
        yield peer
    finally:
        await peer.close()
        await server.stop(None)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def payments(script: Script) -> AsyncIterator[PaymentClient]:
    servicer: Any = type("Payment", (ScriptedPayment,), {})
    servicer.__abstractmethods__ = frozenset()
    add = add_PaymentServiceServicer_to_server
    async with serving(add, servicer(script), "payment") as peer:
        yield PaymentClient(peer, 2_000)


@pytest.fixture
async def wallet(script: Script) -> AsyncIterator[WalletLegs]:
    servicer: Any = type("Wallet", (ScriptedWallet,), {})
    servicer.__abstractmethods__ = frozenset()
    add = add_TenderServiceServicer_to_server
    async with serving(add, servicer(script), "wallet") as peer:
        yield WalletLegs(peer, 2_000)


def refusal(reason: str, kind: ErrorKind, **metadata: str) -> DomainError:
    made = type("Refusal", (DomainError,), {"kind": kind, "reason": reason})
    return made("No.", **metadata)


def a_payment(state: Any, *, captured: int = 0, number: int = 1) -> Any:
    attempt = _Attempt(number=number, state=state, redirect_url="https://pay.example/1")
    payment = payment_pb2.Payment(attempts=[attempt])
    if captured:
        payment.captured.CopyFrom(MoneyMessage(currency_code="RON", minor_units=captured))
    return payment


async def test_a_created_payment_gives_its_address_and_tells_what_the_provider_needs(
    payments: PaymentClient, script: Script
) -> None:
    state = _Attempt.STATE_AWAITING_CUSTOMER
    script.answers = [payment_service.CreatePaymentResponse(payment=a_payment(state))]
    order = an_order(OrderState.PLACED, money=LegState.PENDING)

    answer = await payments.create(order, LEFT)

    (asked,) = script.asked
    assert (answer.state, answer.redirect_url) == (PaymentState.OPEN, "https://pay.example/1")
    assert asked.reference_id == str(order.id)
    assert asked.time_left.seconds == 540
    assert asked.amount.minor_units == 6_400
    line = payment_pb2.PaymentLine
    assert {each.kind: each.amount.minor_units for each in asked.lines} == {
        line.KIND_TICKETS: 6_000,
        line.KIND_SERVICE_FEES: 400,
    }
    assert (asked.buyer.email, asked.buyer.language_code) == ("ana@example.test", "ro")


@pytest.mark.parametrize(
    ("state", "understood"),
    [
        (_Attempt.STATE_OPENING, PaymentState.OPENING),
        (_Attempt.STATE_AUTHORIZED, PaymentState.AUTHORIZED),
        (_Attempt.STATE_CAPTURE_SENT, PaymentState.CAPTURING),
        (_Attempt.STATE_CAPTURED, PaymentState.CAPTURED),
        (_Attempt.STATE_FAILED, PaymentState.OVER),
        (_Attempt.STATE_CANCELLED, PaymentState.OVER),
        (_Attempt.STATE_QUARANTINED, PaymentState.OVER),
        (99, PaymentState.OPENING),
    ],
)
async def test_each_state_of_an_attempt_is_understood_and_a_new_one_is_not_final(
    payments: PaymentClient, script: Script, state: int, understood: PaymentState
) -> None:
    script.answers = [payment_service.GetPaymentResponse(payment=a_payment(state))]

    answer = await payments.get(an_order())

    assert answer.state is understood


@pytest.mark.parametrize(
    ("reason", "kind", "error"),
    [
        ("PROVIDER_UNAVAILABLE", ErrorKind.UNAVAILABLE, ProviderUnavailableError),
        ("CURRENCY_NOT_SUPPORTED", ErrorKind.FAILED_PRECONDITION, CurrencyNotSupportedError),
        ("ATTEMPT_STILL_OPEN", ErrorKind.FAILED_PRECONDITION, PaymentStillOpenError),
        ("OVERLOADED", ErrorKind.UNAVAILABLE, DependencyUnavailableError),
        ("CONCURRENT_CHANGE", ErrorKind.ABORTED, DependencyUnavailableError),
        ("ATTEMPT_DIFFERS", ErrorKind.ALREADY_EXISTS, UnexpectedAnswerError),
    ],
)
async def test_refusals_of_payment_are_ours_unknown_or_a_bug(
    payments: PaymentClient, script: Script, reason: str, kind: ErrorKind, error: type[Exception]
) -> None:
    refused = refusal(reason, kind)
    if reason == "OVERLOADED":
        type(refused).domain = "cinema"
    script.answers = [refused]

    with pytest.raises(error):
        await payments.create(an_order(OrderState.PLACED, money=LegState.PENDING), LEFT)


async def test_a_closed_payment_takes_no_money(payments: PaymentClient, script: Script) -> None:
    script.answers = [refusal("PAYMENT_CLOSED", ErrorKind.FAILED_PRECONDITION)]
    order = an_order(OrderState.PLACED, money=LegState.PENDING)

    created = await payments.create(order, LEFT)
    cancelled = await payments.cancel(order, unless_authorized=False)

    assert created.state is PaymentState.OVER
    assert cancelled is Cancelling.MONEY_IS_TAKEN


@pytest.mark.rule("OTC-15")
async def test_a_payment_that_somebody_has_made_is_not_given_up(
    payments: PaymentClient, script: Script
) -> None:
    script.answers = [refusal("PAYMENT_AUTHORIZED", ErrorKind.FAILED_PRECONDITION)]
    order = an_order(OrderState.EXPIRED, money=LegState.UNDOING)

    cancelled = await payments.cancel(order, unless_authorized=True)

    assert cancelled is Cancelling.AWAITS_DECISION
    assert [asked.unless_authorized for asked in script.asked] == [True]


async def test_a_silent_provider_leaves_a_payment_as_it_is(
    payments: PaymentClient, script: Script
) -> None:
    script.answers = [refusal("PROVIDER_UNAVAILABLE", ErrorKind.UNAVAILABLE)]
    order = an_order(OrderState.EXPIRED, money=LegState.UNDOING)

    with pytest.raises(ProviderUnavailableError):
        await payments.cancel(order, unless_authorized=True)


async def test_a_capture_waits_a_moment_for_the_grant_to_be_stored(
    payments: PaymentClient, script: Script
) -> None:
    too_early = refusal("PAYMENT_NOT_AUTHORIZED", ErrorKind.FAILED_PRECONDITION)
    payment = a_payment(_Attempt.STATE_CAPTURED, captured=6_400)
    script.answers = [
        too_early,
        too_early,
        payment_service.CapturePaymentResponse(payment=payment),
    ]

    answer = await payments.capture(an_order(OrderState.COMPLETING, money=LegState.COMMITTED))

    assert (answer.state, answer.captured) == (PaymentState.CAPTURED, ron(6_400))
    assert len({asked.request_id for asked in script.asked}) == 3


def a_cancelled_order() -> Order:
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE, granted=True)
    order.cancel(Cancellation(CancelCause.BUYER, order.read_at))
    return order


@pytest.mark.rule("OTC-32b")
async def test_a_refund_names_order_amount_and_itself_and_no_place_to_go(
    payments: PaymentClient, script: Script
) -> None:
    script.answers = [payment_service.RefundPaymentResponse(refund=refund_pb2.Refund())]
    order = a_cancelled_order()

    for _ in range(2):
        await payments.refund(order, REFUND_LEG)

    first, second = script.asked
    assert (first.reference_id, first.amount.minor_units) == (str(order.id), 6_000)
    assert first.reason == refund_pb2.REFUND_REASON_CANCELLATION
    assert first.refund_id == second.refund_id == str(refund_id_of(order.id, REFUND_LEG))
    assert first.request_id != second.request_id


@pytest.mark.rule("OTC-11")
async def test_the_refund_of_a_fee_says_that_staff_overrode_it(
    payments: PaymentClient, script: Script
) -> None:
    script.answers = [payment_service.RefundPaymentResponse(refund=refund_pb2.Refund())]
    order = a_cancelled_order()
    order.refund_fee()

    await payments.refund(order, FEE_REFUND_LEG)

    (asked,) = script.asked
    assert asked.reason == refund_pb2.REFUND_REASON_FEE_OVERRIDE
    assert asked.amount.minor_units == 400
    assert asked.refund_id == str(refund_id_of(order.id, FEE_REFUND_LEG))


@pytest.mark.parametrize(
    ("state", "failure_code", "understood"),
    [
        (refund_pb2.Refund.STATE_REQUESTED, "", RefundState.SENT),
        (refund_pb2.Refund.STATE_REQUESTED, "NO_BALANCE", RefundState.FAILED),
        (refund_pb2.Refund.STATE_SENT, "", RefundState.SENT),
        (refund_pb2.Refund.STATE_COMPLETED, "", RefundState.COMPLETED),
        (99, "", RefundState.SENT),
    ],
)
async def test_each_state_of_a_refund_is_understood_and_a_new_one_is_not_final(
    payments: PaymentClient,
    script: Script,
    state: Any,
    failure_code: str,
    understood: RefundState,
) -> None:
    refund = refund_pb2.Refund(state=state, failure_code=failure_code)
    script.answers = [payment_service.GetRefundResponse(refund=refund)]

    answer = await payments.get_refund(a_cancelled_order(), REFUND_LEG)

    assert (answer.state, answer.failure_code) == (understood, failure_code)


@pytest.mark.rule("CARD-18")
@pytest.mark.parametrize("caused_by_cinema", [False, True])
async def test_places_of_a_cancellation_come_back_with_grace_only_if_the_cinema_is_the_cause(
    wallet: WalletLegs, script: Script, *, caused_by_cinema: bool
) -> None:
    script.answers = [tender_service.RestorePlacesResponse()]
    order = an_order(OrderState.CONFIRMED, money=LegState.DONE, places=LegState.DONE, granted=True)
    order.cancel(Cancellation(CancelCause.BUYER, order.read_at, caused_by_cinema=caused_by_cinema))

    await wallet.restore(order, order.leg("places-1"))

    (asked,) = script.asked
    assert asked.caused_by_cinema is caused_by_cinema


@pytest.mark.rule("CARD-17")
async def test_reserved_places_come_with_the_supplements_due(
    wallet: WalletLegs, script: Script
) -> None:
    seat = card_pb2.EligibleSeat(
        seat_id="A1", supplement_due=MoneyMessage(currency_code="RON", minor_units=500)
    )
    script.answers = [tender_service.ReservePlacesResponse(seats=[seat])]
    order = an_order(OrderState.PLACED, places=LegState.PENDING, money=LegState.PENDING)

    due = await wallet.reserve(order, order.leg("places-1"))

    (asked,) = script.asked
    assert due == {"A1": ron(500)}
    assert (asked.key.leg, asked.key.attempt) == ("places-1", 1)
    assert [seat.seat_id for seat in asked.seats] == ["A1"]
    assert asked.screening.local_date == "2026-11-22"


@pytest.mark.parametrize(
    ("reason", "kind", "error"),
    [
        ("PLACE_NOT_ELIGIBLE", ErrorKind.FAILED_PRECONDITION, PlaceNotEligibleError),
        ("CARD_NOT_FOUND", ErrorKind.NOT_FOUND, CardNotFoundError),
        ("RESERVATION_RELEASED", ErrorKind.FAILED_PRECONDITION, PlaceNotEligibleError),
        ("CONCURRENT_CHANGE", ErrorKind.ABORTED, DependencyUnavailableError),
        ("RESERVATION_DIFFERS", ErrorKind.ALREADY_EXISTS, UnexpectedAnswerError),
    ],
)
async def test_refusals_of_the_wallet_are_ours_unknown_or_a_bug(
    wallet: WalletLegs, script: Script, reason: str, kind: ErrorKind, error: type[Exception]
) -> None:
    order = an_order(OrderState.PLACED, places=LegState.PENDING, money=LegState.PENDING)
    script.answers = [refusal(reason, kind, seat_id="A1", ineligible_reason="DAY_NOT_COVERED")]

    with pytest.raises(error) as caught:
        await wallet.reserve(order, order.leg("places-1"))

    if reason == "PLACE_NOT_ELIGIBLE":
        assert isinstance(caught.value, PlaceNotEligibleError)
        assert caught.value.metadata == {
            "card_id": str(CARD_ID),
            "seat_id": "A1",
            "ineligible_reason": "DAY_NOT_COVERED",
        }


async def test_a_vouchers_code_comes_when_it_is_sent(wallet: WalletLegs, script: Script) -> None:
    script.answers = [tender_service.GetVoucherCodeResponse(voucher_code="CODE")]

    assert await wallet.voucher_code(uuid4()) == "CODE"
