"""A leg: the part of an order that another service carries out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.common.money import Money

MAX_PAYMENT_ATTEMPTS = 20
MAX_ERROR_CHARACTERS = 200


class LegKind(StrEnum):
    """Who carries it out: the wallet, or payment."""

    PLACES = "PLACES"
    VOUCHER = "VOUCHER"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"  # Money on its way back; only once an order is given back.
    TILL = "TILL"  # Money that staff took at a till, by its receipt.


WALLET_KINDS = frozenset({LegKind.PLACES, LegKind.VOUCHER})


class LegState(StrEnum):
    """Where a leg is in its life."""

    PENDING = "PENDING"  # Not begun, or begun and not answered yet.
    OPEN = "OPEN"  # Places are reserved; the customer can pay.
    COMMITTED = "COMMITTED"  # To be captured; of a refund: payment has taken it over.
    DONE = "DONE"  # Captured; of a refund: the money is back.
    FAILED = "FAILED"  # Declined; another attempt may be made, of a refund payment makes it.
    UNDOING = "UNDOING"  # To be released, cancelled or given back.
    UNDONE = "UNDONE"  # Released, cancelled or given back.


# What a refund moves to: it begins as PENDING, and nothing takes it back.
_OF_REFUNDS = frozenset({LegState.COMMITTED, LegState.FAILED, LegState.DONE})


class TillTender(StrEnum):
    """How a till was paid."""

    CASH = "CASH"
    TERMINAL = "TERMINAL"


@dataclass(frozen=True, slots=True)
class TillReceipt:
    """What a till took money with, and the number of its receipt."""

    tender: TillTender
    number: str


class LegMoveError(RuntimeError):
    """A move that a leg cannot make: a bug, never the customer's fault."""


@dataclass(slots=True)
class OrderLeg:
    """One leg. `amount` is a payment's or a voucher's; `card_id` and `seat_ids` are a card's.

    `holder_checked`: the card is a person's own, and the door looks at who comes.
    `retries` counts fruitless tries of the present step; `last_error` is a reason, no prose.
    """

    name: str
    kind: LegKind
    state: LegState
    attempt: int
    amount: Money | None = None
    card_id: UUID | None = None
    seat_ids: tuple[str, ...] = ()
    retries: int = 0
    last_error: str = ""
    voucher_id: UUID | None = None
    holder_checked: bool = False
    till: TillReceipt | None = None

    def open(self) -> None:
        """Note that places are reserved, or that the provider's page is open."""
        match self.state:
            case LegState.PENDING:
                self._move(LegState.OPEN)
            case LegState.OPEN:
                return
            case (
                LegState.COMMITTED
                | LegState.DONE
                | LegState.FAILED
                | LegState.UNDOING
                | LegState.UNDONE
            ):
                raise self._forbidden(LegState.OPEN)
            case _ as never:
                assert_never(never)

    def commit(self) -> None:
        """Decide it in the buyer's favour."""
        match self.state:
            case LegState.OPEN:
                self._move(LegState.COMMITTED)
            case LegState.PENDING | LegState.UNDOING | LegState.FAILED:
                # The provider's answer was lost, the payment of an expired order came late, or a
                # notice of failure came early: payment says that it is authorised. Or payment has
                # a refund, or sends it anew.
                if self.kind in WALLET_KINDS:
                    raise self._forbidden(LegState.COMMITTED)
                self._move(LegState.COMMITTED)
            case LegState.COMMITTED:
                return
            case LegState.DONE | LegState.UNDONE:
                raise self._forbidden(LegState.COMMITTED)
            case _ as never:
                assert_never(never)

    def finish(self) -> None:
        """Note that the places are used for good, or that the money is taken."""
        match self.state:
            case LegState.COMMITTED:
                self._move(LegState.DONE)
            case LegState.DONE:
                return
            case (
                LegState.PENDING
                | LegState.OPEN
                | LegState.FAILED
                | LegState.UNDOING
                | LegState.UNDONE
            ):
                raise self._forbidden(LegState.DONE)
            case _ as never:
                assert_never(never)

    def fail(self, error: str) -> None:
        """End the attempt without money."""
        match self.state:
            case LegState.PENDING | LegState.OPEN:
                self._move(LegState.FAILED)
                self.last_error = error[:MAX_ERROR_CHARACTERS]
            case LegState.COMMITTED if self.kind is LegKind.REFUND:
                self._move(LegState.FAILED)
                self.last_error = error[:MAX_ERROR_CHARACTERS]
            case LegState.FAILED:
                return
            case LegState.COMMITTED | LegState.DONE | LegState.UNDOING | LegState.UNDONE:
                raise self._forbidden(LegState.FAILED)
            case _ as never:
                assert_never(never)

    def try_again(self) -> None:
        """Begin the next attempt after one that failed."""
        match self.state:
            case LegState.FAILED:
                self._move(LegState.PENDING)
                self.attempt += 1
            case (
                LegState.PENDING
                | LegState.OPEN
                | LegState.COMMITTED
                | LegState.DONE
                | LegState.UNDOING
                | LegState.UNDONE
            ):
                raise self._forbidden(LegState.PENDING)
            case _ as never:
                assert_never(never)

    def undo(self) -> None:
        """Release what may be reserved, cancel what may be open, give back what was used."""
        match self.state:
            case LegState.PENDING | LegState.OPEN | LegState.FAILED:
                # Nobody has to be told of what a till took for nothing.
                self._move(LegState.UNDONE if self.kind is LegKind.TILL else LegState.UNDOING)
            case LegState.DONE:
                if self.kind not in WALLET_KINDS:
                    raise self._forbidden(LegState.UNDOING)  # Money goes back by a leg of its own.
                self._move(LegState.UNDOING)
            case LegState.UNDOING | LegState.UNDONE:
                return
            case LegState.COMMITTED:
                raise self._forbidden(LegState.UNDOING)
            case _ as never:
                assert_never(never)

    def lose(self) -> None:
        """Give a granted payment up that is gone at the provider: it can only be cancelled."""
        if self.kind is not LegKind.PAYMENT or self.state is not LegState.COMMITTED:
            raise self._forbidden(LegState.UNDOING)
        self._move(LegState.UNDOING)

    def undone(self) -> None:
        """Nothing of it is left to undo."""
        match self.state:
            case LegState.UNDOING:
                self._move(LegState.UNDONE)
            case LegState.UNDONE:
                return
            case (
                LegState.PENDING
                | LegState.OPEN
                | LegState.COMMITTED
                | LegState.DONE
                | LegState.FAILED
            ):
                raise self._forbidden(LegState.UNDONE)
            case _ as never:
                assert_never(never)

    def missed(self, error: str) -> None:
        """Count a try of the present step that brought no answer."""
        self.retries += 1
        self.last_error = error[:MAX_ERROR_CHARACTERS]

    def _move(self, state: LegState) -> None:
        if self.kind is LegKind.REFUND and state not in _OF_REFUNDS:
            raise self._forbidden(state)
        self.state = state
        self.retries = 0
        self.last_error = ""

    def _forbidden(self, state: LegState) -> LegMoveError:
        return LegMoveError(f"leg {self.name} cannot go from {self.state} to {state}")
