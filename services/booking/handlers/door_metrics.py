"""What doors were told: a refusal at a door is an answer, so calls alone do not show it."""

from prometheus_client import Counter
from prometheus_client.registry import Collector

from services.booking.use_cases.judge_at_door import DoorAnswer


class DoorMeter:
    """Counts verdicts of scans and decisions by what was told, such as ALREADY_ADMITTED."""

    def __init__(self) -> None:
        self._verdicts = Counter(
            "booking_door_verdicts_total",
            "Verdicts at the doors by what was told.",
            ["verdict"],
            registry=None,
        )

    @property
    def collectors(self) -> tuple[Collector, ...]:
        return (self._verdicts,)

    def record(self, answer: DoorAnswer) -> None:
        """Count a verdict: its refusal, CHECK, or what was recorded."""
        if answer.judgement.refusal is not None:
            verdict: str = answer.judgement.refusal
        elif answer.judgement.checks:
            verdict = "CHECK"
        else:
            verdict = answer.admission.kind if answer.admission is not None else "ADMIT"
        self._verdicts.labels(verdict).inc()
