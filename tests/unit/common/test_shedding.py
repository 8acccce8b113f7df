"""When too much comes, what begins work is refused first, and what finishes it never."""

from typing import Any

import pytest

from services.common.errors import OverloadedError
from services.common.rpc.access import Criticality
from services.common.rpc.shedding import Delay, Shedding, UnderWay

BEGINS, LOOKS = Criticality.BEGINS_WORK, Criticality.LOOKS


class Late:
    """A delay that a test sets, in targets: 2.0 is twice what is wanted."""

    def __init__(self, times: float = 0.0, *, looks_count: bool = False) -> None:
        self.times = times
        self.delay = Delay("work", 0.5, lambda: self.times * 0.5, looks_count=looks_count)


def shedding(*late: Late) -> Shedding:
    return Shedding([each.delay for each in late], [BEGINS, LOOKS], retry_after_ms=500)


def let_in(shed: Shedding, criticality: Criticality, calls: int) -> list[bool]:
    outcomes = []
    for _ in range(calls):
        try:
            shed.must_admit(criticality)
        except OverloadedError:
            outcomes.append(False)
        else:
            outcomes.append(True)
    return outcomes


@pytest.mark.parametrize("times", [0.0, 0.5, 1.0])
def test_up_to_the_target_everybody_comes_in(times: Any) -> None:
    shed = shedding(Late(times))

    outcomes = let_in(shed, BEGINS, 100) + let_in(shed, LOOKS, 100)

    assert all(outcomes)
    assert shed.refused_of(BEGINS) == 0


def test_at_twice_the_target_every_other_one_who_begins_comes_in() -> None:
    shed = shedding(Late(2.0))

    outcomes = let_in(shed, BEGINS, 7)

    assert outcomes == [True, True, False, True, False, True, False]
    assert shed.refused_of(BEGINS) == 3


def test_who_only_looks_comes_in_while_refusing_beginners_may_be_enough() -> None:
    shed = shedding(Late(2.9))

    outcomes = let_in(shed, LOOKS, 100)

    assert all(outcomes)


def test_who_only_looks_is_refused_when_refusing_beginners_was_not_enough() -> None:
    shed = shedding(Late(4.0))

    outcomes = let_in(shed, LOOKS, 101)

    assert outcomes.count(True) == 51
    assert shed.refused_of(LOOKS) == 50


def test_looking_is_refused_like_beginning_when_it_makes_things_late_as_much() -> None:
    shed = shedding(Late(2.0, looks_count=True))

    assert let_in(shed, LOOKS, 7) == let_in(shed, BEGINS, 7)
    assert shed.refused_of(LOOKS) == 3


def test_however_late_it_is_somebody_comes_in_now_and_then() -> None:
    shed = shedding(Late(100.0))

    outcomes = let_in(shed, BEGINS, 201)

    assert outcomes.count(True) == 1 + 200 * 0.02


def test_the_latest_delay_decides() -> None:
    shed = shedding(Late(0.1), Late(2.0), Late(1.5))

    assert shed.share(BEGINS) == 0.5


def test_when_nothing_is_late_any_more_everybody_comes_in_at_once() -> None:
    late = Late(100.0)
    shed = shedding(late)
    let_in(shed, BEGINS, 50)
    late.times = 0.0

    outcomes = let_in(shed, BEGINS, 50)

    assert all(outcomes)


@pytest.mark.parametrize(("times", "hint_ms"), [(2.0, 1_000), (100.0, 4_000)])
def test_the_less_is_let_in_the_later_one_is_told_to_come_back(times: Any, hint_ms: Any) -> None:
    shed = shedding(Late(times))
    let_in(shed, BEGINS, 2)

    with pytest.raises(OverloadedError) as refused:
        shed.must_admit(BEGINS)

    assert refused.value.retry_after_ms == hint_ms


class Clock:
    """Time that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_few_stragglers_do_not_tell_of_load() -> None:
    clock = Clock()
    under_way = UnderWay(stragglers=2, clock=clock)
    under_way.begin("first")
    under_way.begin("second")
    clock.now += 60.0

    assert under_way.age_s() == 0.0


def test_the_oldest_besides_the_stragglers_tells_how_long_work_takes() -> None:
    clock = Clock()
    under_way = UnderWay(stragglers=2, clock=clock)
    for work in ("first", "second", "third", "fourth"):
        under_way.begin(work)
        clock.now += 1.0

    assert under_way.age_s() == 2.0


def test_finished_work_does_not_count_and_may_be_ended_twice() -> None:
    clock = Clock()
    under_way = UnderWay(stragglers=0, clock=clock)
    under_way.begin("work")
    clock.now += 5.0
    under_way.end("work")

    under_way.end("work")

    assert under_way.age_s() == 0.0
