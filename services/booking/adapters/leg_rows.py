"""Legs of orders as parts of the order's row."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from services.booking.domain.order_leg import (
    LegKind,
    LegState,
    OrderLeg,
    TillReceipt,
    TillTender,
)
from services.common.copies import reader
from services.common.money import Money

# Most orders are paid in money alone, and share their few texts with many others.
MAX_CACHED_LEGS = 2_000
_values_of = reader(OrderLeg)
_Values: TypeAlias = tuple[Any, ...]


def legs_text(legs: Iterable[OrderLeg]) -> str:
    """Write legs."""
    return _text_of(tuple(map(_values_of, legs)))


def legs_of(text: str, currency: str) -> list[OrderLeg]:
    """Read legs."""
    return [OrderLeg(*values) for values in _values_in(text, currency)]


@lru_cache(maxsize=MAX_CACHED_LEGS)
def _text_of(legs: tuple[_Values, ...]) -> str:
    return json.dumps([_leg_entry(OrderLeg(*values)) for values in legs])


@lru_cache(maxsize=MAX_CACHED_LEGS)
def _values_in(text: str, currency: str) -> tuple[_Values, ...]:
    return tuple(_values_of(_leg_of(entry, currency)) for entry in json.loads(text))


def _leg_entry(leg: OrderLeg) -> dict[str, Any]:
    till = {"till": (leg.till.tender, leg.till.number)} if leg.till else {}
    return till | {
        "name": leg.name,
        "kind": leg.kind,
        "state": leg.state,
        "attempt": leg.attempt,
        "amount": leg.amount.minor_units if leg.amount else None,
        "card_id": str(leg.card_id) if leg.card_id else None,
        "seat_ids": leg.seat_ids,
        "retries": leg.retries,
        "last_error": leg.last_error,
        "voucher_id": str(leg.voucher_id) if leg.voucher_id else None,
        "holder_checked": leg.holder_checked,
    }


def _leg_of(entry: dict[str, Any], currency: str) -> OrderLeg:
    amount, card_id, voucher_id = entry["amount"], entry["card_id"], entry["voucher_id"]
    return OrderLeg(
        name=entry["name"],
        kind=LegKind(entry["kind"]),
        state=LegState(entry["state"]),
        attempt=entry["attempt"],
        amount=None if amount is None else Money(currency, amount),
        card_id=UUID(card_id) if card_id else None,
        seat_ids=tuple(entry["seat_ids"]),
        retries=entry["retries"],
        last_error=entry["last_error"],
        voucher_id=UUID(voucher_id) if voucher_id else None,
        holder_checked=entry["holder_checked"],
        till=_till(entry["till"]) if "till" in entry else None,
    )


def _till(entry: list[str]) -> TillReceipt:
    tender, number = entry
    return TillReceipt(TillTender(tender), number)
