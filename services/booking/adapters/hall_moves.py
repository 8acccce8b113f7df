"""Moves the seats of a screening to another hall's plan: all of them, in one transaction."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters import hall_move_sql as sql
from services.booking.adapters.boards import SeatBoardStore
from services.booking.adapters.order_rows import lines_of, moved_of, moved_text
from services.booking.adapters.order_saving import Runner
from services.booking.adapters.order_transactions import OrderTransaction
from services.booking.adapters.plan_blocks import BLOCKED_BY_STAFF, write_blocks
from services.booking.adapters.screening_changes import ScreeningChangeRows
from services.booking.adapters.screening_jobs import begin_job
from services.booking.domain.hall_move import HallMove, SeatedOrder
from services.booking.domain.screening_job import JobKind
from services.booking.domain.seat_layout import Seat
from services.booking.domain.seats import SeatPlan, SeatState, with_states
from services.booking.use_cases.move_ports import MovingBoard
from services.common.db.database import Database
from services.common.db.transaction import Transaction


@dataclass(frozen=True, slots=True)
class SeatedRows:
    """The port `Seated`, on a transaction or on the database."""

    runner: Runner

    async def seat_plan_id(self, screening_id: UUID) -> UUID | None:
        row = await self.runner.fetchrow(sql.PLAN, screening_id)
        return None if row is None else row["seat_plan_id"]

    async def orders(self, screening_id: UUID) -> Sequence[SeatedOrder]:
        return [_order(row) for row in await self.runner.fetch(sql.ORDERS, screening_id)]

    async def blocked_by_staff(self, screening_id: UUID) -> Sequence[str]:
        rows = await self.runner.fetch(BLOCKED_BY_STAFF, screening_id)
        return [row["seat_id"] for row in rows]

    async def count_holds(self, screening_id: UUID) -> int:
        row = await self.runner.fetchrow(sql.COUNT_HOLDS, screening_id)
        return 0 if row is None else row["holds"]


@dataclass(slots=True)
class HallMoveTransaction:
    """The port `MoveTx`."""

    inner: Transaction
    _board: SeatBoardStore = field(init=False)
    _released: int = 0
    _blocked: Sequence[int] = ()

    def __post_init__(self) -> None:
        self._board = SeatBoardStore(self.inner.driver, self.inner.changed)

    @property
    def seated(self) -> SeatedRows:
        return SeatedRows(self.inner.driver)

    async def lock(self, screening_id: UUID) -> MovingBoard:
        lock = await self._board.lock(screening_id)
        plan_id = await self.seated.seat_plan_id(screening_id)
        return MovingBoard(lock.now, lock.is_moving, plan_id)

    async def has_completing(self, screening_id: UUID) -> bool:
        return bool(await self.inner.driver.fetchval(sql.HAS_COMPLETING, screening_id))

    async def block(self, screening_id: UUID, plan: SeatPlan) -> frozenset[int]:
        self._released = len(await self.inner.driver.fetch(sql.RELEASE_HOLDS, screening_id))
        await self.inner.driver.execute(sql.DROP_CLAIMS, screening_id)
        self._blocked = await write_blocks(self.inner.driver, screening_id, plan)
        return frozenset(self._blocked)

    async def store(
        self, screening_id: UUID, version: int, move: HallMove, board: MovingBoard
    ) -> None:
        await self._claim(screening_id, move)
        await self._move_holds(screening_id, move)
        await self._move_tickets(screening_id, move)
        await self._move_orders(screening_id, move)
        await self._write_board(screening_id, move)
        await self.inner.driver.execute(
            sql.RECORD,
            screening_id,
            version,
            board.seat_plan_id,
            move.hall.plan.id,
            move.hall.id,
            move.hall.name,
            board.now,
            len(move.same_seats),
            len(move.other_seats),
            [order.number for order in move.unseated],
            self._released,
        )
        await begin_job(self.inner, screening_id, JobKind.MOVE, version)

    async def commit(self) -> None:
        await self.inner.commit()

    async def _claim(self, screening_id: UUID, move: HallMove) -> None:
        claims = [
            (
                seat.id,
                seat.index,
                order.hold_id,
                order.id if order.is_paid else None,
                None if order.is_paid else order.expires_at,
            )
            for order in move.orders
            for seat in move.new_seats(order).values()
        ]
        await self.inner.driver.execute(sql.CLAIM, screening_id, *_columns(claims, 5))

    async def _move_holds(self, screening_id: UUID, move: HallMove) -> None:
        """Let the holds of orders that are being paid hold the new seats."""
        new = {order.hold_id: move.new_seats(order) for order in move.orders if not order.is_paid}
        rows = await self.inner.driver.fetch(sql.HOLDS, screening_id, list(new))
        holds = [(row["id"], _moved_seats(row["seats"], new[row["id"]])) for row in rows]
        await self.inner.driver.execute(sql.MOVE_HOLDS, screening_id, *_columns(holds, 2))

    async def _move_tickets(self, screening_id: UUID, move: HallMove) -> None:
        """No ticket keeps a seat that is another's now, not even for the time between two rows."""
        seats = [
            (order.id, was, new.id, new.row_name, new.number)
            for order in move.orders
            for was, new in move.new_seats(order).items()
        ]
        await self.inner.driver.execute(sql.LIFT_TICKETS, screening_id)
        await self.inner.driver.execute(sql.SEAT_TICKETS, screening_id, *_columns(seats, 5))

    async def _move_orders(self, screening_id: UUID, move: HallMove) -> None:
        orders = [
            (order.id, moved_text(move.moved(order)), _entry(order, move)) for order in move.orders
        ]
        await self.inner.driver.execute(sql.MOVE_ORDERS, screening_id, *_columns(orders, 3))
        for order in move.orders:
            self.inner.changed(order.id)

    async def _write_board(self, screening_id: UUID, move: HallMove) -> None:
        states = move.hall.plan.states_before_sales()
        states = with_states(states, self._blocked, SeatState.BLOCKED)
        for order in move.orders:
            indexes = [seat.index for seat in move.new_seats(order).values()]
            states = with_states(
                states, indexes, SeatState.SOLD if order.is_paid else SeatState.HELD
            )
        await self.inner.driver.execute(sql.WRITE_BOARD, screening_id, move.hall.plan.id, states)
        self.inner.changed(screening_id)


@dataclass(frozen=True, slots=True)
class HallMoveTransactions:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[HallMoveTransaction]:
        async with self.database.transaction() as inner:
            yield HallMoveTransaction(inner)


@dataclass(slots=True)
class UnseatedOrders:
    """The port `UnseatedTx`, on the transaction of a job."""

    inner: Transaction
    orders: OrderTransaction = field(init=False)

    def __post_init__(self) -> None:
        self.orders = OrderTransaction(self.inner)

    async def changed_at(self, screening_id: UUID, version: int) -> datetime | None:
        changes = await ScreeningChangeRows(self.inner.driver).of(screening_id)
        return next((each.changed_at for each in changes if each.version == version), None)

    async def unseated(self, screening_id: UUID, order_ids: Sequence[UUID]) -> Sequence[UUID]:
        rows = await self.inner.driver.fetch(sql.UNSEATED, screening_id, list(order_ids))
        return [row["id"] for row in rows]

    async def resume_sales(self, screening_id: UUID) -> None:
        await self.inner.driver.execute(sql.RESUME_SALES, screening_id)
        self.inner.changed(screening_id)


@dataclass(frozen=True, slots=True)
class MovingBoards:
    """The port `MovingScreenings`."""

    database: Database

    async def __call__(self, limit: int) -> Sequence[UUID]:
        rows = await self.database.fetch(sql.MOVING, limit)
        return [row["screening_id"] for row in rows]


def _order(row: Record) -> SeatedOrder:
    lines = lines_of(row["lines"], row["currency"])
    moved = moved_of(json.loads(row["moved"])) if row["moved"] else None
    by_now = {} if moved is None else {was: place.seat_id for was, place in moved.seats.items()}
    return SeatedOrder(
        id=row["id"],
        number=row["number"],
        hold_id=row["hold_id"],
        lines=lines,
        seats={line.seat_id: by_now.get(line.seat_id, line.seat_id) for line in lines},
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        is_paid=row["is_paid"],
        is_inside=row["is_inside"],
    )


def _moved_seats(entries: Sequence[dict[str, Any]], new: Mapping[str, Seat]) -> str:
    moved = []
    for entry in entries:
        seat = new.get(entry["seat_id"])
        if seat is not None:
            place = {"seat_id": seat.id, "index": seat.index, "row": seat.row_name}
            moved.append(entry | place | {"number": seat.number})
        else:
            moved.append(entry)
    return json.dumps(moved)


def _entry(order: SeatedOrder, move: HallMove) -> str:
    """Write what the order's timeline gets, as moves of orders do."""
    new = move.new_seats(order)
    if not new:
        return json.dumps([("SEATS_LOST", move.hall.name)])
    seats = ", ".join(f"{was} > {seat.id}" for was, seat in new.items())
    return json.dumps([("SEATS_MOVED", f"{move.hall.name}: {seats}")])


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    """Turn rows into the arrays that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]
