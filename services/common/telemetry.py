"""Metrics of calls in Prometheus form, kept in plain numbers: one event loop, no locks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

# Seconds; the last bucket is without end.
BUCKETS_S = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip


@dataclass(slots=True)
class Durations:
    """How often and how long: counts per bucket and the sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts, as Prometheus wants them."""
        bounds = [*(str(bound) for bound in BUCKETS_S), "+Inf"]
        total, cumulative = 0, []
        for bound, count in zip(bounds, self.counts, strict=True):
            total += count
            cumulative.append((bound, float(total)))
        return cumulative


class CallMeter(Collector):
    """Counts calls by method and code, and reads gauges when it is scraped."""

    def __init__(self, name: str, documentation: str) -> None:
        self._name = name
        self._documentation = documentation
        self._durations: dict[tuple[str, str], Durations] = {}
        self._gauges: list[tuple[str, str, Callable[[], float]]] = []

    def record(self, method: str, code: str, seconds: float) -> None:
        """Count one finished call."""
        durations = self._durations.get((method, code))
        if durations is None:
            durations = self._durations[method, code] = Durations()
        durations.add(seconds)

    def add_gauge(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """Show a number that is read when somebody looks."""
        self._gauges.append((name, documentation, read))

    def count(self, method: str, code: str) -> int:
        """Tell how many calls finished so."""
        durations = self._durations.get((method, code))
        return sum(durations.counts) if durations else 0

    def collect(self) -> Iterator[Metric]:
        calls = HistogramMetricFamily(self._name, self._documentation, labels=["method", "code"])
        for (method, code), durations in self._durations.items():
            calls.add_metric([method, code], durations.buckets(), durations.sum_s)
        yield calls
        for name, documentation, read in self._gauges:
            yield GaugeMetricFamily(name, documentation, value=read())


def server_meter(registry: CollectorRegistry | None = None) -> CallMeter:
    """Make the meter of a server's calls and register it."""
    meter = CallMeter("rpc_server_call_duration_seconds", "Duration of calls served.")
    if registry is not None:
        registry.register(meter)
    return meter


def client_meter(registry: CollectorRegistry | None = None) -> CallMeter:
    """Make the meter of calls to peers and register it."""
    meter = CallMeter("rpc_client_call_duration_seconds", "Duration of calls to other services.")
    if registry is not None:
        registry.register(meter)
    return meter
