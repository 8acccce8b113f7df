"""How often a call may be repeated: a share of all calls, so that repeats never make a storm."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_WAIT_S = 0.05
MAX_RETRIES_PER_CALL = 2
# Ten calls earn one repeat; at most ten repeats are saved up.
CALLS_PER_RETRY = 10
MAX_SAVED_CALLS = 100


@dataclass(slots=True)
class RetryBudget:
    """The calls that one point of sale has made and not spent on repeats."""

    saved_calls: int = MAX_SAVED_CALLS
    jitter: Callable[[], float] = field(default=random.random)

    def earn(self) -> None:
        """Count a call."""
        self.saved_calls = min(self.saved_calls + 1, MAX_SAVED_CALLS)

    def spend(self, retries_so_far: int) -> float | None:
        """Take one repeat: gives how long to wait before it, in seconds; None: no more."""
        if retries_so_far >= MAX_RETRIES_PER_CALL or self.saved_calls < CALLS_PER_RETRY:
            return None
        self.saved_calls -= CALLS_PER_RETRY
        return FIRST_WAIT_S * 4.0**retries_so_far * (0.5 + self.jitter())
