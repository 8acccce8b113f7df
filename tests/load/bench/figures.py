"""One path measured in one round, and the medians over the rounds."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.load.bench.suite import AROUND
from tests.load.generator.sample import Sample, percentile

# Its server is no part of the suite either.
_NOT_THE_SUITE = {*AROUND, "generator", "echo"}


@dataclass(frozen=True, slots=True)
class Figure:
    """Rates per second, times in seconds; `cpu_s` is by process for each call (or purchase)."""

    path: str
    per_s: float
    p50_s: float
    p99_s: float
    of_echo: float = 0.0
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    lag_p99_s: float = 0.0
    max_lag_s: float = 0.0
    void: bool = False
    # What only this path has, by name.
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def suite_cpu_s(self) -> float:
        """CPU of services, PostgreSQL, NATS and Redis for each call; the echo's own for the echo."""
        if self.path == "echo":
            return self.cpu_s.get("echo", 0.0)
        return sum(s for name, s in self.cpu_s.items() if name not in _NOT_THE_SUITE)


def figure_of(
    path: str,
    sample: Sample,
    cpu_s: Mapping[str, float],
    *,
    per: int | None = None,
    more: Mapping[str, float] | None = None,
    per_s: float | None = None,
) -> Figure:
    """Make a figure; CPU is shared out over `per` calls, all of the sample when not given."""
    calls = max(1, len(sample.outcomes) if per is None else per)
    return Figure(
        path=path,
        per_s=sample.good_per_s if per_s is None else per_s,
        p50_s=percentile(sample.latencies_s, 50),
        p99_s=percentile(sample.latencies_s, 99),
        cpu_s={name: seconds / calls for name, seconds in cpu_s.items()},
        outcomes=sample.counts,
        lag_p99_s=sample.lag_p99_s,
        max_lag_s=sample.max_lag_s,
        void=sample.void,
        more=more or {},
    )


def median_of(figures: Sequence[Figure]) -> Figure:
    """The medians over rounds, void ones left out unless there is nothing else."""
    counted = [figure for figure in figures if not figure.void] or list(figures)
    names = sorted({name for figure in counted for name in figure.cpu_s})
    extras = sorted({name for figure in counted for name in figure.more})
    return Figure(
        path=counted[0].path,
        per_s=statistics.median(figure.per_s for figure in counted),
        p50_s=statistics.median(figure.p50_s for figure in counted),
        p99_s=statistics.median(figure.p99_s for figure in counted),
        of_echo=statistics.median(figure.of_echo for figure in counted),
        cpu_s={
            name: statistics.median(figure.cpu_s.get(name, 0.0) for figure in counted)
            for name in names
        },
        outcomes=sum((figure.outcomes for figure in counted), Counter()),
        lag_p99_s=max(figure.lag_p99_s for figure in counted),
        max_lag_s=max(figure.max_lag_s for figure in counted),
        void=all(figure.void for figure in figures),
        more={
            name: statistics.median(figure.more.get(name, 0.0) for figure in counted)
            for name in extras
        },
    )
