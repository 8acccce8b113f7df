"""What is offered to an order for a change, and when somebody has to look at it again."""

from datetime import datetime, timedelta
from uuid import UUID

from services.booking.domain.offered_remedy import OfferedRemedy, OfferState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.remedy import RemedyKind
from services.booking.domain.remedy_offer import RemedyOffer
from services.booking.domain.screening import RemedyMode, SalesPolicy


def offered_to(order: Order, offer: RemedyOffer, offer_id: UUID) -> OfferedRemedy | None:
    """Make what is offered to an order by its policy; None when there is nothing to give back."""
    money = order.refundable_money
    nothing_to_give = not money and not order.wallet_legs
    if order.state is not OrderState.CONFIRMED or order.remedy is not None or nothing_to_give:
        return None
    remind_at = _remind_at(order.policy, offer, order.read_at)
    gives_itself = order.policy.remedy_mode == RemedyMode.AUTO and not offer.may_keep
    return OfferedRemedy(
        screening_id=order.screening_id,
        order_id=order.id,
        id=offer_id,
        version=offer.version,
        cause=offer.cause,
        kind=offer.kind_at(order.read_at) if money else RemedyKind.PLACES_ONLY,
        state=OfferState.OPEN,
        changed_at=offer.changed_at,
        closes_at=offer.closes_at,
        remind_at=remind_at,
        next_at=order.read_at if gives_itself else remind_at or offer.closes_at,
    )


def _remind_at(policy: SalesPolicy, offer: RemedyOffer, now: datetime) -> datetime | None:
    """Give when to remind; not at all when the notice itself comes as late as that."""
    at = offer.closes_at - timedelta(hours=policy.remedy_reminder_hours)
    return at if policy.remedy_reminder_hours and at > now else None
