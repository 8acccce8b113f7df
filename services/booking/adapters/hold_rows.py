"""Holds as rows: the columns, and both ways between row and domain."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from asyncpg import Record

from services.booking.adapters.price_tables import promotion_entry, promotion_of
from services.booking.domain.hold import Hold, HoldAsMade, HoldState, HoldTerms, SeatQuote
from services.booking.domain.prices import Promotion
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.seats import SeatState
from services.booking.domain.suggestion import Suggestion
from services.booking.use_cases.new_hold import NewHold
from services.common.money import Money

# What a new hold is written with.
NEW_HOLD_COLUMNS = (
    "screening_id, id, owner, channel, state, seats, currency, price_version, fee_on_places, "
    "gtc_version, otc_version, policy_code, policy_version, policy, screening_version, "
    "start_time, hall_id, film_id, price_table_id, promotion, epoch, revision, created_at, "
    "expires_at, order_id"
)
# The columns from the currency to the promotion, as a statement gets them of its `terms`.
TERMS_VALUES = """
    terms ->> 'currency', terms ->> 'price_version', (terms ->> 'fee_on_places')::boolean,
    terms ->> 'gtc_version', terms ->> 'otc_version', terms #>> '{policy,code}',
    terms #>> '{policy,version}', terms -> 'policy', (terms ->> 'screening_version')::bigint,
    (terms ->> 'start_time')::timestamptz, terms ->> 'hall_id', terms ->> 'film_id',
    (terms ->> 'price_table_id')::uuid, terms -> 'promotion'"""
HOLD_COLUMNS = f"{NEW_HOLD_COLUMNS}, changes, first"


def hold_of(row: Record, *, read_at: datetime) -> Hold:
    """Make a hold of a row with `HOLD_COLUMNS`; `read_at` is the database's clock."""
    currency = row["currency"]
    return Hold(
        id=row["id"],
        screening_id=row["screening_id"],
        owner=row["owner"],
        channel=row["channel"],
        state=HoldState(row["state"]),
        seats=seats_of(row["seats"], currency),
        terms=HoldTerms(
            currency=currency,
            price_version=row["price_version"],
            fee_on_places=row["fee_on_places"],
            gtc_version=row["gtc_version"],
            otc_version=row["otc_version"],
            policy=SalesPolicy(**row["policy"]),
            screening_version=row["screening_version"],
            start_time=row["start_time"],
            hall_id=row["hall_id"],
            film_id=row["film_id"],
            price_table_id=row["price_table_id"],
            promotion=promotion_of(row["promotion"]),
        ),
        epoch=row["epoch"],
        revision=row["revision"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        read_at=read_at,
        order_id=row["order_id"],
        changes=row["changes"],
        first=_first(row["first"], currency),
    )


def hold_made(new: NewHold, epoch: int, revision: int, now: datetime) -> Hold:
    """Make the hold that was just written, by the clock that the database gave it."""
    return Hold(
        id=new.id,
        screening_id=new.screening_id,
        owner=new.owner,
        channel=new.channel,
        state=HoldState.ACTIVE,
        seats=new.seats,
        terms=new.terms,
        epoch=epoch,
        revision=revision,
        created_at=now,
        expires_at=now + timedelta(seconds=new.terms.policy.hold_seconds),
        read_at=now,
        suggestion=new.suggestion,
    )


@lru_cache(maxsize=2_000)  # As many as there are facts in a process.
def terms_json(terms: HoldTerms) -> str:
    """Write all that `TERMS_VALUES` reads: one parameter of a statement instead of fourteen."""
    entry: dict[str, Any] = {
        "currency": terms.currency,
        "price_version": terms.price_version,
        "fee_on_places": terms.fee_on_places,
        "gtc_version": terms.gtc_version,
        "otc_version": terms.otc_version,
        "policy": asdict(terms.policy),
        "screening_version": terms.screening_version,
        "start_time": terms.start_time.isoformat(),
        "hall_id": terms.hall_id,
        "film_id": terms.film_id,
    }
    if terms.price_table_id is not None:
        entry["price_table_id"] = str(terms.price_table_id)
    if terms.promotion is not None:
        entry["promotion"] = promotion_entry(terms.promotion)
    return json.dumps(entry)


def seats_json(seats: Sequence[SeatQuote]) -> str:
    """Write quoted seats for the column `seats`: amounts in minor units of the hold's currency."""
    return json.dumps([_entry(seat) for seat in seats])


def seats_of(entries: Sequence[dict[str, Any]], currency: str) -> list[SeatQuote]:
    """Read quoted seats of the column `seats`."""
    return [_seat(entry, currency) for entry in entries]


def promotion_json(promotion: Promotion | None) -> str | None:
    """Write a promotion for the column `promotion`."""
    return None if promotion is None else json.dumps(promotion_entry(promotion))


def suggestion_bytes(suggestion: Suggestion | None) -> bytes:
    """Write what is kept of a request besides its hold: nothing, or what was suggested and why."""
    if suggestion is None:
        return b""
    lost = [[seat_id, state.name] for seat_id, state in suggestion.lost]
    return json.dumps({"reason": suggestion.reason, "lost": lost}).encode()


def suggestion_of(stored: bytes) -> Suggestion | None:
    """Read what `suggestion_bytes` wrote."""
    if not stored:
        return None
    answer = json.loads(stored)
    lost = [(seat_id, SeatState[name]) for seat_id, name in answer["lost"]]
    return Suggestion(answer["reason"], lost)


@lru_cache(maxsize=256)  # A handful of policies is in force at a time.
def policy_json(policy: SalesPolicy) -> str:
    """Write a policy for the column `policy`."""
    return json.dumps(asdict(policy))


def _entry(seat: SeatQuote) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "seat_id": seat.seat_id,
        "index": seat.seat_index,
        "row": seat.row_name,
        "number": seat.seat_number,
        "area": seat.area,
        "type": seat.ticket_type,
        "price": seat.price.minor_units,
        "supplement": seat.supplement.minor_units,
        "fee": seat.service_fee.minor_units,
        "proof": seat.proof,
    }
    # What few seats have is written for these only.
    if seat.regular_price is not None:
        entry["regular"] = seat.regular_price.minor_units
    if seat.package:
        entry["package"] = [seat.package, seat.package_number]
    return entry


def _seat(entry: dict[str, Any], currency: str) -> SeatQuote:
    regular = entry.get("regular")
    package, package_number = entry.get("package", ("", 0))
    return SeatQuote(
        seat_id=entry["seat_id"],
        seat_index=entry["index"],
        row_name=entry["row"],
        seat_number=entry["number"],
        area=entry["area"],
        ticket_type=entry["type"],
        price=Money(currency, entry["price"]),
        supplement=Money(currency, entry["supplement"]),
        service_fee=Money(currency, entry["fee"]),
        proof=entry["proof"],
        regular_price=None if regular is None else Money(currency, regular),
        package=package,
        package_number=package_number,
    )


def _first(entry: dict[str, Any] | None, currency: str) -> HoldAsMade | None:
    if entry is None:
        return None
    return HoldAsMade(
        seats=seats_of(entry["seats"], currency),
        promotion=promotion_of(entry["promotion"]),
        epoch=entry["epoch"],
        revision=entry["revision"],
    )
