"""When a point of sale is left alone, and for how long."""

from datetime import timedelta

from services.payment.adapters.payu.breaker import Breaker
from services.payment.adapters.payu.retries import (
    MAX_RETRIES_PER_CALL,
    MAX_SAVED_CALLS,
    RetryBudget,
)
from services.payment.domain.availability import LONGEST_PROBE_WAIT_S, Availability
from tests.unit.payment.builders import NOW

SECOND = timedelta(seconds=1)


def test_each_change_is_counted_once() -> None:
    there = Availability("RON")

    down = there.gone_down(NOW, 2.0)
    again = down.gone_down(NOW + SECOND, 2.0)
    back = again.come_back(NOW + 3 * SECOND)

    assert (down.is_down, down.version, down.retry_after(NOW)) == (True, 1, 2 * SECOND)
    assert (again.version, again.next_probe_at) == (1, NOW + 3 * SECOND)
    assert (back.is_down, back.version, back.next_probe_at) == (False, 2, None)
    assert back.come_back(NOW).version == 2


def test_who_falls_again_and_again_is_left_alone_longer() -> None:
    it, waits = Availability("RON"), []

    for _ in range(7):
        it = it.gone_down(NOW, 2.0)
        waits.append(it.retry_after(NOW).total_seconds())
        it = it.come_back(NOW + SECOND)
    later = it.gone_down(NOW + timedelta(hours=1), 2.0)

    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PROBE_WAIT_S, LONGEST_PROBE_WAIT_S]
    assert later.retry_after(NOW + timedelta(hours=1)) == 2 * SECOND


def test_what_is_down_for_all_is_not_even_tried() -> None:
    breaker = Breaker(clock=lambda: 0.0)

    breaker.is_down_for_all = True

    assert not breaker.allows()
    assert breaker.is_open


def test_repeats_are_a_share_of_all_calls() -> None:
    budget = RetryBudget(jitter=lambda: 0.5)

    waits = [budget.spend(n) for n in range(MAX_RETRIES_PER_CALL + 1)]
    while budget.spend(0) is not None:
        pass
    for _ in range(10):
        budget.earn()

    assert waits == [0.05, 0.2, None]
    assert budget.spend(0) is not None
    assert budget.spend(0) is None
    assert RetryBudget(saved_calls=0).spend(0) is None
    for _ in range(1_000):
        budget.earn()
    assert budget.saved_calls == MAX_SAVED_CALLS
