"""The purchase of a card: opened, granted, paid; or ended; or given back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.purchase_errors import (
    PurchaseNotPaidError,
    WithdrawalPeriodOverError,
)

ATTEMPT = 1


class PurchaseState(StrEnum):
    """Where a purchase is in its life."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    GRANTED = "GRANTED"
    PAID = "PAID"
    ENDED = "ENDED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"


class Refusal(StrEnum):
    """Why an authorised payment is refused: names of payment's contract."""

    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    ABANDONED = "ABANDONED"
    WRONG_AMOUNT = "WRONG_AMOUNT"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who pays, as the payment and the e-mail need it."""

    first_name: str
    last_name: str
    email: str
    language: str
    ip_address: str


@dataclass(slots=True)
class Purchase:
    """One card for one account. `read_at` is the database's clock when it was read or locked."""

    id: UUID
    account_id: UUID
    product_code: str
    product_version: int
    price: Money
    state: PurchaseState
    return_url: str
    expires_at: datetime
    read_at: datetime
    buyer: Buyer | None = None
    redirect_url: str = ""
    refusal: Refusal | None = None
    card_id: UUID | None = None
    paid_at: datetime | None = None

    def open(self, redirect_url: str) -> None:
        """Note where to pay; whatever happened meanwhile stays."""
        if self.state is PurchaseState.PENDING:
            self.state = PurchaseState.OPEN
            self.redirect_url = redirect_url

    def decide(self, amount: Money) -> Refusal | None:
        """Grant or refuse an authorised payment: the same answer for ever. None is a grant."""
        match self.state:
            case PurchaseState.PENDING | PurchaseState.OPEN:
                if amount != self.price:
                    self._end(Refusal.WRONG_AMOUNT)
                elif self.read_at >= self.expires_at:
                    self._end(Refusal.HOLD_EXPIRED)
                else:
                    self.state = PurchaseState.GRANTED
                    self.redirect_url = ""
            case (
                PurchaseState.GRANTED
                | PurchaseState.PAID
                | PurchaseState.RETURNING
                | PurchaseState.RETURNED
                | PurchaseState.ENDED
            ):
                pass
            case _:
                assert_never(self.state)
        return self.refusal

    def end(self, refusal: Refusal) -> bool:
        """End it without money, unless it is granted. Tells whether it ended now."""
        match self.state:
            case PurchaseState.PENDING | PurchaseState.OPEN:
                self._end(refusal)
                return True
            case (
                PurchaseState.GRANTED
                | PurchaseState.PAID
                | PurchaseState.ENDED
                | PurchaseState.RETURNING
                | PurchaseState.RETURNED
            ):
                return False
            case _:
                assert_never(self.state)

    def pay(self, amount: Money, card_id: UUID) -> bool:
        """Note that the money is taken. Tells whether the card is to be issued now."""
        if self.state is not PurchaseState.GRANTED or amount != self.price:
            return False
        self.state = PurchaseState.PAID
        self.card_id = card_id
        self.paid_at = self.read_at
        return True

    def withdraw_until(self, period: timedelta) -> datetime | None:
        return None if self.paid_at is None else self.paid_at + period

    def give_back(self, period: timedelta) -> bool:
        """Take the card back. Tells whether that happens now; raises when it is too late."""
        match self.state:
            case PurchaseState.RETURNING | PurchaseState.RETURNED:
                return False
            case PurchaseState.PAID:
                until = self.withdraw_until(period)
                if until is None or self.read_at >= until:
                    raise WithdrawalPeriodOverError(self.id)
                self.state = PurchaseState.RETURNING
                return True
            case (
                PurchaseState.PENDING
                | PurchaseState.OPEN
                | PurchaseState.GRANTED
                | PurchaseState.ENDED
            ):
                raise PurchaseNotPaidError(self.id, self.state)
            case _:
                assert_never(self.state)

    def refunded(self) -> None:
        """Note that the money is back."""
        if self.state is PurchaseState.RETURNING:
            self.state = PurchaseState.RETURNED

    def _end(self, refusal: Refusal) -> None:
        self.state = PurchaseState.ENDED
        self.refusal = refusal
        self.redirect_url = ""
