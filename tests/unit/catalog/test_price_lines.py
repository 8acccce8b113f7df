"""Which line of a price list wins."""

import pytest

from services.catalog.domain.price_lines import Occasion, PriceLine, winner
from tests.unit.catalog.price_builders import SATURDAY, TUESDAY, WEDNESDAY, a_line, on

TEN, FIVE, TEN_IN_THE_EVENING = 10 * 60, 17 * 60, 22 * 60
ALWAYS = a_line(3_000)
MIDWEEK = a_line(2_500, weekdays=(1, 2, 3))
TUESDAYS = a_line(2_000, weekdays=(2,))
WEEKEND = a_line(3_300, weekdays=(6, 7), public_holidays=True)
HOLIDAYS = a_line(3_500, public_holidays=True)
BEFORE_FIVE = a_line(1_900, before_minute=FIVE)
MORNINGS = a_line(1_500, from_minute=TEN, before_minute=12 * 60)
LATE = a_line(2_100, from_minute=TEN_IN_THE_EVENING)
IMAX = a_line(4_000, format="IMAX")
IMAX_TUESDAYS = a_line(3_600, format="IMAX", weekdays=(2,))
EVERYTHING = (
    ALWAYS, MIDWEEK, TUESDAYS, WEEKEND, HOLIDAYS, BEFORE_FIVE, MORNINGS, LATE, IMAX, IMAX_TUESDAYS,
)  # fmt: skip


@pytest.mark.rule("OTC-5")
@pytest.mark.parametrize(
    ("occasion", "expected"),
    [
        (on("2026-11-26"), ALWAYS),
        (on("2026-11-27"), ALWAYS),
        (on(WEDNESDAY), MIDWEEK),
        (on(TUESDAY), TUESDAYS),
        (on(SATURDAY), WEEKEND),
        # On a public holiday the lines that name them come first, of those the one for fewer days.
        (on(TUESDAY, holiday=True), HOLIDAYS),
        (on(SATURDAY, holiday=True), HOLIDAYS),
        # Weekdays come before the time of day, and a short time before a long one.
        (on("2026-11-26", "16:59"), BEFORE_FIVE),
        (on("2026-11-26", "17:00"), ALWAYS),
        (on("2026-11-26", "10:00"), MORNINGS),
        (on("2026-11-26", "11:59"), MORNINGS),
        (on("2026-11-26", "12:00"), BEFORE_FIVE),
        (on(TUESDAY, "10:00"), TUESDAYS),
        (on("2026-11-26", "21:59"), ALWAYS),
        (on("2026-11-26", "22:00"), LATE),
        # A show after midnight belongs to its calendar day and its early hours.
        (on("2026-11-27", "00:15"), BEFORE_FIVE),
        # The format comes before everything; only the one that a screening is listed under counts.
        (on("2026-11-26", "16:00", "IMAX", "3D"), IMAX),
        (on(TUESDAY, "16:00", "IMAX"), IMAX_TUESDAYS),
        (on(TUESDAY, "16:00", "IMAX", holiday=True), IMAX_TUESDAYS),
        (on("2026-11-26", "20:00", "3D", "IMAX"), ALWAYS),
    ],
)
def test_the_most_specific_line_wins(occasion: Occasion, expected: PriceLine) -> None:
    assert winner(EVERYTHING, occasion) == expected
    assert winner(reversed(EVERYTHING), occasion) == expected


@pytest.mark.parametrize(
    ("line", "occasion"),
    [
        (MIDWEEK, on(SATURDAY)),
        (HOLIDAYS, on(SATURDAY)),
        (WEEKEND, on(TUESDAY)),
        (LATE, on(TUESDAY, "21:59")),
        (IMAX, on(TUESDAY, "20:00", "4DX")),
    ],
)
def test_a_line_that_does_not_match_prices_nothing(line: PriceLine, occasion: Occasion) -> None:
    assert winner([line], occasion) is None


def test_a_weekend_line_is_good_on_a_holiday_in_the_week() -> None:
    assert winner([ALWAYS, TUESDAYS, WEEKEND], on(TUESDAY, holiday=True)) == WEEKEND


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ALWAYS, a_line(1)),
        (MIDWEEK, a_line(1, weekdays=(3, 4, 5))),
        (WEEKEND, a_line(1, weekdays=(5, 6))),
        (WEEKEND, a_line(1, weekdays=(1, 2), public_holidays=True)),
        (HOLIDAYS, a_line(1, public_holidays=True)),
        (MORNINGS, a_line(1, from_minute=11 * 60, before_minute=13 * 60)),
        (IMAX, a_line(1, format="IMAX")),
    ],
)
def test_two_lines_of_which_none_is_more_specific_tie(first: PriceLine, second: PriceLine) -> None:
    assert first.ties_with(second)
    assert second.ties_with(first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ALWAYS, MIDWEEK),
        (MIDWEEK, a_line(1, weekdays=(4, 5, 6))),
        (WEEKEND, a_line(1, weekdays=(1, 2))),
        (MORNINGS, a_line(1, from_minute=12 * 60, before_minute=14 * 60)),
        (MORNINGS, a_line(1, from_minute=9 * 60, before_minute=13 * 60)),
        (IMAX, a_line(1, format="4DX")),
        (IMAX, ALWAYS),
        (ALWAYS, a_line(1, "CHILD")),
        (ALWAYS, a_line(1, area="VIP")),
    ],
)
def test_lines_that_never_meet_or_differ_in_rank_do_not_tie(
    first: PriceLine, second: PriceLine
) -> None:
    assert not first.ties_with(second)
    assert not second.ties_with(first)
