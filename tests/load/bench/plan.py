"""How long and how often a bench measures."""

from __future__ import annotations

from dataclasses import dataclass

from tests.load.bench.suite import HOLD_SECONDS
from tests.load.programme import Size


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds that each path is measured for in each round."""

    rounds: int
    closed_s: float
    purchases_s: float
    ramp_s: float
    size: Size
    in_flight: int = 64
    warm_up_s: float = 1.0
    warm_up_purchases: int = 600
    ramp_in_flight: tuple[int, ...] = (16, 32, 64, 128)


FULL = Plan(5, 2.5, 10.0, 6.0, Size(halls=10, days=18, hold_seconds=HOLD_SECONDS))
QUICK = Plan(
    1,
    2.0,
    6.0,
    4.0,
    Size(halls=4, days=14, hold_seconds=HOLD_SECONDS),
    ramp_in_flight=(16, 32),
    warm_up_purchases=200,
)
