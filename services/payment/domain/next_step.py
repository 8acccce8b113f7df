"""How long the worker leaves an attempt alone before it looks after it."""

from collections.abc import Mapping
from typing import Final

from services.payment.domain.states import AttemptState

# Seconds from coming into the state; nothing is due in others. The work itself begins at once
# elsewhere: these are for when that was lost.
FIRST_STEP_AFTER_S: Final[Mapping[AttemptState, float]] = {
    AttemptState.OPENING: 12.0,
    AttemptState.AWAITING_CUSTOMER: 60.0,
    AttemptState.AUTHORIZED: 2.0,
    AttemptState.CAPTURE_SENT: 1.5,
    AttemptState.CANCELLING: 1.0,
}
