"""The life of a hold: allowed moves and forbidden ones."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cinema.booking.v1 import hold_pb2

from services.booking.domain.errors import HoldExpiredError, HoldHasOrderError
from services.booking.domain.hold import Hold, HoldState, HoldTerms, SeatQuote
from services.booking.domain.screening import SalesPolicy
from services.booking.handlers.converters import hold_fields
from services.common.money import Money

MADE_AT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)
INSTANT = timedelta(microseconds=1)


A_POLICY = SalesPolicy(
    code="cinema-city-ro",
    version="1",
    hold_seconds=600,
    max_tickets_per_type=10,
    payment_margin_seconds=20,
    min_payment_seconds=60,
    cancel_before_start_seconds=7_200,
    refund_before_start_seconds=1_800,
    remedy_days=2,
    rescue_seconds=1_800,
    voucher_valid_days=365,
)


def a_seat(seat_id: str = "A1", price: int = 3_000, supplement: int = 0) -> SeatQuote:
    return SeatQuote(
        seat_id=seat_id,
        seat_index=0,
        row_name="A",
        seat_number="1",
        area="STANDARD",
        ticket_type="ADULT",
        price=Money("RON", price),
        supplement=Money("RON", supplement),
        service_fee=Money("RON", 200),
        proof="",
    )


def a_hold(state: HoldState = HoldState.ACTIVE, *, after: timedelta = timedelta(0)) -> Hold:
    """A hold of two seats, read so long after it was made."""
    terms = HoldTerms("RON", "prices-1", False, "1", "1", A_POLICY, 1, MADE_AT, "hall-3", "film-1")
    return Hold(
        id=uuid4(),
        screening_id=uuid4(),
        owner="guest:somebody",
        channel="WEB",
        state=state,
        seats=[a_seat("A1"), a_seat("A2", supplement=500)],
        terms=terms,
        epoch=1,
        revision=2,
        created_at=MADE_AT,
        expires_at=MADE_AT + TEN_MINUTES,
        read_at=MADE_AT + after,
        order_id=uuid4() if state is HoldState.ORDERED else None,
    )


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), HoldState.ACTIVE),
        (TEN_MINUTES - INSTANT, HoldState.ACTIVE),
        (TEN_MINUTES, HoldState.EXPIRED),
        (TEN_MINUTES + INSTANT, HoldState.EXPIRED),
    ],
)
def test_a_hold_is_dead_from_the_tenth_minute_on(after: timedelta, state: HoldState) -> None:
    assert a_hold(after=after).visible_state is state


def test_time_left_is_never_less_than_none() -> None:
    assert a_hold(after=timedelta(minutes=4)).time_left == timedelta(minutes=6)
    assert a_hold(after=timedelta(hours=1)).time_left == timedelta(0)


def test_the_total_has_prices_supplements_and_fees() -> None:
    assert a_hold().total == Money("RON", 3_200 + 3_700)


def test_an_order_is_placed_once() -> None:
    hold, order_id = a_hold(), uuid4()

    hold.place_order(order_id)

    assert (hold.state, hold.order_id) == (HoldState.ORDERED, order_id)
    with pytest.raises(HoldHasOrderError) as refused:
        hold.place_order(uuid4())
    assert refused.value.metadata["order_id"] == str(order_id)


@pytest.mark.parametrize(
    "hold",
    [a_hold(after=TEN_MINUTES), a_hold(HoldState.EXPIRED), a_hold(HoldState.RELEASED)],
    ids=["lapsed", "expired", "released"],
)
def test_no_order_is_placed_for_a_hold_that_is_over(hold: Hold) -> None:
    with pytest.raises(HoldExpiredError):
        hold.place_order(uuid4())


def test_releasing_frees_once() -> None:
    hold = a_hold()

    assert hold.release()
    assert hold.state is HoldState.RELEASED
    assert not hold.release()


def test_releasing_a_lapsed_hold_expires_it() -> None:
    hold = a_hold(after=TEN_MINUTES)

    assert hold.release()
    assert hold.state is HoldState.EXPIRED


def test_a_hold_with_an_order_is_not_released() -> None:
    with pytest.raises(HoldHasOrderError):
        a_hold(HoldState.ORDERED).release()


@pytest.mark.parametrize(
    ("lapsed", "state"), [(False, HoldState.RELEASED), (True, HoldState.EXPIRED)]
)
def test_an_order_without_tickets_closes_its_hold(*, lapsed: bool, state: HoldState) -> None:
    hold = a_hold(HoldState.ORDERED)

    hold.end_order(lapsed=lapsed)

    assert hold.state is state
    assert hold.order_id is not None


def test_a_refused_order_gives_the_hold_back() -> None:
    hold = a_hold(HoldState.ORDERED)

    hold.reopen()

    assert (hold.state, hold.order_id) == (HoldState.ACTIVE, None)


@pytest.mark.parametrize(
    "state", [HoldState.ACTIVE, HoldState.RELEASED, HoldState.EXPIRED], ids=str
)
def test_without_an_order_there_is_none_to_end_or_refuse(state: HoldState) -> None:
    with pytest.raises(ValueError, match="has no order"):
        a_hold(state).end_order(lapsed=False)
    with pytest.raises(ValueError, match="has no order"):
        a_hold(state).reopen()


def test_a_lengthened_hold_shows_by_how_much_and_why() -> None:
    hold = a_hold(HoldState.ORDERED)
    hold.order_id = uuid4()
    plain = hold_pb2.Hold(**hold_fields(hold))
    hold.expires_at += timedelta(minutes=5)

    longer = hold_pb2.Hold(**hold_fields(hold))

    assert not plain.HasField("extension")
    assert longer.extension.extended_by.ToSeconds() == 300
    assert longer.extension.reason == "PROVIDER_UNAVAILABLE"
