"""What was decided about an authorised payment: once for each attempt, for ever."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why an authorised attempt is refused."""

    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    ABANDONED = "ABANDONED"
    ALREADY_PAID = "ALREADY_PAID"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    SCREENING_CHANGED = "SCREENING_CHANGED"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one attempt, for ever. `refusal` is None for a grant."""

    attempt: int
    refusal: Refusal | None = None

    @property
    def granted(self) -> bool:
        return self.refusal is None


class Way(StrEnum):
    """How the seats of a payment that may be granted become the buyer's."""

    SELL = "SELL"  # In time: they are still held.
    RETAKE = "RETAKE"  # Late: each of them must be taken again.
