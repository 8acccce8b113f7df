"""Orders as rows: both ways between what the statements give and take, and the domain."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.hold_rows import policy_json
from services.booking.adapters.price_tables import promotion_of
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order import (
    AcceptedTerms,
    Contact,
    Order,
    OrderState,
    TimelineEntry,
)
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import Allocation, OrderLine, Part
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.ticket import Ticket, TicketState
from services.common.money import Money

MAX_CACHED_TEXTS = 2_000


def order_of(row: Record) -> Order:
    """Make an order of a row of `READ`."""
    currency = row["currency"]
    legs = [_leg(entry, currency) for entry in _json(row["legs"])]
    decisions = [_decision(entry) for entry in _json(row["decisions"])]
    return Order(
        id=row["id"],
        screening_id=row["screening_id"],
        hold_id=row["hold_id"],
        number=row["number"],
        owner=row["owner"],
        account_id=row["account_id"],
        channel=row["channel"],
        state=OrderState(row["state"]),
        lines=_lines(_json(row["lines"]), _json(row["allocations"]), currency),
        legs=legs,
        currency=currency,
        total=Money(currency, row["total"]),
        money_due=Money(currency, row["money_due"]),
        terms=AcceptedTerms(row["gtc_version"], row["otc_version"], row["accepted_at"]),
        policy=_policy(row["policy"]),
        screening=_screening(row["screening"]),
        contact=_contact(row),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        read_at=row["read_at"],
        return_url=row["return_url"],
        redirect_url=row["redirect_url"],
        extended_by=timedelta(seconds=row["extended_by_s"]),
        request_id=row["request_id"],
        promotion=promotion_of(json.loads(row["promotion"])) if row["promotion"] else None,
        version=row["version"],
        event_version=row["event_version"],
        decisions={decision.attempt: decision for decision in decisions},
        remedy=_remedy(json.loads(row["remedy"]), currency) if row["remedy"] else None,
        timeline=[_entry(entry) for entry in _json(row.get("timeline"))],
    )


def ticket_of(row: Record, image_url: str) -> Ticket:
    """Make a ticket of a row of `TICKETS`."""
    return Ticket(**dict(row) | {"state": TicketState(row["state"]), "image_url": image_url})


def line_rows(order_id: UUID, lines: Sequence[OrderLine]) -> list[tuple[Any, ...]]:
    """Write lines for the statement that places: amounts in minor units of the order's currency."""
    return [
        (
            order_id,
            position,
            line.seat_id,
            line.row_name,
            line.seat_number,
            line.area,
            line.ticket_type,
            line.proof,
            line.price.minor_units,
            line.supplement.minor_units,
            line.service_fee.minor_units,
            line.regular_price.minor_units if line.regular_price else None,
            line.package,
            line.package_number,
        )
        for position, line in enumerate(lines, start=1)
    ]


def allocation_rows(order_id: UUID, lines: Sequence[OrderLine]) -> list[tuple[Any, ...]]:
    """Write what pays the lines."""
    return [
        (order_id, position, share.part, share.leg, share.amount.minor_units)
        for position, line in enumerate(lines, start=1)
        for share in line.allocations
    ]


def new_leg_entries(order_id: UUID, legs: Iterable[OrderLeg]) -> list[dict[str, Any]]:
    """Write legs as JSON: seats are lists of different lengths."""
    return [
        {
            "id": str(order_id),
            "name": leg.name,
            "kind": leg.kind,
            "state": leg.state,
            "attempt": leg.attempt,
            "amount": leg.amount.minor_units if leg.amount else None,
            "card_id": str(leg.card_id) if leg.card_id else None,
            "seat_ids": list(leg.seat_ids),
            "voucher_id": str(leg.voucher_id) if leg.voucher_id else None,
            "holder_checked": leg.holder_checked,
        }
        for leg in legs
    ]


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def policy_text(policy: SalesPolicy) -> str:
    """Write a policy; many orders share one."""
    return policy_json(policy)


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def screening_json(screening: ScreeningAsSold) -> str:
    """Write the screening as sold; many orders share one."""
    return json.dumps(asdict(screening) | {"start_time": screening.start_time.isoformat()})


def _json(text: str | None) -> list[Any]:
    return json.loads(text) if text else []


def _contact(row: Record) -> Contact:
    """Read the contact; one that was erased reads as nobody."""
    return Contact(
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        email=row["email"] or "",
        language=row["language"] or "",
        ip_address=row["ip_address"] or "",
    )


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _policy(text: str) -> SalesPolicy:
    return SalesPolicy(**json.loads(text))


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _screening(text: str) -> ScreeningAsSold:
    entry = json.loads(text)
    return ScreeningAsSold(**entry | {"start_time": datetime.fromisoformat(entry["start_time"])})


def _lines(lines: list[Any], allocations: list[Any], currency: str) -> tuple[OrderLine, ...]:
    shares: dict[int, list[Allocation]] = {}
    for position, part, leg, amount in allocations:
        share = Allocation(Part(part), leg, Money(currency, amount))
        shares.setdefault(position, []).append(share)
    return tuple(_line(entry, tuple(shares.get(entry[-1], ())), currency) for entry in lines)


def _line(entry: list[Any], allocations: tuple[Allocation, ...], currency: str) -> OrderLine:
    seat_id, row_name, seat_number, area, ticket_type, proof, price, supplement, fee, *rest = entry
    regular, package, package_number, _ = rest
    return OrderLine(
        seat_id=seat_id,
        row_name=row_name,
        seat_number=seat_number,
        area=area,
        ticket_type=ticket_type,
        proof=proof,
        price=Money(currency, price),
        supplement=Money(currency, supplement),
        service_fee=Money(currency, fee),
        allocations=allocations,
        regular_price=None if regular is None else Money(currency, regular),
        package=package,
        package_number=package_number,
    )


def _leg(entry: list[Any], currency: str) -> OrderLeg:
    name, kind, state, attempt, amount, card_id, seat_ids, retries, last_error, *rest = entry
    voucher_id, holder_checked = rest
    return OrderLeg(
        name=name,
        kind=LegKind(kind),
        state=LegState(state),
        attempt=attempt,
        amount=None if amount is None else Money(currency, amount),
        card_id=UUID(card_id) if card_id else None,
        seat_ids=tuple(seat_ids),
        retries=retries,
        last_error=last_error,
        voucher_id=UUID(voucher_id) if voucher_id else None,
        holder_checked=holder_checked,
    )


def _decision(entry: list[Any]) -> Decision:
    attempt, refusal = entry
    return Decision(attempt, Refusal(refusal) if refusal else None)


def _entry(entry: list[Any]) -> TimelineEntry:
    return TimelineEntry(datetime.fromisoformat(entry[0]), entry[1], entry[2])


def _remedy(entry: list[Any], currency: str) -> Remedy:
    remedy_id, kind, state, amount, last_date, requested_at, *rest = entry
    budget_taken, voucher_id, retries, last_error = rest
    return Remedy(
        id=UUID(remedy_id),
        kind=RemedyKind(kind),
        state=RemedyState(state),
        amount=Money(currency, amount),
        last_screening_date=date.fromisoformat(last_date),
        requested_at=datetime.fromisoformat(requested_at),
        budget_taken=budget_taken,
        voucher_id=UUID(voucher_id) if voucher_id else None,
        retries=retries,
        last_error=last_error,
    )
