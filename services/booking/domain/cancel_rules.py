"""Whether a buyer may still cancel, and what comes back where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.domain.channels import Channel
from services.booking.domain.order import Order
from services.booking.domain.order_errors import (
    GuestCancelsAtBoxOfficeError,
    TooLateToCancelError,
    WholeOrderOnlyError,
)
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class PlacesBack:
    """Places that go back to their card."""

    card_id: UUID
    places: int


@dataclass(frozen=True, slots=True)
class ValueBack:
    """Value that goes back to its voucher."""

    voucher_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class WhatComesBack:
    """Everything that a cancellation gives back, by the stored allocation, and what it keeps."""

    refund: Money
    places: Sequence[PlacesBack]
    vouchers: Sequence[ValueBack]
    kept: Money


def what_comes_back(order: Order) -> WhatComesBack:
    """Tell what goes back where when the order is cancelled, to the minor unit."""
    kept = [
        share.amount
        for line in order.lines
        for share in line.allocations
        if not share.part.refundable
    ]
    return WhatComesBack(
        refund=order.refundable_money,
        places=[
            PlacesBack(leg.card_id, len(leg.seat_ids)) for leg in order.place_legs if leg.card_id
        ],
        vouchers=[
            ValueBack(leg.voucher_id, leg.amount)
            for leg in order.voucher_legs
            if leg.voucher_id and leg.amount
        ],
        kept=Money.sum(kept, currency=order.currency),
    )


def must_be_whole(order: Order, *, whole_order: bool) -> None:
    """Raise WHOLE_ORDER_ONLY unless the caller says that all tickets are meant."""
    if not whole_order:
        raise WholeOrderOnlyError(order.id, len(order.lines))


def must_cancel_online(order: Order) -> None:
    """Raise GUEST_CANCELS_AT_BOX_OFFICE for whom only the box office cancels."""
    if order.account_id is None and order.channel != Channel.APP:
        raise GuestCancelsAtBoxOfficeError(order.id, order.screening.cinema_id)


def must_be_early(order: Order, start_time: datetime) -> None:
    """Raise TOO_LATE_TO_CANCEL after the last moment, which is still in time.

    By the order's own policy, and its `read_at`, the clock of the board's lock.
    """
    seconds = order.policy.cancel_before_start_seconds
    if order.read_at > start_time - timedelta(seconds=seconds):
        raise TooLateToCancelError(order.id, seconds)
