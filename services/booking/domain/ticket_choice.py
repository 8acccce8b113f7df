"""Judging which tickets a buyer chose for their seats: prices, packages and counts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.channels import rules_of
from services.booking.domain.errors import (
    OrderTooLargeError,
    PackageNeedsOneAreaError,
    SeatsDoNotMatchTicketsError,
    TooManyTicketsError,
)
from services.booking.domain.hold import SeatQuote
from services.booking.domain.prices import PriceTable, Quote
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.seat_layout import Seat
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class TicketCount:
    """How many tickets, or packages, of one type."""

    ticket_type: str
    count: int


def quote_seats(
    seats: Sequence[Seat], tickets: Sequence[TicketCount], prices: PriceTable, currency: str
) -> list[SeatQuote]:
    """Price each seat; the first ticket type goes to the first seats, a package to several.

    No tickets at all means that they are chosen later. Raises SEATS_DO_NOT_MATCH_TICKETS,
    UNKNOWN_TICKET_TYPE or PACKAGE_NEEDS_ONE_AREA.
    """
    if not tickets:
        return [_unpriced(seat, currency) for seat in seats]
    needed = sum(prices.seats_of(each.ticket_type) * each.count for each in tickets)
    if needed != len(seats):
        raise SeatsDoNotMatchTicketsError(seats=len(seats), tickets=needed)
    quotes: list[SeatQuote] = []
    packages = 0
    for each in tickets:
        for _ in range(each.count):
            own = seats[len(quotes) : len(quotes) + prices.seats_of(each.ticket_type)]
            if prices.is_package(each.ticket_type):
                packages += 1
                quotes += _package(own, each.ticket_type, packages, prices)
            else:
                quotes.append(_priced(own[0], prices.quote(each.ticket_type, own[0].area)))
    return quotes


def must_not_be_too_many(seats: Sequence[SeatQuote], policy: SalesPolicy, channel: str) -> None:
    """Raise TOO_MANY_TICKETS or ORDER_TOO_LARGE beyond what one transaction may have.

    Seats whose tickets are chosen later count in no type yet.
    """
    if not rules_of(channel, policy).limits_tickets:
        return
    # So few are too many of no type: most parties are not counted.
    if len(seats) > policy.max_tickets_per_type:
        chosen = Counter(seat.ticket_type for seat in seats if seat.ticket_type)
        for ticket_type, count in chosen.items():
            if count > policy.max_tickets_per_type:
                raise TooManyTicketsError(ticket_type, policy.max_tickets_per_type)
    if policy.max_tickets_per_order and len(seats) > policy.max_tickets_per_order:
        raise OrderTooLargeError(policy.max_tickets_per_order)


def judge_together(
    seats: Sequence[SeatQuote], policy: SalesPolicy, channel: str, limits: CallerLimits
) -> None:
    """Judge all that a caller holds of a screening without an order: it counts as one transaction.

    Another may follow once an order is placed. Raises what `must_not_be_too_many` does, and
    TOO_MANY_SEATS_HELD.
    """
    must_not_be_too_many(seats, policy, channel)
    limits.judge_seats(len(seats))


def tickets_of(seats: Sequence[SeatQuote]) -> list[TicketCount]:
    """Say which tickets seats have, in their order; none when they are still to be chosen."""
    return list(_tickets_of(seats))


def _tickets_of(seats: Sequence[SeatQuote]) -> Iterator[TicketCount]:
    seen = 0
    for seat in seats:
        if seat.package_number > seen:
            seen = seat.package_number
            yield TicketCount(seat.package, 1)
        elif seat.ticket_type and not seat.package:
            yield TicketCount(seat.ticket_type, 1)


def _package(
    seats: Sequence[Seat], ticket_type: str, number: int, prices: PriceTable
) -> list[SeatQuote]:
    area = seats[0].area
    for seat in seats:
        if seat.area != area:
            raise PackageNeedsOneAreaError(ticket_type, seat.id)
    admissions = prices.package(ticket_type, area).admissions
    return [
        _priced(seat, quote, package=ticket_type, package_number=number)
        for seat, quote in zip(seats, admissions, strict=True)
    ]


def _priced(seat: Seat, quote: Quote, *, package: str = "", package_number: int = 0) -> SeatQuote:
    return SeatQuote(
        seat_id=seat.id,
        seat_index=seat.index,
        row_name=seat.row_name,
        seat_number=seat.number,
        area=seat.area,
        ticket_type=quote.ticket_type,
        price=quote.price,
        supplement=quote.supplement,
        service_fee=quote.service_fee,
        proof=quote.proof,
        regular_price=quote.regular_price,
        package=package,
        package_number=package_number,
    )


def _unpriced(seat: Seat, currency: str) -> SeatQuote:
    nothing = Money.zero(currency)
    return SeatQuote(
        seat_id=seat.id,
        seat_index=seat.index,
        row_name=seat.row_name,
        seat_number=seat.number,
        area=seat.area,
        ticket_type="",
        price=nothing,
        supplement=nothing,
        service_fee=nothing,
        proof="",
    )
