"""How many notifications came, and what became of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from services.common.telemetry import Durations


@dataclass(eq=False, slots=True)
class NotificationMeter(Collector):
    """Counts by outcome: an effect such as AUTHORIZED, or FORGED, TOO_LARGE, NOT_STORED."""

    _outcomes: Counter[str] = field(default_factory=Counter)
    _durations: Durations = field(default_factory=Durations)

    def record(self, outcome: str, seconds: float) -> None:
        self._outcomes[outcome] += 1
        self._durations.add(seconds)

    def collect(self) -> Iterator[Metric]:
        outcomes = CounterMetricFamily(
            "payment_notifications",
            "Notifications of the provider by what became of them.",
            labels=["outcome"],
        )
        for outcome, count in self._outcomes.items():
            outcomes.add_metric([outcome], count)
        yield outcomes
        durations = HistogramMetricFamily(
            "payment_notification_duration_seconds", "From the body read to the effect stored."
        )
        durations.add_metric([], self._durations.buckets(), self._durations.sum_s)
        yield durations
