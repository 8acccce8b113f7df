"""What a customer may claim because the cinema changed or called off a screening, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.booking.domain.offered_remedy import OfferCause
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.remedy import RemedyKind, window_end
from services.booking.domain.screening import SalesPolicy, ScreeningState
from services.booking.domain.screening_change import ScreeningChange, Showing, showing_before


@dataclass(frozen=True, slots=True)
class RemedyOffer:
    """What is due to the customers of one sale; nothing is given before they ask, or the policy does.

    `version` is the screening's, by which it was judged. `told_in_time`: early enough for money. `starts_at` is the start of a screening
    that still takes place, else None. `closes_at` is the first moment at which it is too late.
    """

    cause: OfferCause
    version: int
    changed_at: datetime
    told_in_time: bool
    starts_at: datetime | None
    closes_at: datetime
    attributable: bool = True

    @property
    def may_keep(self) -> bool:
        """Whether the tickets stay good for those who do not ask."""
        return self.starts_at is not None

    def kind_at(self, now: datetime) -> RemedyKind:
        """Give what is due for money by the terms: a voucher when it was late, or has started."""
        has_started = self.cause is OfferCause.TERMINATED or (
            self.starts_at is not None and now >= self.starts_at
        )
        return RemedyKind.REFUND if self.told_in_time and not has_started else RemedyKind.VOUCHER


def offer_of(
    sold: ScreeningAsSold, policy: SalesPolicy, changes: Sequence[ScreeningChange]
) -> RemedyOffer | None:
    """Say what is due to who bought `sold`, by everything that happened to the screening since.

    None when it is as it was sold, or nearly: a start that moved by some minutes, another hall.
    """
    before = Showing.sold(sold)
    showings = [showing_before(before, changes)]
    for change in changes:
        showings.append(change.applied_to(showings[-1]))
    ending = next((each for each in changes if each.ending is not None), None)
    if ending is not None:
        return _of_ending(sold, policy, ending, showings[changes.index(ending)])
    return _of_change(sold, policy, changes, showings)


def _of_ending(
    sold: ScreeningAsSold, policy: SalesPolicy, ending: ScreeningChange, showing: Showing
) -> RemedyOffer:
    start = ending.start_time or showing.start_time
    is_cancelled = ending.ending is ScreeningState.CANCELLED
    return RemedyOffer(
        cause=OfferCause.CANCELLED if is_cancelled else OfferCause.TERMINATED,
        version=ending.version,
        changed_at=ending.changed_at,
        told_in_time=is_cancelled and _is_in_time(start, ending.changed_at, policy),
        starts_at=None,
        closes_at=_last_day_end(start, sold, policy),
        attributable=ending.attributable,
    )


def _of_change(
    sold: ScreeningAsSold,
    policy: SalesPolicy,
    changes: Sequence[ScreeningChange],
    showings: Sequence[Showing],
) -> RemedyOffer | None:
    """Find the change since which it has not been what was sold; what was undone again is nothing."""
    since: tuple[ScreeningChange, OfferCause] | None = None
    for change, showing in zip(changes, showings[1:], strict=True):
        cause = _difference(sold, showing, policy)
        if cause is None:
            since = None
        elif since is None:
            since = change, cause
    if since is None:
        return None
    change, cause = since
    start = showings[-1].start_time
    return RemedyOffer(
        cause=cause,
        version=changes[-1].version,
        changed_at=change.changed_at,
        told_in_time=_is_in_time(sold.start_time, change.changed_at, policy),
        starts_at=start,
        closes_at=max(_last_day_end(sold.start_time, sold, policy), start),
    )


def _difference(sold: ScreeningAsSold, showing: Showing, policy: SalesPolicy) -> OfferCause | None:
    if sold.film_id not in ("", showing.film_id):
        return OfferCause.REPLACED
    moved_by = abs(showing.start_time - sold.start_time)
    far = moved_by > timedelta(minutes=policy.remedy_start_change_minutes)
    other_day = _local_date(showing.start_time, sold) != _local_date(sold.start_time, sold)
    return OfferCause.RESCHEDULED if far or other_day else None


def _is_in_time(start: datetime, changed_at: datetime, policy: SalesPolicy) -> bool:
    return start - changed_at >= timedelta(seconds=policy.refund_before_start_seconds)


def _last_day_end(start: datetime, sold: ScreeningAsSold, policy: SalesPolicy) -> datetime:
    local_date = _local_date(start, sold).isoformat()
    return window_end(local_date, policy.remedy_days, sold.time_zone)


def _local_date(instant: datetime, sold: ScreeningAsSold) -> date:
    return instant.astimezone(ZoneInfo(sold.time_zone)).date()
