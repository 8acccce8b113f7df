"""Orders, tickets and remedies as booking's messages."""

from cinema.booking.v1 import order_pb2, ticket_pb2

from services.booking.domain.cancellation import Cancellation
from services.booking.domain.order import Contact, Order, OrderState, TimelineEntry
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg, TillTender
from services.booking.domain.order_lines import OrderLine, Part
from services.booking.domain.order_returns import refund_id_of
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.order_steps import next_step_of
from services.booking.domain.order_story import sentence_of
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.domain.ticket import Ticket, TicketState
from services.booking.handlers.converters import (
    extension_fields,
    money_or_unset,
    promotion_fields,
)
from services.booking.handlers.remedy_converters import offer_to_proto, remedy_to_proto
from services.booking.use_cases.order_ports import OrderOwner
from services.common.rpc.fields import Fields
from services.common.rpc.money import money_fields
from services.common.rpc.times import span_fields, time_fields

VOUCHER_LEG = "voucher"
_STATES = {state: order_pb2.Order.State.Value(f"STATE_{state}") for state in OrderState}
_PARTS = {part: order_pb2.Allocation.Part.Value(f"PART_{part}") for part in Part}
_LEG_KINDS = {kind: order_pb2.OrderLeg.Kind.Value(f"KIND_{kind}") for kind in LegKind}
_LEG_STATES = {state: order_pb2.OrderLeg.State.Value(f"STATE_{state}") for state in LegState}
_TICKET_STATES = {state: ticket_pb2.Ticket.State.Value(f"STATE_{state}") for state in TicketState}
_CHANNELS = {name.removeprefix("CHANNEL_"): value for name, value in order_pb2.Channel.items()}
_NO_TILL = order_pb2.TILL_TENDER_UNSPECIFIED
_TILL_TENDERS = {
    tender: order_pb2.TillTender.Value(f"TILL_TENDER_{tender}") for tender in TillTender
}


def order_fields(order: Order) -> Fields:
    """Write an order as its owner sees it."""
    remedy, offer, cancellation = order.remedy, order.offer, order.cancellation
    legs = [_leg(order, leg) for leg in order.legs]
    if remedy is not None and remedy.kind is RemedyKind.VOUCHER:
        legs.append(_voucher_leg(remedy))
    return {
        "id": str(order.id),
        "number": order.number,
        "screening_id": str(order.screening_id),
        "state": _STATES[order.state],
        "lines": [_line(order, line) for line in order.lines],
        "total": money_fields(order.total),
        "money_due": money_fields(order.money_due),
        "legs": legs,
        "redirect_url": order.redirect_url if order.state is OrderState.AWAITING_PAYMENT else "",
        "channel": _CHANNELS[order.channel],
        "gtc_version": order.terms.gtc_version,
        "otc_version": order.terms.otc_version,
        "timeline": [_entry(entry) for entry in (*order.timeline, *order.entries)],
        "screening": _screening(order.screening_now),
        "contact": _contact(order.contact),
        "promotion": promotion_fields(order.promotion),
        "expire_time": time_fields(order.expires_at),
        "time_left": span_fields(order.time_left),
        "create_time": time_fields(order.created_at),
        "terms_accept_time": time_fields(order.terms.accepted_at),
        "extension": extension_fields(order.extended_by),
        "cancellation": None if cancellation is None else _cancellation(cancellation),
        "remedy_offer": None if offer is None else offer_to_proto(offer),
        "remedy": None if remedy is None else remedy_to_proto(remedy),
    }


def ticket_fields(owner: OrderOwner, ticket: Ticket) -> Fields:
    """Write a ticket of an order."""
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "order_id": str(owner.order_id),
        "screening_id": str(owner.screening_id),
        "seat_id": ticket.seat_id,
        "row_name": ticket.row_name,
        "seat_number": ticket.seat_number,
        "ticket_type": ticket.ticket_type,
        "proof": ticket.proof,
        "state": _TICKET_STATES[ticket.state],
        "qr_payload": ticket.qr_payload,
        "image_url": ticket.image_url,
        "create_time": time_fields(ticket.created_at),
    }


def _line(order: Order, line: OrderLine) -> Fields:
    place = order.place_of(line)
    return {
        "seat_id": place.seat_id,
        "sold_seat_id": line.seat_id if order.moved is not None else "",
        "area": line.area,
        "ticket_type": line.ticket_type,
        "price": money_fields(line.price),
        "supplement": money_fields(line.supplement),
        "service_fee": money_fields(line.service_fee),
        "allocations": [
            {
                "part": _PARTS[share.part],
                "leg": share.leg,
                "amount": money_fields(share.amount),
                "refundable": share.part.refundable,
            }
            for share in line.allocations
        ],
        "regular_price": money_or_unset(line.regular_price),
        "package": line.package,
        "package_number": line.package_number,
    }


def _leg(order: Order, leg: OrderLeg) -> Fields:
    return {
        "name": leg.name,
        "kind": _LEG_KINDS[leg.kind],
        "state": _LEG_STATES[leg.state],
        "attempt": leg.attempt,
        "amount": money_or_unset(leg.amount),
        "card_id": "" if leg.card_id is None else str(leg.card_id),
        "places": len(leg.seat_ids) if leg.kind is LegKind.PLACES else 0,
        "voucher_id": "" if leg.voucher_id is None else str(leg.voucher_id),
        "next_step": next_step_of(order, leg) or "",
        "last_problem": leg.last_error,
        "refund_id": str(refund_id_of(order.id, leg.name)) if leg.kind is LegKind.REFUND else "",
        "till_tender": _TILL_TENDERS[leg.till.tender] if leg.till else _NO_TILL,
        "receipt_number": leg.till.number if leg.till else "",
    }


def _cancellation(cancellation: Cancellation) -> Fields:
    return {
        "cause": order_pb2.Cancellation.Cause.Value(f"CAUSE_{cancellation.cause}"),
        "form_reference": cancellation.form_reference,
        "cancel_time": time_fields(cancellation.cancelled_at),
    }


def _voucher_leg(remedy: Remedy) -> Fields:
    """Show the voucher of a remedy as the part of the order that the wallet carries out."""
    state = LegState.DONE if remedy.state is RemedyState.GIVEN else LegState.PENDING
    if state is LegState.PENDING and remedy.budget_taken:
        state = LegState.COMMITTED
    return {
        "name": VOUCHER_LEG,
        "kind": order_pb2.OrderLeg.KIND_VOUCHER_REMEDY,
        "state": _LEG_STATES[state],
        "attempt": 1,
        "amount": money_fields(remedy.amount),
    }


def _screening(screening: ScreeningAsSold) -> Fields:
    return {
        "cinema_id": screening.cinema_id,
        "cinema_name": screening.cinema_name,
        "hall_name": screening.hall_name,
        "film_title": screening.film_title,
        "rating": screening.rating,
        "local_start": screening.local_start,
        "format": screening.format,
        "start_time": time_fields(screening.start_time),
    }


def _contact(contact: Contact) -> Fields:
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "language_code": contact.language,
    }


def _entry(entry: TimelineEntry) -> Fields:
    return {
        "time": time_fields(entry.time),
        "what": entry.what,
        "detail": entry.detail,
        "text": sentence_of(entry.what, entry.detail),
    }
