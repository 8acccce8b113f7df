"""The verdict of a bench."""

from collections import Counter

import pytest

from tests.load.bench.figures import Figure, median_of
from tests.load.bench.purchases import MAX_TRIALS, MIN_STEP, RateSearch, is_clear_refusal
from tests.load.bench.report import report_lines, unmet_goals


def figure(path="GetSeatMap", of_echo=0.5, *, void=False, per_s=100.0, cpu_s=None):
    return Figure(
        path=path,
        per_s=per_s,
        p50_s=0.01,
        p99_s=0.02,
        of_echo=of_echo,
        cpu_s=cpu_s or {"booking-rpc-1": 0.001, "emulator": 0.002},
        outcomes=Counter({"OK": 10}),
        void=void,
    )


def test_a_goal_is_met_by_the_ratio_to_the_echo():
    assert unmet_goals({"GetSeatMap": figure(of_echo=0.41)}) == []


def test_a_goal_that_is_missed_is_named():
    assert unmet_goals({"GetSeatMap": figure(of_echo=0.39)}) == ["GetSeatMap: >= 40 % of the echo"]


def test_a_void_figure_meets_no_goal():
    figures = {"GetSeatMap": figure(of_echo=0.9, void=True)}

    lines = "\n".join(report_lines(figures, []))

    assert unmet_goals(figures)
    assert "VOID" in lines


def test_medians_leave_void_rounds_out():
    rounds = [figure(of_echo=0.1, void=True), figure(of_echo=0.4), figure(of_echo=0.6)]

    assert median_of(rounds).of_echo == 0.5


def test_what_stands_around_the_suite_is_not_its_cpu():
    assert figure().suite_cpu_s == 0.001


def test_only_unavailable_with_a_hint_is_a_clear_refusal():
    assert is_clear_refusal("HoldSeats: UNAVAILABLE OVERLOADED")
    assert not is_clear_refusal("HoldSeats: UNAVAILABLE OVERLOADED (no retry hint)")
    assert not is_clear_refusal("HoldSeats: DEADLINE_EXCEEDED")


@pytest.mark.parametrize("sustained", [7.0, 12.0, 19.9, 20.0, 24.0, 30.0])
def test_the_search_ends_just_below_the_rate_that_is_not_kept_up(sustained):
    search = RateSearch(20.0)
    for _ in range(MAX_TRIALS):
        search.saw(kept_up=search.rate <= sustained)
        if search.is_over:
            break

    assert search.best <= sustained <= search.best * MIN_STEP**2


def test_a_search_that_finds_nothing_goes_on_lower():
    search = RateSearch(20.0)

    for _ in range(MAX_TRIALS):
        search.saw(kept_up=False)

    assert search.best == 0
    assert 0 < search.rate < 7.0
