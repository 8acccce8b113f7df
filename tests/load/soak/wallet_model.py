"""What a wallet's card and voucher must hold by what became of their legs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.wallet.domain.leg import LegKey, ReservationState

_REALITY = """
SELECT
    (SELECT coalesce(sum(places_left), 0) FROM place_lot WHERE card_id = $1)::integer AS left,
    (SELECT coalesce(sum(places_reserved), 0) FROM place_lot WHERE card_id = $1)::integer
        AS reserved,
    (SELECT coalesce(sum(places_used), 0) FROM place_lot WHERE card_id = $1)::integer AS used,
    (SELECT coalesce(sum(left_delta), 0) FROM place_entry WHERE card_id = $1)::integer
        AS entries_left,
    (SELECT coalesce(min(least(places_left, places_reserved, places_used)), 0)
     FROM place_lot WHERE card_id = $1)::integer AS least,
    v.left_minor_units AS value_left, v.reserved_minor_units AS value_reserved,
    v.spent_minor_units AS value_spent,
    (SELECT coalesce(sum(left_delta), 0) FROM voucher_entry WHERE voucher_id = $2)::bigint
        AS value_entries_left
FROM voucher v WHERE v.id = $2"""


@dataclass
class LegModel:
    """A leg of so many places, or so much value; its state is None before anything came."""

    key: LegKey
    screening_id: UUID
    amount: int
    is_value: bool
    state: ReservationState | None = None


@dataclass(frozen=True)
class Reality:
    """What the database holds."""

    left: int
    reserved: int
    used: int
    entries_left: int
    least: int
    value_left: int
    value_reserved: int
    value_spent: int
    value_entries_left: int


async def reality_of(database: Database, card_id: UUID, voucher_id: UUID) -> Reality:
    row = await database.fetchrow(_REALITY, card_id, voucher_id)
    if row is None:
        raise LookupError(f"voucher {voucher_id} is not there")
    return Reality(**dict(row))


def violations(found: Reality, legs: Sequence[LegModel], places: int, value: int) -> list[str]:
    """Name what is not as the legs say."""

    def sum_of(state: ReservationState, *, is_value: bool) -> int:
        return sum(leg.amount for leg in legs if leg.state is state and leg.is_value == is_value)

    reserved = sum_of(ReservationState.RESERVED, is_value=False)
    used = sum_of(ReservationState.CAPTURED, is_value=False)
    value_reserved = sum_of(ReservationState.RESERVED, is_value=True)
    spent = sum_of(ReservationState.CAPTURED, is_value=True)
    wanted = {
        "places left": (found.left, places - reserved - used),
        "places reserved": (found.reserved, reserved),
        "places used": (found.used, used),
        "entries of places": (found.entries_left, found.left),
        "value left": (found.value_left, value - value_reserved - spent),
        "value reserved": (found.value_reserved, value_reserved),
        "value spent": (found.value_spent, spent),
        "entries of value": (found.value_entries_left, found.value_left),
        "the least balance below zero": (min(found.least, 0), 0),
    }
    return [
        f"{what}: {has}, not {should}" for what, (has, should) in wanted.items() if has != should
    ]
