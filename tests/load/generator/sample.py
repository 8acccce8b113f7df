"""What a run of the load generator saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

OK = "OK"
MAX_GENERATOR_LAG_S = 0.010


@dataclass(slots=True)
class Sample:
    """All arrivals of a run; the lists go together, times are seconds of the machine's uptime.

    A latency counts from the intended start, so that a slow server hides nothing. `lags_s` is how
    much later than intended the generator itself started a call (open loop only). `kept` holds
    what the journey kept for the next one.
    """

    started_at: float = 0.0
    ended_at: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    finished_at: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    # The journey had nothing left to do before the time was over.
    ran_dry: bool = False

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at

    @property
    def counts(self) -> Counter[str]:
        """How often each outcome came."""
        return Counter(self.outcomes)

    @property
    def good_per_s(self) -> float:
        """Outcomes OK within the run's time, per second of it."""
        done = zip(self.outcomes, self.finished_at, strict=True)
        good = sum(1 for outcome, at in done if outcome == OK and at <= self.ended_at)
        return good / self.seconds if self.seconds > 0 else 0.0

    @property
    def offered_per_s(self) -> float:
        """Arrivals per second."""
        return len(self.outcomes) / self.seconds if self.seconds > 0 else 0.0

    @property
    def max_lag_s(self) -> float:
        return max(self.lags_s, default=0.0)

    @property
    def lag_p99_s(self) -> float:
        return percentile(self.lags_s, 99)

    @property
    def void(self) -> bool:
        """Whether the generator itself was late: then the figures say nothing about the suite."""
        return self.lag_p99_s > MAX_GENERATOR_LAG_S

    def latencies_of(self, *outcomes: str) -> list[float]:
        """Latencies of these outcomes, of all when none is named."""
        both = zip(self.latencies_s, self.outcomes, strict=True)
        return [latency for latency, outcome in both if not outcomes or outcome in outcomes]


def merged(samples: Iterable[Sample]) -> Sample:
    """Put the samples of several generator processes of one run together."""
    parts = list(samples)
    whole = Sample(
        started_at=min(part.started_at for part in parts),
        ended_at=max(part.ended_at for part in parts),
        ran_dry=any(part.ran_dry for part in parts),
    )
    for part in parts:
        whole.latencies_s += part.latencies_s
        whole.outcomes += part.outcomes
        whole.finished_at += part.finished_at
        whole.lags_s += part.lags_s
        whole.kept += part.kept
    return whole


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 for none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[max(0, ceil(len(ranked) * percent / 100) - 1)]
