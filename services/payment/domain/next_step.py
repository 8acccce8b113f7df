"""How long the worker leaves an attempt alone before it looks after it."""

from dataclasses import dataclass

from services.payment.domain.states import AttemptState


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds. The work itself begins at once elsewhere; these are for when that was lost."""

    opening_s: float = 12.0
    customer_s: float = 60.0
    decision_s: float = 2.0
    capture_s: float = 1.5
    cancel_s: float = 1.0

    def first_step_after_s(self, state: AttemptState) -> float | None:
        """Tell when to look at an attempt that has just come into the state."""
        match state:
            case AttemptState.OPENING:
                return self.opening_s
            case AttemptState.AWAITING_CUSTOMER:
                return self.customer_s
            case AttemptState.AUTHORIZED:
                return self.decision_s
            case AttemptState.CAPTURE_SENT:
                return self.capture_s
            case AttemptState.CANCELLING:
                return self.cancel_s
            case _:
                return None
