"""What a look at the metrics tells of the provider's notifications."""

from prometheus_client import CollectorRegistry

from services.payment.domain.report import Effect
from services.payment.handlers.notification_metrics import NotificationMeter


def test_notifications_are_counted_by_what_became_of_them_and_timed() -> None:
    meter, registry = NotificationMeter(), CollectorRegistry()
    registry.register(meter)

    for outcome in (Effect.AUTHORIZED, Effect.AUTHORIZED, "FORGED"):
        meter.record(outcome, 0.004)

    seen = {
        outcome: registry.get_sample_value("payment_notifications_total", {"outcome": outcome})
        for outcome in ("AUTHORIZED", "FORGED", "CAPTURED")
    }
    assert seen == {"AUTHORIZED": 2, "FORGED": 1, "CAPTURED": None}
    assert registry.get_sample_value("payment_notification_duration_seconds_count") == 3
    assert registry.get_sample_value(
        "payment_notification_duration_seconds_bucket", {"le": "0.005"}
    ) == 3  # fmt: skip
