"""The events of catalog as bytes."""

from datetime import datetime
from uuid import UUID

from cinema.catalog.v1 import events_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.domain.cinema import Hall
from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList
from services.catalog.domain.terms import Terms
from services.common.db.outbox import OutboxEvent

# A cinema ID may look like a policy's code; versions are counted per aggregate ID.
POLICY_PREFIX = "policy:"
HOLIDAYS_PREFIX = "holidays:"


def screening_published(screening_id: UUID, cinema_id: str) -> OutboxEvent:
    payload = pb.ScreeningPublished(screening_id=str(screening_id), cinema_id=cinema_id, version=1)
    return OutboxEvent(
        "ScreeningPublished", str(screening_id), 1, payload.SerializeToString(deterministic=True)
    )


def screening_changed(screening_id: UUID, cinema_id: str, version: int) -> OutboxEvent:
    payload = pb.ScreeningChanged(
        screening_id=str(screening_id), cinema_id=cinema_id, version=version
    )
    return OutboxEvent(
        "ScreeningChanged",
        str(screening_id),
        version,
        payload.SerializeToString(deterministic=True),
    )


def screening_terminated(
    screening_id: UUID, cinema_id: str, version: int, *, now: datetime, attributable: bool
) -> OutboxEvent:
    payload = pb.ScreeningTerminated(
        screening_id=str(screening_id),
        cinema_id=cinema_id,
        version=version,
        terminate_time=_timestamp(now),
        attributable=attributable,
    )
    return OutboxEvent(
        "ScreeningTerminated",
        str(screening_id),
        version,
        payload.SerializeToString(deterministic=True),
    )


def seat_plan_published(
    hall: Hall, seat_plan_id: UUID, effective_time: datetime | None
) -> OutboxEvent:
    payload = pb.SeatPlanPublished(
        hall_id=str(hall.id),
        cinema_id=hall.cinema_id,
        seat_plan_id=str(seat_plan_id),
        effective_time=None if effective_time is None else _timestamp(effective_time),
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
        effective_time=_timestamp(price_list.prices.effective_time),
    )
    return OutboxEvent(
        "PricesPublished", cinema_id, version, payload.SerializeToString(deterministic=True)
    )


def terms_published(terms: Terms, version: int) -> OutboxEvent:
    payload = pb.TermsPublished(
        policy_code=terms.policy_code,
        gtc_version=terms.gtc_version,
        otc_version=terms.otc_version,
        effective_time=_timestamp(terms.effective_time),
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


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
