"""Orders as rows: both ways between what the statements give and take, and the domain."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, astuple
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.hold_rows import policy_json
from services.booking.adapters.leg_rows import legs_of
from services.booking.adapters.price_tables import promotion_of
from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.moved_order import MovedTo, SeatPlace
from services.booking.domain.offered_remedy import OfferCause, OfferedRemedy, OfferState
from services.booking.domain.order import (
    AcceptedTerms,
    Contact,
    Order,
    OrderState,
    TimelineEntry,
)
from services.booking.domain.order_lines import Allocation, OrderLine, Part
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyOrigin, RemedyState
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.ticket import Ticket, TicketState
from services.common.money import Money

MAX_CACHED_TEXTS = 2_000
# Those of the last seconds: who buys looks again soon, and so does who sends the letter.
MAX_CACHED_LINES = 500


def order_of(row: Record) -> Order:
    """Make an order of a row of `READ`."""
    currency = row["currency"]
    return Order(
        id=row["id"],
        screening_id=row["screening_id"],
        hold_id=row["hold_id"],
        number=row["number"],
        owner=row["owner"],
        account_id=row["account_id"],
        channel=row["channel"],
        state=OrderState(row["state"]),
        lines=lines_of(row["lines"], currency),
        legs=legs_of(row["legs"], currency),
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
        decisions={decision.attempt: decision for decision in _decisions(row["decisions"])},
        cancellation=_cancellation(row["cancellation"]),
        remedy=_remedy(json.loads(row["remedy"]), currency) if row["remedy"] else None,
        moved=moved_of(json.loads(row["moved"])) if row["moved"] else None,
        offer=offer_of_text(row.get("offer")),
        timeline=_timeline(row.get("timeline") or ()),
    )


def tickets_of(text: str | None, image_url: Callable[[UUID], str]) -> list[Ticket]:
    """Read tickets, by number; `image_url` gives the address of one's image, by its ID."""
    tickets = [_ticket(entry, image_url) for entry in _json(text)]
    tickets.sort(key=lambda ticket: ticket.number)
    return tickets


def _ticket(entry: list[Any], image_url: Callable[[UUID], str]) -> Ticket:
    text, number, seat_id, row_name, seat_number, ticket_type, proof, code, created_at, *rest = (
        entry
    )
    state, holder_checked = rest
    ticket_id = UUID(text)
    return Ticket(
        id=ticket_id,
        number=number,
        seat_id=seat_id,
        row_name=row_name,
        seat_number=seat_number,
        ticket_type=ticket_type,
        proof=proof,
        qr_payload=bytes.fromhex(code),
        created_at=datetime.fromisoformat(created_at),
        state=TicketState(state),
        holder_checked=holder_checked,
        image_url=image_url(ticket_id),
    )


def lines_text(lines: Sequence[OrderLine]) -> str:
    """Write lines, with what pays them: amounts in minor units of the order's currency."""
    return json.dumps([_line_entry(line) for line in lines])


def cancellation_text(cancellation: Cancellation | None) -> str | None:
    """Write how an order was cancelled; None when it was not."""
    if cancellation is None:
        return None
    entry = asdict(cancellation) | {"cancelled_at": cancellation.cancelled_at.isoformat()}
    return json.dumps(entry)


def moved_text(moved: MovedTo) -> str:
    """Write where an order's seats are now."""
    seats = {sold: list(astuple(place)) for sold, place in moved.seats.items()}
    return json.dumps({"hall": [moved.hall_id, moved.hall_name], "seats": seats})


def moved_of(entry: dict[str, Any]) -> MovedTo:
    """Read what `moved_text` wrote."""
    seats = {sold: SeatPlace(*place) for sold, place in entry["seats"].items()}
    hall_id, hall_name = entry["hall"]
    return MovedTo(hall_id, hall_name, seats)


@lru_cache(maxsize=MAX_CACHED_LINES)
def lines_of(text: str, currency: str) -> tuple[OrderLine, ...]:
    """Read lines; they never change, and an order is read again soon."""
    return tuple(_line(entry, currency) for entry in json.loads(text))


def entries_text(entries: Iterable[TimelineEntry]) -> str:
    """Write what one move adds to the timeline; the database puts the time before it."""
    return _moves_text(tuple([(entry.what, entry.detail) for entry in entries]))


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _moves_text(moves: tuple[tuple[str, str], ...]) -> str:
    """Write what happened; orders go mostly the same way."""
    return json.dumps(moves)


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


def _line_entry(line: OrderLine) -> dict[str, Any]:
    return {
        "seat_id": line.seat_id,
        "row_name": line.row_name,
        "seat_number": line.seat_number,
        "area": line.area,
        "ticket_type": line.ticket_type,
        "proof": line.proof,
        "price": line.price.minor_units,
        "supplement": line.supplement.minor_units,
        "service_fee": line.service_fee.minor_units,
        "regular_price": line.regular_price.minor_units if line.regular_price else None,
        "package": line.package,
        "package_number": line.package_number,
        "allocations": [
            (share.part, share.leg, share.amount.minor_units) for share in line.allocations
        ],
    }


def _line(entry: dict[str, Any], currency: str) -> OrderLine:
    regular_price = entry["regular_price"]
    return OrderLine(
        seat_id=entry["seat_id"],
        row_name=entry["row_name"],
        seat_number=entry["seat_number"],
        area=entry["area"],
        ticket_type=entry["ticket_type"],
        proof=entry["proof"],
        price=Money(currency, entry["price"]),
        supplement=Money(currency, entry["supplement"]),
        service_fee=Money(currency, entry["service_fee"]),
        allocations=tuple([_allocation(*share, currency) for share in entry["allocations"]]),
        regular_price=None if regular_price is None else Money(currency, regular_price),
        package=entry["package"],
        package_number=entry["package_number"],
    )


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _allocation(part: str, leg: str, amount: int, currency: str) -> Allocation:
    """Read how much a leg pays; tickets of one price are paid alike."""
    return Allocation(Part(part), leg, Money(currency, amount))


def _cancellation(text: str | None) -> Cancellation | None:
    if text is None:
        return None
    entry = json.loads(text)
    return Cancellation(
        cause=CancelCause(entry["cause"]),
        cancelled_at=datetime.fromisoformat(entry["cancelled_at"]),
        caused_by_cinema=entry["caused_by_cinema"],
        form_reference=entry["form_reference"],
    )


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _decisions(text: str | None) -> tuple[Decision, ...]:
    """Read decisions; most orders have the same one."""
    return tuple(
        Decision(attempt, Refusal(refusal) if refusal else None) for attempt, refusal in _json(text)
    )


def _timeline(moves: Iterable[str]) -> list[TimelineEntry]:
    """Read what each move added to the timeline, with the time of it."""
    return [
        TimelineEntry(at, what, detail)
        for time, entries in json.loads(f"[{','.join(moves)}]")
        for at in (datetime.fromisoformat(time),)
        for what, detail in entries
    ]


def offer_of_text(text: str | None) -> OfferedRemedy | None:
    """Read a row of what is offered to an order, as JSON has it."""
    if text is None:
        return None
    entry = json.loads(text)
    times = ("changed_at", "closes_at", "remind_at", "next_at")
    return OfferedRemedy(
        **entry
        | {name: UUID(entry[name]) for name in ("screening_id", "order_id", "id")}
        | {name: datetime.fromisoformat(entry[name]) for name in times if entry[name]}
        | {
            "cause": OfferCause(entry["cause"]),
            "kind": RemedyKind(entry["kind"]),
            "state": OfferState(entry["state"]),
        }
    )


def _remedy(entry: list[Any], currency: str) -> Remedy:
    remedy_id, kind, state, amount, last_date, requested_at, *rest = entry
    budget_taken, voucher_id, retries, last_error, cause, origin, form_reference = rest
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
        cause=cause,
        origin=RemedyOrigin(origin),
        form_reference=form_reference,
    )
