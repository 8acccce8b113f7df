"""Reservations of places: in one transaction, and those that wait for a decision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Record

from services.common.db.database import Database
from services.common.money import Money
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import (
    Reservation,
    ReservedSeat,
    Subject,
)
from services.wallet.domain.voucher import VoucherReservation, VoucherSubject

if TYPE_CHECKING:
    from asyncpg import Connection

# The key's row comes first, and then the card's: in this order in one round trip.
_CLAIM = """
WITH claim AS (
    INSERT INTO reservation (
        order_id, leg, attempt, account_id, card_id, screening_id, seats, state, ask_time)
    VALUES ($1, $2, $3, $4, $5, $6, '[]', 'RESERVED', app_clock() + $7)
    ON CONFLICT DO NOTHING RETURNING card_id
)
SELECT locked.id FROM claim LEFT JOIN LATERAL (
    SELECT id FROM card WHERE id = claim.card_id FOR NO KEY UPDATE
) locked ON true"""
_CLAIM_VALUE = """
INSERT INTO reservation (
    order_id, leg, attempt, account_id, voucher_id, screening_id, seats, state, ask_time, currency,
    amount, taken)
VALUES ($1, $2, $3, $4, $5, $6, '[]', 'RESERVED', app_clock() + $7, $8, $9, 0)
ON CONFLICT DO NOTHING RETURNING order_id"""
_BURY = """
INSERT INTO reservation (order_id, leg, attempt, seats, state)
VALUES ($1, $2, $3, '[]', 'RELEASED')
ON CONFLICT DO NOTHING RETURNING order_id"""
_LOCK = """
SELECT order_id, leg, attempt, account_id, card_id, screening_id, seats::text, state, voucher_id,
    currency, amount, taken
FROM reservation
WHERE order_id = $1 AND leg = $2 AND attempt = $3
FOR UPDATE"""
_SET_TAKEN = """
UPDATE reservation SET taken = $4 WHERE order_id = $1 AND leg = $2 AND attempt = $3"""
_SAVE_STATE = """
UPDATE reservation
SET state = $4, change_time = clock_timestamp(), ask_time = NULL
WHERE order_id = $1 AND leg = $2 AND attempt = $3"""

_DUE = "FROM reservation WHERE state = 'RESERVED' AND ask_time <= (SELECT app_clock())"
RESERVATIONS_ARE_DUE = f"(SELECT true {_DUE} ORDER BY ask_time LIMIT 1)"
_TAKE_DUE = f"""
UPDATE reservation r SET ask_time = app_clock() + $2
FROM (
    SELECT order_id, leg, attempt {_DUE}
    ORDER BY ask_time LIMIT $1 FOR UPDATE SKIP LOCKED
) due
WHERE r.order_id = due.order_id AND r.leg = due.leg AND r.attempt = due.attempt
RETURNING r.order_id, r.leg, r.attempt"""  # noqa: S608 - a constant of ours
_ASK_AFTER = """
UPDATE reservation SET ask_time = app_clock() + $4
WHERE order_id = $1 AND leg = $2 AND attempt = $3 AND state = 'RESERVED'"""


@dataclass(frozen=True, slots=True)
class Reservations:
    """The port `ReservationStore`."""

    driver: "Connection[Any]"

    async def claim(
        self, key: LegKey, subject: Subject | VoucherSubject, ask_after: timedelta
    ) -> bool:
        account_id, screening_id = subject.account_id, subject.screening_id
        if isinstance(subject, Subject):
            row = await self.driver.fetchrow(
                _CLAIM, *key, account_id, subject.card_id, screening_id, ask_after
            )
            return row is not None
        amount = subject.amount
        row = await self.driver.fetchrow(
            _CLAIM_VALUE,
            *key,
            account_id,
            subject.voucher_id,
            screening_id,
            ask_after,
            amount.currency,
            amount.minor_units,
        )
        return row is not None

    async def bury(self, key: LegKey) -> bool:
        return await self.driver.fetchrow(_BURY, *key) is not None

    async def lock(self, key: LegKey) -> Reservation | VoucherReservation | None:
        row = await self.driver.fetchrow(_LOCK, *key)
        return None if row is None else _reservation_of(row)

    async def set_taken(self, key: LegKey, taken: Money) -> None:
        await self.driver.execute(_SET_TAKEN, *key, taken.minor_units)

    async def save_state(self, reservation: Reservation | VoucherReservation) -> None:
        await self.driver.execute(_SAVE_STATE, *reservation.key, reservation.state)


@dataclass(frozen=True, slots=True)
class UndecidedReservations:
    """The port `OpenReservations`."""

    database: Database

    async def take_due(self, limit: int, ask_again_after: timedelta) -> Sequence[LegKey]:
        rows = await self.database.fetch(_TAKE_DUE, limit, ask_again_after)
        return [_key_of(row) for row in rows]

    async def ask_after(self, key: LegKey, wait: timedelta) -> None:
        await self.database.execute(_ASK_AFTER, *key, wait)


def _key_of(row: Record) -> LegKey:
    return LegKey(row["order_id"], row["leg"], row["attempt"])


def _reservation_of(row: Record) -> Reservation | VoucherReservation:
    if row["voucher_id"] is not None:
        return _value_of(row)
    seats = [_seat_of(values) for values in json.loads(row["seats"])]
    subject = None
    if row["card_id"] is not None:
        seat_ids = frozenset(seat.seat_id for seat in seats)
        subject = Subject(row["account_id"], row["card_id"], row["screening_id"], seat_ids)
    return Reservation(_key_of(row), subject, seats, ReservationState(row["state"]))


def _value_of(row: Record) -> VoucherReservation:
    subject = VoucherSubject(
        row["account_id"],
        row["voucher_id"],
        row["screening_id"],
        Money(row["currency"], row["amount"]),
    )
    taken = Money(row["currency"], row["taken"])
    return VoucherReservation(_key_of(row), subject, taken, ReservationState(row["state"]))


def seats_json(seats: Sequence[ReservedSeat]) -> str:
    """Write the seats as the reservation keeps them."""
    return json.dumps([_seat_row(seat) for seat in seats])


def _seat_row(seat: ReservedSeat) -> list[Any]:
    due = seat.supplement_due
    money = None if due is None else [due.currency, due.minor_units]
    return [seat.seat_id, str(seat.lot_id), money]


def _seat_of(values: list[Any]) -> ReservedSeat:
    seat_id, lot_id, money = values
    return ReservedSeat(seat_id, UUID(lot_id), None if money is None else Money(*money))
