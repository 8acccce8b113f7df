"""Loyalty points: pending, then in lots with their own expiry, and a debt when they are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.errors import InsufficientPointsError

MINOR_UNITS_PER_RATE = 1_000


class PointKind(StrEnum):
    """Why points changed."""

    EARN = "EARN"
    POST = "POST"
    VOID = "VOID"
    REDEEM = "REDEEM"
    EXPIRE = "EXPIRE"
    CREDIT = "CREDIT"
    DEBIT = "DEBIT"
    TAKE_BACK = "TAKE_BACK"


class LotState(StrEnum):
    """Where the points of an order are in their life."""

    PENDING = "PENDING"
    POSTED = "POSTED"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class PointEntry:
    """What one step moved. Entries are only ever added."""

    kind: PointKind
    pending: int = 0
    balance: int = 0
    debt: int = 0
    lot_id: UUID | None = None
    order_id: UUID | None = None
    card_id: UUID | None = None


@dataclass(slots=True)
class PointLot:
    """Points that came together; `points_left` of them can still be redeemed."""

    id: UUID
    state: LotState
    points: int
    points_left: int
    order_id: UUID | None = None
    last_date: date | None = None
    post_time: datetime | None = None

    def is_good_on(self, day: date) -> bool:
        return (
            self.state is LotState.POSTED
            and self.points_left > 0
            and self.last_date is not None
            and day <= self.last_date
        )


class PointsPolicy(NamedTuple):
    """The chain's rate and how long points last."""

    points_per_1000_minor_units: int
    valid_days: int


@dataclass(slots=True)
class PointAccount:
    """The points of an account under its lock; `lots` are those that are pending or have some left.

    Moved by its methods alone; `entries` is what the moves leave behind.
    """

    account_id: UUID
    pending: int
    balance: int
    debt: int
    lots: list[PointLot]
    today: date
    now: datetime
    entries: list[PointEntry]
    # Names these points where the account must not be named.
    ledger_id: UUID | None = None

    def earn(self, lot_id: UUID, order_id: UUID, points: int, post_time: datetime) -> None:
        """Note an order's points, once; they cannot be redeemed before they are posted."""
        if any(lot.order_id == order_id for lot in self.lots):
            return
        self.lots.append(
            PointLot(lot_id, LotState.PENDING, points, 0, order_id, post_time=post_time)
        )
        self._note(PointEntry(PointKind.EARN, pending=points, lot_id=lot_id, order_id=order_id))

    def post_due(self, valid_days: int) -> None:
        """Let points of orders that can no longer be cancelled be redeemed; debts are paid first."""
        for lot in self.lots:
            is_due = lot.post_time is not None and lot.post_time < self.now
            if lot.state is LotState.PENDING and is_due:
                self._fill(lot, PointKind.POST, pending=-lot.points, valid_days=valid_days)

    def credit(self, lot_id: UUID, points: int, valid_days: int) -> None:
        """Give points by hand; a debt is paid first."""
        lot = PointLot(lot_id, LotState.PENDING, points, 0)
        self.lots.append(lot)
        self._fill(lot, PointKind.CREDIT, pending=0, valid_days=valid_days)

    def give_back(self, order_id: UUID) -> None:
        """Undo an order's points: void what is pending, take back what was posted.

        Its own lot pays first, then those that expire soonest; what is missing is a debt.
        """
        lot = next((lot for lot in self.lots if lot.order_id == order_id), None)
        if lot is None or lot.state is LotState.VOID:
            return
        if lot.state is LotState.PENDING:
            lot.state = LotState.VOID
            self._note(PointEntry(PointKind.VOID, pending=-lot.points, order_id=order_id))
            return
        missing = lot.points
        for paying in (lot, *with_points(self.lots, self.today)):
            taken = min(missing, paying.points_left)
            missing -= taken
            paying.points_left -= taken
        lot.state = LotState.VOID
        taken_back = missing - lot.points
        self._note(
            PointEntry(PointKind.TAKE_BACK, balance=taken_back, debt=missing, order_id=order_id)
        )

    def spend(self, points: int, kind: PointKind, card_id: UUID | None = None) -> None:
        """Take points, those that expire soonest first; raises INSUFFICIENT_POINTS."""
        lots = with_points(self.lots, self.today)
        available = sum(lot.points_left for lot in lots)
        if available < points:
            raise InsufficientPointsError(points, available)
        missing = points
        for lot in lots:
            taken = min(missing, lot.points_left)
            missing -= taken
            lot.points_left -= taken
        self._note(PointEntry(kind, balance=-points, card_id=card_id))

    def expire(self) -> None:
        """Take what was not redeemed in time."""
        over = [
            lot
            for lot in self.lots
            if lot.points_left and lot.last_date and lot.last_date < self.today
        ]
        points = sum(lot.points_left for lot in over)
        for lot in over:
            lot.points_left = 0
        if points:
            self._note(PointEntry(PointKind.EXPIRE, balance=-points))

    def _fill(self, lot: PointLot, kind: PointKind, *, pending: int, valid_days: int) -> None:
        paid = min(self.debt, lot.points)
        lot.state = LotState.POSTED
        lot.points_left = lot.points - paid
        lot.last_date = self.today + timedelta(days=valid_days)
        self._note(
            PointEntry(
                kind,
                pending=pending,
                balance=lot.points_left,
                debt=-paid,
                lot_id=lot.id,
                order_id=lot.order_id,
            )
        )

    def _note(self, entry: PointEntry) -> None:
        self.entries.append(entry)
        self.pending += entry.pending
        self.balance += entry.balance
        self.debt += entry.debt


def points_for(money_paid: Money, policy: PointsPolicy) -> int:
    """Say how many points an order brings by what was paid in money."""
    return money_paid.minor_units * policy.points_per_1000_minor_units // MINOR_UNITS_PER_RATE


def with_points(lots: Iterable[PointLot], today: date) -> list[PointLot]:
    """List the lots that can be redeemed, soonest expiry first."""
    good = [lot for lot in lots if lot.is_good_on(today)]
    return sorted(good, key=lambda lot: (lot.last_date or date.max, lot.id))
