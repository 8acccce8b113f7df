"""What the buyer of an order is told of a change: once for each order and change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order import Order, OrderState
from services.booking.domain.screening import ScreeningState
from services.booking.domain.screening_change import ScreeningChange, Showing, showing_before

# For so long after a change somebody may have bought by facts of before it.
MAX_STALE_SALE_S = 60
CHANGED_MAIL = "screening-changed"
CANCELLED_MAIL = "screening-cancelled"
REMINDER_MAIL = "remedy-reminder"


@dataclass(frozen=True, slots=True)
class Notice:
    """An e-mail about a change; `facts` are what its template needs besides the order."""

    key: str
    kind: str
    facts: Mapping[str, Any]


def is_told(order: Order, change: ScreeningChange, changes: Sequence[ScreeningChange]) -> bool:
    """Whether the buyer bought something else than what the change made of it.

    By time, and for a while after the change by what was sold: whoever bought meanwhile may have
    bought what it was before.
    """
    if order.state is not OrderState.CONFIRMED:
        return False
    if order.created_at < change.changed_at:
        return True
    if order.created_at >= change.changed_at + timedelta(seconds=MAX_STALE_SALE_S):
        return False
    sold = Showing.sold(order.screening)
    before = showing_before(sold, changes)
    for each in changes:
        if each.version == change.version:
            break
        before = each.applied_to(before)
    return change.ending is not None or (sold == before and change.applied_to(before) != sold)


def notice_of(order: Order, change: ScreeningChange, offered: OfferedRemedy | None) -> Notice:
    """Write the notice of a change. Times are the cinema's own, `YYYY-MM-DDTHH:MM`, or ""."""
    kind = CHANGED_MAIL if change.ending is None else CANCELLED_MAIL
    facts = {
        "order_id": str(order.id),
        "ending": change.ending or "",
        "old_start": _local(change.old_start_time, order),
        "new_start": _local(change.start_time, order),
        "is_other_film": bool(change.film_id),
        "is_other_hall": bool(change.hall_id),
        **_offer_facts(order, offered),
    }
    return Notice(f"{kind}:{order.id}:{change.version}", kind, facts)


def reminder_of(order: Order, offered: OfferedRemedy) -> Notice:
    """Write the reminder that what is offered can soon not be asked for any more."""
    facts = {"order_id": str(order.id), **_offer_facts(order, offered)}
    key = f"{REMINDER_MAIL}:{order.id}:{offered.version}"
    return Notice(key, REMINDER_MAIL, facts)


def timeline_of(change: ScreeningChange) -> Sequence[tuple[str, str]]:
    """Say what an order's timeline gets of a change: what happened, and more of it."""
    if change.ending is ScreeningState.CANCELLED:
        return [("SCREENING_CANCELLED", change.cause)]
    if change.ending is not None:
        return [("SCREENING_TERMINATED", "")]
    entries = []
    if change.start_time is not None:
        entries.append(("SCREENING_RESCHEDULED", change.start_time.isoformat()))
    if change.film_id:
        entries.append(("SCREENING_FILM_REPLACED", ""))
    if change.hall_id:
        entries.append(("SCREENING_MOVED", ""))
    return entries


def _offer_facts(order: Order, offered: OfferedRemedy | None) -> Mapping[str, Any]:
    if offered is None:
        return {"remedy_kind": "", "remedy_until": "", "may_keep": True}
    return {
        "remedy_kind": offered.kind,
        "remedy_until": _local(offered.closes_at - timedelta(minutes=1), order),
        "may_keep": offered.may_keep,
    }


def _local(time: datetime | None, order: Order) -> str:
    """Write an instant as the cinema's clock shows it."""
    if time is None:
        return ""
    local = time.astimezone(ZoneInfo(order.screening.time_zone))
    return local.replace(tzinfo=None).isoformat(timespec="minutes")
