"""Remedies, what is offered, and jobs as booking's messages."""

from cinema.booking.v1 import booking_service_pb2, order_pb2
from cinema.booking.v1 import box_office_service_pb2 as box_office

from services.booking.domain.offered_remedy import OfferCause, OfferedRemedy, OfferState
from services.booking.domain.order import Order
from services.booking.domain.remedy import Remedy, RemedyKind
from services.booking.domain.remedy_rules import RemedyReason
from services.booking.domain.screening_job import MovedOrders, ScreeningJob
from services.common.rpc.money import money_to_proto
from services.common.rpc.times import timestamp_of

_CAUSES = {cause: order_pb2.RemedyOffer.Cause.Value(f"CAUSE_{cause}") for cause in OfferCause}
_STATES = {state: order_pb2.RemedyOffer.State.Value(f"STATE_{state}") for state in OfferState}
_KINDS = {kind: order_pb2.Remedy.Kind.Value(f"KIND_{kind}") for kind in RemedyKind}
_WISHES = {number: kind for kind, number in _KINDS.items()}
_REASONS = {
    booking_service_pb2.RemedyReason.Value(f"REMEDY_REASON_{reason}"): reason
    for reason in RemedyReason
}


def wished_kind(kind: order_pb2.Remedy.Kind.ValueType) -> RemedyKind | None:
    """Read what is wanted; None is whatever is due."""
    return _WISHES.get(kind)


def reason_of(reason: booking_service_pb2.RemedyReason.ValueType) -> RemedyReason:
    """Read why somebody asks; unless it is said, for what the cinema did."""
    return _REASONS.get(reason, RemedyReason.SCREENING)


def remedy_to_proto(remedy: Remedy) -> order_pb2.Remedy:
    """Write a remedy."""
    message = order_pb2.Remedy(
        id=str(remedy.id),
        kind=_KINDS[remedy.kind],
        state=order_pb2.Remedy.State.Value(f"STATE_{remedy.state}"),
        amount=money_to_proto(remedy.amount),
        voucher_id="" if remedy.voucher_id is None else str(remedy.voucher_id),
        origin=order_pb2.Remedy.Origin.Value(f"ORIGIN_{remedy.origin}"),
        form_reference=remedy.form_reference,
        request_time=timestamp_of(remedy.requested_at),
    )
    if remedy.cause:
        message.cause = _CAUSES[OfferCause(remedy.cause)]
    return message


def remedy_of(order: Order) -> order_pb2.Remedy | None:
    """Write an order's remedy, or nothing."""
    return None if order.remedy is None else remedy_to_proto(order.remedy)


def offer_to_proto(offer: OfferedRemedy) -> order_pb2.RemedyOffer:
    """Write what is offered."""
    return order_pb2.RemedyOffer(
        cause=_CAUSES[offer.cause],
        kind=_KINDS[offer.kind],
        state=_STATES[offer.state],
        may_keep=offer.may_keep,
        change_time=timestamp_of(offer.changed_at),
        close_time=timestamp_of(offer.closes_at),
    )


def job_to_proto(job: ScreeningJob) -> box_office.ScreeningJob:
    """Write how far a job has come."""
    return box_office.ScreeningJob(
        kind=box_office.ScreeningJob.Kind.Value(f"KIND_{job.kind}"),
        version=job.version,
        state=box_office.ScreeningJob.State.Value(f"STATE_{job.state}"),
        done=job.done,
        total=job.total,
        passes=job.passes,
        last_problem=job.problem,
        moved_orders=None if job.moved is None else _moved(job.moved),
        create_time=timestamp_of(job.created_at),
    )


def _moved(moved: MovedOrders) -> box_office.MovedOrders:
    return box_office.MovedOrders(
        hall_name=moved.hall_name,
        same_seats=moved.same_orders,
        other_seats=moved.other_orders,
        unseated_order_numbers=moved.unseated,
        released_holds=moved.released_holds,
    )
