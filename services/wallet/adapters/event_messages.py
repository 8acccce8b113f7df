"""Wallet's events as outbox rows."""

from uuid import UUID

from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import events_pb2
from google.protobuf.message import Message

from services.common.db.outbox import OutboxEvent
from services.wallet.domain.entries import EntryKind
from services.wallet.domain.leg import LegKey
from services.wallet.domain.points import PointEntry
from services.wallet.domain.voucher import VoucherRequest, VoucherReservation

_PLACE_EVENTS = {
    EntryKind.CAPTURE: events_pb2.PlacesCaptured,
    EntryKind.RESTORE: events_pb2.PlacesRestored,
}

_VALUE_EVENTS = {
    EntryKind.CAPTURE: events_pb2.VoucherSpent,
    EntryKind.RESTORE: events_pb2.VoucherRestored,
}


def card_issued(card_id: UUID, product_code: str, places: int) -> OutboxEvent:
    """Tell of a new card: the first event of its aggregate."""
    return _event(
        card_id,
        1,
        events_pb2.CardIssued(card_id=str(card_id), product_code=product_code, places=places),
    )


def places_moved(
    card_id: UUID, version: int, key: LegKey, kind: EntryKind, places: int
) -> OutboxEvent:
    """Tell that places were used, or given back."""
    message = _PLACE_EVENTS[kind](
        card_id=str(card_id), order_id=str(key.order_id), leg=key.leg, places=places
    )
    return _event(card_id, version, message)


def voucher_issued(voucher_id: UUID, request: VoucherRequest) -> OutboxEvent:
    """Tell of a new voucher: the first event of its aggregate."""
    message = events_pb2.VoucherIssued(
        voucher_id=str(voucher_id),
        order_id=str(request.order_id),
        remedy_id=str(request.remedy_id),
        value=money_pb2.Money(
            currency_code=request.value.currency, minor_units=request.value.minor_units
        ),
        last_screening_date=request.last_screening_date.isoformat(),
    )
    return _event(voucher_id, 1, message)


def value_moved(reservation: VoucherReservation, version: int, kind: EntryKind) -> OutboxEvent:
    """Tell that value of a voucher was spent, or given back."""
    subject, key = reservation.subject, reservation.key
    message = _VALUE_EVENTS[kind](
        voucher_id=str(subject.voucher_id),
        order_id=str(key.order_id),
        leg=key.leg,
        amount=money_pb2.Money(
            currency_code=subject.amount.currency, minor_units=subject.amount.minor_units
        ),
    )
    return _event(subject.voucher_id, version, message)


def points_credited(account_id: UUID, version: int, entry: PointEntry) -> OutboxEvent:
    """Tell of points that can be redeemed from now on."""
    message = events_pb2.PointsCredited(
        account_id=str(account_id),
        points=entry.balance,
        order_id=str(entry.order_id) if entry.order_id else "",
    )
    return _event(account_id, version, message)


def _event(aggregate_id: UUID, version: int, message: Message) -> OutboxEvent:
    return OutboxEvent(
        message.DESCRIPTOR.name, str(aggregate_id), version, message.SerializeToString()
    )
