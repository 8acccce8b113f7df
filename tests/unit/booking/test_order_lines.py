"""What an order costs and which tender pays which part."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.hold import SeatQuote
from services.booking.domain.order_errors import (
    CardNotFoundError,
    PlaceNotEligibleError,
    TenderSeatMismatchError,
)
from services.booking.domain.order_leg import LegKind
from services.booking.domain.order_lines import (
    PAYMENT_LEG,
    Part,
    PlaceCover,
    PlaceTender,
    check_tenders,
    cover_seats,
    make_lines,
    money_due_of,
    refundable_money_of,
    total_of,
)
from services.booking.domain.tenders import CardOption
from services.common.money import Money
from tests.kit.booking_order_builders import CARD_ID, a_seat, ron

AMOUNTS = st.integers(min_value=0, max_value=10**9)


@st.composite
def a_party(draw: st.DrawFn) -> tuple[list[SeatQuote], dict[str, PlaceCover], bool]:
    seats = [
        a_seat(f"A{number}", price=draw(AMOUNTS), supplement=draw(AMOUNTS), fee=draw(AMOUNTS))
        for number in range(1, draw(st.integers(1, 10)) + 1)
    ]
    covers = {
        seat.seat_id: PlaceCover(
            "places-1", CARD_ID, ron(draw(st.integers(0, seat.supplement.minor_units)))
        )
        for seat in seats
        if draw(st.booleans())
    }
    return seats, covers, draw(st.booleans())


@given(a_party())
def test_allocations_add_up_exactly_part_by_part(
    party: tuple[list[SeatQuote], dict[str, PlaceCover], bool],
) -> None:
    seats, covers, fee_on_places = party

    lines = make_lines(seats, covers, fee_on_places=fee_on_places)

    for line in lines:
        for part, cost in (
            (Part.PRICE, line.price),
            (Part.SUPPLEMENT, line.supplement),
            (Part.SERVICE_FEE, line.service_fee),
        ):
            shares = [share.amount for share in line.allocations if share.part is part]
            assert Money.sum(shares, currency="RON") == cost
        assert all(share.amount.minor_units > 0 for share in line.allocations)
    by_places = [
        share.amount for line in lines for share in line.allocations if share.leg != PAYMENT_LEG
    ]
    total, due = total_of(lines, "RON"), money_due_of(lines, "RON")
    assert due + Money.sum(by_places, currency="RON") == total
    assert ron(0) <= refundable_money_of(lines, "RON") <= due


@pytest.mark.rule("OTC-11")
def test_two_tickets_at_30_with_a_fee_of_2_cost_64_of_which_60_can_come_back() -> None:
    lines = make_lines([a_seat("A1"), a_seat("A2")], {}, fee_on_places=False)

    assert total_of(lines, "RON") == ron(6_400)
    assert refundable_money_of(lines, "RON") == ron(6_000)
    assert not Part.SERVICE_FEE.refundable


@pytest.mark.rule("OTC-14.5d")
def test_what_no_place_and_no_voucher_pays_is_paid_at_the_provider() -> None:
    seats = [a_seat("A1", supplement=500), a_seat("A2")]
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(500))}

    lines = make_lines(seats, covers, fee_on_places=False)

    legs = {share.leg for line in lines for share in line.allocations}
    assert legs == {"places-1", PAYMENT_LEG}
    online = set(LegKind) - {LegKind.REFUND, LegKind.TILL}
    assert online == {LegKind.PLACES, LegKind.VOUCHER, LegKind.PAYMENT}


@pytest.mark.rule("OTC-9")
def test_the_fee_is_a_part_of_its_own_for_each_ticket() -> None:
    lines = make_lines([a_seat("A1"), a_seat("A2")], {}, fee_on_places=False)

    fees = [share for line in lines for share in line.allocations if share.part is Part.SERVICE_FEE]
    assert [share.amount for share in fees] == [ron(200), ron(200)]


@pytest.mark.rule("OTC-9")
@pytest.mark.rule("OTC-6")
def test_a_seat_paid_by_a_place_bears_no_fee_unless_the_cinema_says_so() -> None:
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(500))}
    seats = [a_seat("A1", supplement=500)]

    without = make_lines(seats, covers, fee_on_places=False)
    with_fee = make_lines(seats, covers, fee_on_places=True)

    assert money_due_of(without, "RON") == ron(500)
    assert money_due_of(with_fee, "RON") == ron(700)


@pytest.mark.rule("CARD-6")
def test_a_place_covers_the_price_and_leaves_the_supplement_due() -> None:
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(500))}

    (line,) = make_lines([a_seat("A1", supplement=500)], covers, fee_on_places=False)

    paid = {(share.part, share.leg): share.amount for share in line.allocations}
    assert paid == {
        (Part.PRICE, "places-1"): ron(3_000),
        (Part.SUPPLEMENT, PAYMENT_LEG): ron(500),
    }


@pytest.mark.rule("CARD-7")
def test_a_card_that_includes_the_supplement_leaves_nothing_to_pay() -> None:
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(0))}

    lines = make_lines([a_seat("A1", supplement=500)], covers, fee_on_places=False)

    assert money_due_of(lines, "RON") == ron(0)


def test_a_wallet_that_wants_more_than_the_supplement_is_not_believed() -> None:
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(501))}

    with pytest.raises(PlaceNotEligibleError):
        make_lines([a_seat("A1", supplement=500)], covers, fee_on_places=False)


def test_each_tendered_seat_must_be_held_and_tendered_once() -> None:
    check_tenders(["A1", "A2"], [PlaceTender(CARD_ID, ("A1",)), PlaceTender(CARD_ID, ("A2",))])

    with pytest.raises(TenderSeatMismatchError):
        check_tenders(["A1"], [PlaceTender(CARD_ID, ("A2",))])
    with pytest.raises(TenderSeatMismatchError):
        check_tenders(["A1"], [PlaceTender(CARD_ID, ("A1",)), PlaceTender(CARD_ID, ("A1",))])


def test_a_card_covers_what_the_wallet_says_and_nothing_else() -> None:
    card = CardOption(
        card_id=CARD_ID,
        product_name="Three places",
        masked_number="****1234",
        places_usable=1,
        supplement_due={"A1": ron(0), "A2": ron(0)},
        ineligible_reasons={"A3": "FORMAT_NOT_COVERED"},
    )

    covers = cover_seats([PlaceTender(CARD_ID, ("A1",))], [card])

    assert covers == {"A1": PlaceCover("places-1", CARD_ID, ron(0))}
    with pytest.raises(PlaceNotEligibleError) as too_many:
        cover_seats([PlaceTender(CARD_ID, ("A1", "A2"))], [card])
    assert too_many.value.metadata["ineligible_reason"] == "NO_PLACES_LEFT"
    with pytest.raises(PlaceNotEligibleError) as wrong_format:
        cover_seats([PlaceTender(CARD_ID, ("A3",))], [card])
    assert wrong_format.value.metadata["ineligible_reason"] == "FORMAT_NOT_COVERED"
    with pytest.raises(CardNotFoundError):
        cover_seats([PlaceTender(uuid4(), ("A1",))], [card])
