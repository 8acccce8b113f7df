"""Which part of an order vouchers pay, and which part stays for money."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.order_leg import LegKind
from services.booking.domain.order_lines import (
    PAYMENT_LEG,
    OrderLine,
    Part,
    PlaceCover,
    make_lines,
    money_due_of,
    refundable_money_of,
    total_of,
)
from services.booking.domain.voucher_tenders import VoucherOption, spread_vouchers
from services.common.money import Money
from tests.kit.booking_order_builders import CARD_ID, a_seat, ron


def two_seats() -> tuple[OrderLine, ...]:
    """Two tickets of 30.00 with a fee of 2.00 each: 64.00."""
    return make_lines([a_seat("A1"), a_seat("A2")], {}, fee_on_places=False)


def a_voucher(minor_units: int) -> VoucherOption:
    return VoucherOption(uuid4(), ron(minor_units))


def paid(lines: tuple[OrderLine, ...], leg: str, part: Part) -> int:
    return sum(
        share.amount.minor_units
        for line in lines
        for share in line.allocations
        if share.leg == leg and share.part is part
    )


@pytest.mark.rule("OTC-6")
def test_a_voucher_of_50_pays_tickets_of_60_and_money_the_rest_and_the_fees() -> None:
    lines, legs = spread_vouchers(two_seats(), [a_voucher(5_000)])

    assert [(leg.name, leg.kind, leg.amount) for leg in legs] == [
        ("voucher-1", LegKind.VOUCHER, ron(5_000))
    ]
    assert money_due_of(lines, "RON") == ron(1_400)
    assert paid(lines, "voucher-1", Part.PRICE) == 5_000
    assert paid(lines, PAYMENT_LEG, Part.PRICE) == 1_000
    assert paid(lines, PAYMENT_LEG, Part.SERVICE_FEE) == 400
    assert refundable_money_of(lines, "RON") == ron(1_000)


def test_tickets_come_before_supplements_and_supplements_before_fees() -> None:
    seats = [a_seat("A1", supplement=1_000), a_seat("A2", supplement=1_000)]
    lines = make_lines(seats, {}, fee_on_places=False)

    spread, _ = spread_vouchers(lines, [a_voucher(6_000 + 1_500)])

    assert paid(spread, "voucher-1", Part.PRICE) == 6_000
    assert paid(spread, "voucher-1", Part.SUPPLEMENT) == 1_500
    assert paid(spread, PAYMENT_LEG, Part.SUPPLEMENT) == 500
    assert paid(spread, PAYMENT_LEG, Part.SERVICE_FEE) == 400


def test_a_voucher_that_is_worth_more_leaves_no_money_due_and_keeps_its_rest() -> None:
    lines, legs = spread_vouchers(two_seats(), [a_voucher(10_000)])

    assert money_due_of(lines, "RON") == ron(0)
    assert [leg.amount for leg in legs] == [ron(6_400)]


def test_a_voucher_never_pays_what_a_place_pays() -> None:
    covers = {"A1": PlaceCover("places-1", CARD_ID, ron(0))}
    lines = make_lines([a_seat("A1"), a_seat("A2")], covers, fee_on_places=False)

    spread, legs = spread_vouchers(lines, [a_voucher(10_000)])

    assert [leg.amount for leg in legs] == [ron(3_200)]
    assert paid(spread, "places-1", Part.PRICE) == 3_000


def test_the_second_voucher_pays_what_the_first_one_left_and_a_third_is_not_needed() -> None:
    lines, legs = spread_vouchers(
        two_seats(), [a_voucher(1_000), a_voucher(9_000), a_voucher(9_000)]
    )

    assert [(leg.name, leg.amount) for leg in legs] == [
        ("voucher-1", ron(1_000)),
        ("voucher-2", ron(5_400)),
    ]
    assert money_due_of(lines, "RON") == ron(0)


def test_a_voucher_that_is_named_twice_pays_once() -> None:
    voucher = a_voucher(1_000)

    _, legs = spread_vouchers(two_seats(), [voucher, voucher])

    assert [leg.amount for leg in legs] == [ron(1_000)]


@given(
    supplements=st.lists(st.integers(0, 2_000), min_size=1, max_size=4),
    values=st.lists(st.integers(1, 9_000), max_size=4),
)
def test_each_part_of_each_line_is_paid_exactly_once(
    supplements: list[int], values: list[int]
) -> None:
    seats = [a_seat(f"A{n}", supplement=each) for n, each in enumerate(supplements)]
    lines = make_lines(seats, {}, fee_on_places=False)

    spread, legs = spread_vouchers(lines, [a_voucher(value) for value in values])

    for line in spread:
        for part, amount in zip(Part, line.amounts, strict=True):
            shares = [share for share in line.allocations if share.part is part]
            assert Money.sum([share.amount for share in shares], currency="RON") == amount
            assert len({share.leg for share in shares}) == len(shares)
    total = total_of(lines, "RON").minor_units
    by_vouchers = sum(leg.amount.minor_units for leg in legs if leg.amount)
    assert by_vouchers == min(sum(values), total)
    assert money_due_of(spread, "RON") == ron(total - by_vouchers)
