"""A screening goes to another hall: which orders keep their seats, get others, or have none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain.moved_order import MovedTo, SeatPlace
from services.booking.domain.order_lines import OrderLine
from services.booking.domain.seat_layout import Seat
from services.booking.domain.seat_moving import MovedSeats, Party, move_seats
from services.booking.domain.seats import SeatPlan
from services.common.money import Money

# What a ticket of a type costs in an area.
Prices = Mapping[tuple[str, str], Money]


@dataclass(frozen=True, slots=True)
class SeatedOrder:
    """An order with seats in the hall that is left; `seats` are where each line's seat is by now.

    `is_inside`: somebody was admitted with it. Not `is_paid`: it may yet be.
    """

    id: UUID
    number: str
    hold_id: UUID
    lines: tuple[OrderLine, ...]
    seats: Mapping[str, str]
    created_at: datetime
    expires_at: datetime
    is_paid: bool
    is_inside: bool

    @property
    def rank(self) -> tuple[bool, bool, datetime, UUID]:
        """Order those who must be seated: first who is inside, then who has paid, then by time."""
        return not self.is_inside, not self.is_paid, self.created_at, self.id


@dataclass(frozen=True, slots=True)
class Hall:
    """Where a screening goes to."""

    id: str
    name: str
    plan: SeatPlan
    blocked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HallMove:
    """What becomes of the orders, by the rank that they were seated in."""

    hall: Hall
    orders: Sequence[SeatedOrder]
    seats: MovedSeats

    def moved(self, order: SeatedOrder) -> MovedTo:
        """Tell where an order's seats are now."""
        new = self.new_seats(order)
        places = {sold: SeatPlace(new[now].id, new[now].row_name, new[now].number)
                  for sold, now in order.seats.items() if now in new}  # fmt: skip
        return MovedTo(self.hall.id, self.hall.name, places)

    def new_seats(self, order: SeatedOrder) -> Mapping[str, Seat]:
        """Give an order's new seats by those that it had until now; none when it is unseated."""
        return self.seats.seats.get(order.id, {})

    @property
    def unseated(self) -> list[SeatedOrder]:
        return [order for order in self.orders if order.id not in self.seats.seats]

    @property
    def same_seats(self) -> list[SeatedOrder]:
        return [each for each in self._seated if self.seats.keeps(each.id)]

    @property
    def other_seats(self) -> list[SeatedOrder]:
        return [each for each in self._seated if not self.seats.keeps(each.id)]

    @property
    def _seated(self) -> list[SeatedOrder]:
        return [order for order in self.orders if order.id in self.seats.seats]


def plan_move(old: SeatPlan, hall: Hall, orders: Iterable[SeatedOrder], prices: Prices) -> HallMove:
    """Seat all orders in the new hall; `prices` are what its areas cost."""
    ranked = sorted(orders, key=lambda order: order.rank)
    areas = {seat.area for seat in hall.plan.ordered}
    parties = [
        Party(
            order.id,
            {order.seats[line.seat_id]: _good_areas(line, areas, prices) for line in order.lines},
        )
        for order in ranked
    ]
    return HallMove(hall, ranked, move_seats(old, hall.plan, parties, hall.blocked))


def _good_areas(line: OrderLine, areas: Iterable[str], prices: Prices) -> frozenset[str]:
    """Say which areas are no worse than the one that was paid: its own, and what costs as much.

    By today's prices; where the area is not priced any more, by what it cost.
    """
    own = prices.get((line.ticket_type, line.area), line.regular_price or line.price)
    as_dear = {
        area
        for area in areas
        if (price := prices.get((line.ticket_type, area))) is not None and price >= own
    }
    return frozenset({line.area, *as_dear})
