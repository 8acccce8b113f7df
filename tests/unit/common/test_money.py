"""Money: one currency, whole minor units, no overflow, nothing lost when split."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidRequestError
from services.common.money import (
    MAX_MINOR_UNITS,
    MIN_MINOR_UNITS,
    CurrencyMismatchError,
    Money,
)

amounts = st.integers(-(10**15), 10**15)


@given(amounts, amounts)
def test_sums_and_differences_are_of_the_minor_units(a: Any, b: Any) -> None:
    assert Money("RON", a) + Money("RON", b) == Money("RON", a + b)
    assert Money("RON", a) - Money("RON", b) == Money("RON", a - b)
    assert -Money("RON", a) == Money("RON", -a)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_an_allocation_loses_nothing_and_is_fair_to_one_unit(amount: Any, weights: Any) -> None:
    parts = Money("RON", amount).allocate(weights)

    assert sum(part.minor_units for part in parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor_units * sum(weights) - amount * weight) < sum(weights)


def test_the_largest_remainder_gets_the_odd_unit() -> None:
    parts = Money("RON", 100).allocate([1, 1, 1])

    assert [part.minor_units for part in parts] == [34, 33, 33]


@pytest.mark.parametrize("weights", [[], [0], [1, -1]])
def test_an_allocation_needs_weights(weights: Any) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money("RON", 1).allocate(weights)


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money("RON", 1) + Money("EUR", 1)


@pytest.mark.parametrize("minor_units", [MAX_MINOR_UNITS + 1, MIN_MINOR_UNITS - 1])
def test_an_amount_beyond_64_bits_is_refused(minor_units: Any) -> None:
    with pytest.raises(InvalidRequestError):
        Money("RON", minor_units)


def test_a_product_that_overflows_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        Money("RON", MAX_MINOR_UNITS) * 2


@pytest.mark.parametrize("currency", ["ron", "RONN", "", "R0N"])
def test_a_currency_is_three_capital_letters(currency: Any) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(currency, 1)


@pytest.mark.parametrize("minor_units", [1.0, "1", True])
def test_minor_units_are_whole_numbers(minor_units: Any) -> None:
    with pytest.raises(TypeError):
        Money("RON", minor_units)


def test_amounts_are_ordered_and_summed() -> None:
    small, large = Money("RON", 1), Money("RON", 2)

    assert small < large <= Money("RON", 2)
    assert large > small >= Money("RON", 1)
    assert Money.sum([small, large], currency="RON") == Money("RON", 3)
    assert not Money.sum([], currency="RON")
