"""The loop's lag is what stood for a while, not a moment's."""

from services.common.rpc.loop_lag import TICK_S, TICKS_IN_A_WINDOW, LoopLag


class Clock:
    """Time that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def looks(lag: LoopLag, clock: Clock, late_by_s: list[float]) -> None:
    """Let the loop look so often, each time so much later than it was due."""
    for late_s in late_by_s:
        clock.now += TICK_S + late_s
        lag.look()


async def test_nothing_is_known_at_first() -> None:
    lag = LoopLag(clock=Clock())

    assert lag.standing_s() == 0.0
    lag.stop()


async def test_a_lag_that_stands_is_told() -> None:
    clock = Clock()
    lag = LoopLag(clock=clock)
    lag.standing_s()

    looks(lag, clock, [0.05] * TICKS_IN_A_WINDOW)

    assert round(lag.standing_s(), 6) == 0.05
    lag.stop()


async def test_a_moment_counts_little() -> None:
    clock = Clock()
    lag = LoopLag(clock=clock)
    lag.standing_s()

    looks(lag, clock, [0.1] + [0.0] * (TICKS_IN_A_WINDOW - 1))

    assert round(lag.standing_s(), 6) == 0.1 / TICKS_IN_A_WINDOW
    lag.stop()


async def test_what_was_long_ago_is_forgotten() -> None:
    clock = Clock()
    lag = LoopLag(clock=clock)
    lag.standing_s()
    looks(lag, clock, [0.05] * TICKS_IN_A_WINDOW)
    # Nobody asks any more, and so the loop is left in peace.
    looks(lag, clock, [2.0])

    assert lag.standing_s() == 0.0
    lag.stop()
