"""What the database is told of a price list: which screenings have a price."""

from services.catalog.domain.price_lines import EVERY_DAY
from services.catalog.domain.priced import PricedBand, priced_bands, priced_keys
from tests.unit.catalog.price_builders import a_family_line, a_line, a_list

NOON, FIVE = 12 * 60, 17 * 60


def test_every_weekday_and_area_with_a_price_is_named() -> None:
    prices = a_list(
        a_line(1), a_line(1, "STUDENT", weekdays=(2,)), a_line(1, area="VIP", weekdays=(6, 7))
    )

    assert set(priced_keys(prices)) == {f"{day}STANDARD" for day in EVERY_DAY} | {"6VIP", "7VIP"}
    assert priced_bands(prices) == ()


def test_a_price_for_a_format_is_named_with_it() -> None:
    prices = a_list(a_line(1, weekdays=(1,), format="IMAX"))

    assert priced_keys(prices) == ("1STANDARD/IMAX",)


def test_bands_that_make_a_day_are_a_whole_day() -> None:
    prices = a_list(
        a_line(1, before_minute=FIVE, weekdays=(1,)),
        a_line(2, "STUDENT", from_minute=NOON, weekdays=(1,)),
    )

    assert priced_keys(prices) == ("1STANDARD",)
    assert priced_bands(prices) == ()


def test_a_part_of_a_day_is_told_as_it_is() -> None:
    prices = a_list(a_line(1, from_minute=NOON, before_minute=FIVE, weekdays=(1,)))

    assert priced_keys(prices) == ()
    assert priced_bands(prices) == (PricedBand(1, "STANDARD", "", NOON, FIVE),)


def test_holidays_are_told_when_not_every_day_has_a_price_anyway() -> None:
    only = a_list(a_line(1, public_holidays=True))
    besides = a_list(a_line(1), a_line(2, public_holidays=True))

    assert priced_bands(only) == (PricedBand(0, "STANDARD", "", 0, 1_440),)
    assert priced_bands(besides) == ()


def test_a_price_of_a_package_alone_sells_nothing() -> None:
    assert priced_keys(a_list(a_family_line(1, 1))) == ()
