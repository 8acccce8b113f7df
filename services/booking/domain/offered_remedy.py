"""What was offered to one order, from its notice until it is taken, or too late."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.remedy import RemedyKind
from services.booking.domain.remedy_offer import OfferCause, RemedyOffer
from services.booking.domain.screening import RemedyMode, SalesPolicy


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"  # Asked for, by whoever may.
    KEPT = "KEPT"  # Nobody asked, and the tickets were good all the same.
    LAPSED = "LAPSED"  # Nobody asked, and nothing was shown.
    WITHDRAWN = "WITHDRAWN"  # Nothing is due any more.


class OfferStep(StrEnum):
    """What is due with an offer."""

    GIVE = "GIVE"
    REMIND = "REMIND"
    CLOSE = "CLOSE"


@dataclass(frozen=True, slots=True)
class OfferedRemedy:
    """One for each order. `next_at` is when somebody has to look at it, None once it is over.

    `remind_at` is None when nobody is to be reminded, or was.
    """

    screening_id: UUID
    order_id: UUID
    id: UUID
    version: int
    cause: OfferCause
    kind: RemedyKind
    state: OfferState
    changed_at: datetime
    closes_at: datetime
    remind_at: datetime | None
    next_at: datetime | None
    retries: int = 0
    last_error: str = ""

    @property
    def may_keep(self) -> bool:
        """Whether the tickets stay good for those who do not ask."""
        return self.cause in {OfferCause.RESCHEDULED, OfferCause.REPLACED}

    def step_at(self, now: datetime) -> OfferStep:
        """Say what is due: it is closed, its buyer reminded, or given what is due by itself."""
        if now >= self.closes_at:
            return OfferStep.CLOSE
        if self.remind_at is not None and now >= self.remind_at:
            return OfferStep.REMIND
        return OfferStep.GIVE

    def reminded(self) -> "OfferedRemedy":
        """Note that its buyer is reminded."""
        return replace(self, remind_at=None, next_at=self.closes_at)

    def ended(self, state: OfferState) -> "OfferedRemedy":
        """Note how it came to its end."""
        return replace(self, state=state, remind_at=None, next_at=None)


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
