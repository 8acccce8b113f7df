"""How many notifications came, and what became of them."""

from prometheus_client import Counter, Histogram
from prometheus_client.registry import Collector

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class NotificationMeter:
    """Counts by outcome: an effect such as AUTHORIZED, or FORGED, TOO_LARGE, NOT_STORED."""

    def __init__(self) -> None:
        self._outcomes = Counter(
            "payment_notifications_total",
            "Notifications of the provider by what became of them.",
            ["outcome"],
            registry=None,
        )
        self._seconds = Histogram(
            "payment_notification_duration_seconds",
            "From the body read to the effect stored.",
            buckets=BUCKETS_S,
            registry=None,
        )

    @property
    def collectors(self) -> tuple[Collector, ...]:
        return self._outcomes, self._seconds

    def record(self, outcome: str, seconds: float) -> None:
        self._outcomes.labels(outcome).inc()
        self._seconds.observe(seconds)
