"""What the emulator knows about one order: the whole of it is one row of the record."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypedDict

from deploy.payu_emulator.clock import timestamp

max_history_entries_per_order = 500


class Status(StrEnum):
    """The provider's order statuses; CANCELED is spelled its way."""

    NEW = "NEW"
    PENDING = "PENDING"
    WAITING_FOR_CONFIRMATION = "WAITING_FOR_CONFIRMATION"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


UNPAID = frozenset({Status.NEW, Status.PENDING})
FINAL = frozenset({Status.COMPLETED, Status.CANCELED})


class HistoryEntry(TypedDict):
    """Something that happened to the order, in the order it happened."""

    at: str
    event: str
    detail: dict[str, Any]


class Transaction(TypedDict):
    """One attempt of the payer to pay; the card's number is never kept, only its mask."""

    at: float
    card_number_masked: str
    card_response_code: str
    result_code: str | None


class Refund(TypedDict):
    """Money on its way back; `amount` in minor units, instants in seconds since the epoch."""

    refund_id: str
    ext_refund_id: str | None
    amount: int
    description: str
    status: Literal["PENDING", "FINALIZED", "CANCELED"]
    created_at: float
    changed_at: float
    settles_at: float
    fails_with: str | None


class Notification(TypedDict):
    """A message that the shop is owed until it answers 200.

    A `loose` one neither waits for others nor makes them wait: it was scripted to come late.
    """

    number: int
    kind: Literal["order", "refund"]
    status: str
    refund_id: str | None
    at: float
    next_at: float
    attempts: int
    state: Literal["pending", "delivered", "dropped", "given_up"]
    last_answer: str
    copies_left: int
    loose: bool
    after_next: bool
    fields: dict[str, Any]


@dataclass
class Order:
    """An order with its money in minor units of `currency`."""

    order_id: str
    pos_id: str
    ext_order_id: str | None
    currency: str
    total: int
    request: dict[str, Any]
    page_token: str
    payment_id: str
    created_at: float
    expires_at: float
    status: Status = Status.NEW
    changed_at: float = 0.0
    authorized: int = 0
    captured: int = 0
    cancel_requested: bool = False
    authorization_ends_at: float | None = None
    auto_pay_at: float | None = None
    refunds: list[Refund] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(refund["amount"] for refund in self.refunds if refund["status"] == "FINALIZED")

    @property
    def refund_pending(self) -> int:
        return sum(refund["amount"] for refund in self.refunds if refund["status"] == "PENDING")

    @property
    def is_live(self) -> bool:
        """Whether something can still happen by itself, so that it must stay in memory."""
        return (
            self.status not in FINAL
            or any(notice["state"] == "pending" for notice in self.notifications)
            or any(refund["status"] == "PENDING" for refund in self.refunds)
        )

    def note(self, at: float, event: str, **detail: Any) -> None:
        """Add to the history; beyond the limit the money fields still tell the truth."""
        if len(self.history) < max_history_entries_per_order:
            self.history.append({"at": timestamp(at), "event": event, "detail": detail})

    def to_json(self) -> str:
        return json.dumps(self.__dict__, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, document: str) -> "Order":
        fields = json.loads(document)
        fields["status"] = Status(fields["status"])
        return cls(**fields)
