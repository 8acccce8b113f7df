"""A contradiction by name, and what can be done about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.common.money import Money
from services.payment.domain.events import Cause


class Repair(StrEnum):
    """What can be done; UNDER_WAY means that it ends by itself."""

    UNDER_WAY = "UNDER_WAY"
    TRY_NOW = "TRY_NOW"
    PAID_BY_HAND = "PAID_BY_HAND"
    DISMISS = "DISMISS"


_ADVICE: Final = {
    Cause.CAPTURE_LOST: "Nothing was taken. The purchase ends by itself and its seats come free:"
    " see that it did, then dismiss this.",
    Cause.LIST_DIFFERS: "Compare the order with the provider's panel, then dismiss this.",
}


@dataclass(frozen=True, slots=True)
class ExceptionCase:
    """One contradiction. `refund_id` is the refund it waits for, while that is not completed.

    `is_being_cancelled`: its order at the provider is open and is cancelled until certain.
    """

    id: UUID
    cause: Cause
    reference_id: UUID | None
    attempt: int | None
    pos_id: str
    provider_order_id: str
    ext_order_id: str
    reported: Money | None
    open_time: datetime
    resolve_time: datetime | None
    resolved_by: str | None
    resolve_reason: str | None
    refund_id: UUID | None
    is_being_cancelled: bool

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What can be done, the proposed one first."""
        if self.resolve_time is not None:
            return ()
        if self.refund_id is not None:
            return (Repair.UNDER_WAY, Repair.TRY_NOW, Repair.PAID_BY_HAND)
        if self.is_being_cancelled:
            return (Repair.UNDER_WAY, Repair.TRY_NOW)
        return (Repair.DISMISS,)

    @property
    def advice(self) -> str:
        """What that means, for a person."""
        if self.resolve_time is not None:
            return ""
        if self.refund_id is not None:
            return "The money is on its way back; look at the refund for what is in the way."
        if self.is_being_cancelled:
            return "The order is being cancelled at the provider."
        return _ADVICE.get(self.cause, "Look the order up at the provider, then dismiss this.")
