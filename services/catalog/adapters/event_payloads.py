"""The events of catalog as bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cinema.catalog.v1 import events_pb2 as pb
from cinema.catalog.v1 import screening_pb2

from services.catalog.domain.cinema import Hall
from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList
from services.catalog.domain.screening import Ending, Screening
from services.catalog.domain.screening_change import Change
from services.catalog.domain.terms import Terms
from services.common.db.outbox import OutboxEvent
from services.common.rpc.times import timestamp_of

# A cinema ID may look like a policy's code; versions are counted per aggregate ID.
POLICY_PREFIX = "policy:"
HOLIDAYS_PREFIX = "holidays:"

_CHANGES = {change: pb.ScreeningChanged.Change.Value(f"CHANGE_{change}") for change in Change}


def screening_published(screening_id: UUID, cinema_id: str) -> OutboxEvent:
    payload = pb.ScreeningPublished(screening_id=str(screening_id), cinema_id=cinema_id, version=1)
    return OutboxEvent(
        "ScreeningPublished", str(screening_id), 1, payload.SerializeToString(deterministic=True)
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """Start, film and hall of a screening: what its customers bought."""

    starts_at: datetime
    film_id: UUID
    hall_id: UUID


@dataclass(frozen=True, slots=True)
class Changed:
    """A new version of a screening, what differs, and both sides where the customers care."""

    screening_id: UUID
    cinema_id: str
    version: int
    now: datetime
    changes: Sequence[Change]
    before: Moved | None = None
    after: Moved | None = None


def screening_changed(changed: Changed) -> OutboxEvent:
    payload = pb.ScreeningChanged(
        screening_id=str(changed.screening_id),
        cinema_id=changed.cinema_id,
        version=changed.version,
        changes=[_CHANGES[change] for change in changed.changes],
        change_time=timestamp_of(changed.now),
    )
    before, after = changed.before, changed.after
    if before is not None and after is not None:
        if before.starts_at != after.starts_at:
            payload.old_start_time.CopyFrom(timestamp_of(before.starts_at))
            payload.start_time.CopyFrom(timestamp_of(after.starts_at))
        if before.film_id != after.film_id:
            payload.old_film_id, payload.film_id = str(before.film_id), str(after.film_id)
        if before.hall_id != after.hall_id:
            payload.old_hall_id, payload.hall_id = str(before.hall_id), str(after.hall_id)
    return OutboxEvent(
        "ScreeningChanged",
        str(changed.screening_id),
        changed.version,
        payload.SerializeToString(deterministic=True),
    )


def screening_cancelled(screening: Screening, ending: Ending) -> OutboxEvent:
    payload = pb.ScreeningCancelled(
        screening_id=str(screening.id),
        cinema_id=screening.cinema_id,
        version=screening.version,
        cancel_time=timestamp_of(ending.time),
        start_time=timestamp_of(screening.starts_at),
        cause=screening_pb2.CancellationCause.Value(f"CANCELLATION_CAUSE_{ending.cause}"),
        attributable=ending.attributable,
    )
    return OutboxEvent(
        "ScreeningCancelled",
        str(screening.id),
        screening.version,
        payload.SerializeToString(deterministic=True),
    )


def screening_terminated(screening: Screening, ending: Ending) -> OutboxEvent:
    payload = pb.ScreeningTerminated(
        screening_id=str(screening.id),
        cinema_id=screening.cinema_id,
        version=screening.version,
        terminate_time=timestamp_of(ending.time),
        attributable=ending.attributable,
    )
    return OutboxEvent(
        "ScreeningTerminated",
        str(screening.id),
        screening.version,
        payload.SerializeToString(deterministic=True),
    )


def seat_plan_published(
    hall: Hall, seat_plan_id: UUID, effective_time: datetime | None
) -> OutboxEvent:
    payload = pb.SeatPlanPublished(
        hall_id=str(hall.id),
        cinema_id=hall.cinema_id,
        seat_plan_id=str(seat_plan_id),
        effective_time=None if effective_time is None else timestamp_of(effective_time),
    )
    return OutboxEvent(
        "SeatPlanPublished",
        str(hall.id),
        hall.seat_plan_version,
        payload.SerializeToString(deterministic=True),
    )


def prices_published(price_list: PriceList, version: int) -> OutboxEvent:
    cinema_id = price_list.prices.cinema_id
    payload = pb.PricesPublished(
        cinema_id=cinema_id,
        price_list_id=str(price_list.id),
        effective_time=timestamp_of(price_list.prices.effective_time),
    )
    return OutboxEvent(
        "PricesPublished", cinema_id, version, payload.SerializeToString(deterministic=True)
    )


def terms_published(terms: Terms, version: int) -> OutboxEvent:
    payload = pb.TermsPublished(
        policy_code=terms.policy_code,
        gtc_version=terms.gtc_version,
        otc_version=terms.otc_version,
        effective_time=timestamp_of(terms.effective_time),
    )
    return OutboxEvent(
        "TermsPublished",
        f"{POLICY_PREFIX}{terms.policy_code}",
        version,
        payload.SerializeToString(deterministic=True),
    )


def holidays_set(calendar: HolidayCalendar, version: int) -> OutboxEvent:
    payload = pb.HolidaysSet(country_code=calendar.country_code, year=calendar.year)
    return OutboxEvent(
        "HolidaysSet",
        f"{HOLIDAYS_PREFIX}{calendar.country_code}",
        version,
        payload.SerializeToString(deterministic=True),
    )
