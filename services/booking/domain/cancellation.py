"""The cancellation of a whole order: who asked for it, until when, and what may stand against it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CancelCause(StrEnum):
    """By whom an order was cancelled."""

    BUYER = "BUYER"
    BOX_OFFICE = "BOX_OFFICE"  # By staff, for a buyer who came with tickets and a signed form.
    CINEMA = "CINEMA"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One for each order, ever, and none beside a remedy unless that is what cancels it.

    `caused_by_cinema`: what expired meanwhile is usable again for a grace period.
    """

    cause: CancelCause
    cancelled_at: datetime
    caused_by_cinema: bool = False
    form_reference: str = ""
