"""Which remedy an order gets: by the terms, or by the buyer's choice where the policy leaves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from uuid import UUID

from services.booking.domain.channels import Channel
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import NoRemedyDueError, RemedyWindowClosedError
from services.booking.domain.remedy import (
    Remedy,
    RemedyKind,
    RemedyOrigin,
    RemedyState,
    last_voucher_date,
)
from services.booking.domain.remedy_errors import (
    RemedyAlreadyGivenError,
    RemedyAtBoxOfficeError,
    RemedyKindNotOfferedError,
    TicketNotPresentedError,
)
from services.booking.domain.remedy_offer import RemedyOffer
from services.booking.domain.screening import RemedyMode
from services.booking.domain.ticket import Ticket


class RemedyReason(StrEnum):
    """Why somebody asks. Only what the cinema did gives anything."""

    SCREENING = "SCREENING"
    LOST = "LOST"
    MISTAKE = "MISTAKE"
    DENIED_AT_THE_DOOR = "DENIED_AT_THE_DOOR"


@dataclass(frozen=True, slots=True)
class RemedyWish:
    """What is asked for, and by whom. `kind` None: whatever is due."""

    reason: RemedyReason = RemedyReason.SCREENING
    kind: RemedyKind | None = None
    origin: RemedyOrigin = RemedyOrigin.BUYER
    form_reference: str = ""


def must_ask_online(order: Order) -> None:
    """Raise REMEDY_AT_BOX_OFFICE for guests where the policy lets only accounts and the app ask."""
    is_online = order.account_id is not None or order.channel == Channel.APP
    if not is_online and not order.policy.remedy_online_for_all:
        raise RemedyAtBoxOfficeError(order.id, order.screening.cinema_id)


def must_present_ticket(order: Order, tickets: Sequence[Ticket], qr_payload: bytes) -> None:
    """Raise TICKET_NOT_PRESENTED unless the code is one of the order's."""
    if not any(compare_digest(ticket.qr_payload, qr_payload) for ticket in tickets):
        raise TicketNotPresentedError(order.id)


def must_have_no_remedy(order: Order) -> None:
    """Raise REMEDY_ALREADY_GIVEN: once for each order, whoever asked and however it was answered."""
    if order.remedy is not None:
        raise RemedyAlreadyGivenError(order.id, order.remedy.id, order.remedy.state)


def remedy_due(
    order: Order, offer: RemedyOffer | None, wish: RemedyWish, remedy_id: UUID
) -> Remedy:
    """Make the remedy, judged by the order's `read_at`: the clock under its lock.

    The money part of prices and supplements, never the fee; places and vouchers go back to where
    they came from. REMEDY_ALREADY_GIVEN; NO_REMEDY_DUE; REMEDY_WINDOW_CLOSED from the first moment
    after the last day, in the cinema's time zone; REMEDY_KIND_NOT_OFFERED.
    """
    must_have_no_remedy(order)
    money, is_asked_in_vain = order.refundable_money, wish.reason is not RemedyReason.SCREENING
    nothing_to_give = not money and not order.wallet_legs
    is_bought = order.state is OrderState.CONFIRMED
    if offer is None or is_asked_in_vain or nothing_to_give or not is_bought:
        raise NoRemedyDueError(order.id)
    if order.read_at >= offer.closes_at:
        raise RemedyWindowClosedError(order.id)
    kind = _kind_due(order, offer)
    if wish.kind not in {None, kind}:
        kind = _chosen(order, wish.kind or kind, due=kind)
    waits = not offer.attributable and order.policy.unattributable_remedy_needs_approval
    return Remedy(
        id=remedy_id,
        kind=kind,
        state=RemedyState.AWAITING_APPROVAL if waits else RemedyState.REQUESTED,
        amount=money,
        last_screening_date=last_voucher_date(
            order.read_at, order.policy.voucher_valid_days, order.screening.time_zone
        ),
        requested_at=order.read_at,
        cause=offer.cause,
        origin=wish.origin,
        form_reference=wish.form_reference,
    )


def _kind_due(order: Order, offer: RemedyOffer) -> RemedyKind:
    """Give what is due by the terms of online sales; a till gives back what a till took."""
    if not order.refundable_money:
        return RemedyKind.PLACES_ONLY
    return RemedyKind.REFUND if order.till_leg is not None else offer.kind_at(order.read_at)


def _chosen(order: Order, kind: RemedyKind, *, due: RemedyKind) -> RemedyKind:
    """Let the buyer choose between money and a voucher where the policy says so; never of places."""
    is_of_till = order.till_leg is not None
    may_choose = order.policy.remedy_mode == RemedyMode.CUSTOMER_CHOICE and not is_of_till
    if not may_choose or RemedyKind.PLACES_ONLY in {kind, due}:
        raise RemedyKindNotOfferedError(order.id, due)
    return kind
