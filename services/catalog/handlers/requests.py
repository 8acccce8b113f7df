"""Messages as domain objects."""

from datetime import UTC, date, datetime
from uuid import UUID

from cinema.catalog.v1 import (
    cinema_pb2,
    policy_pb2,
    price_pb2,
    programme_service_pb2,
    seat_plan_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.domain.cinema import Cinema, FeedRules, Staff
from services.catalog.domain.errors import InvalidDateError
from services.catalog.domain.prices import FormatSupplement, PriceLine, Prices, TicketType
from services.catalog.domain.seat_plan import Row, Seat, SeatKind, SeatPlan
from services.catalog.domain.terms import SalesPolicy, Terms
from services.catalog.use_cases.ports import ScreeningFilter
from services.common import ids
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.call import current_call
from services.common.rpc.money import money_of

MIN_YEAR, MAX_YEAR = 2000, 2200


def staff_of_call() -> Staff:
    """Say who of the staff makes the call being served."""
    call = current_call()
    caller = call.caller
    return Staff(caller.subject, tuple(sorted(caller.roles)), caller.cinemas, call.request_id)


def moment_of(stamp: Timestamp, field: str) -> datetime:
    """Read a time of this age, in UTC; INVALID_FIELD otherwise."""
    try:
        moment = stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not MIN_YEAR <= moment.year <= MAX_YEAR:
        raise InvalidRequestError(FieldViolation(field, "is not a time of this age"))
    return moment


def cinema_of(message: cinema_pb2.Cinema) -> Cinema:
    return Cinema(
        id=message.id,
        name=message.name,
        city=message.city,
        phone=message.phone,
        time_zone=message.time_zone,
        currency=message.currency_code,
        formats=tuple(message.formats),
        cards_accepted=message.cards_accepted,
        sold_online=message.sold_online,
        country_code=message.country_code,
        policy_code=message.policy_code,
    )


def rules_of(message: cinema_pb2.ImportProfile, cinema: cinema_pb2.Cinema) -> FeedRules:
    """Read the rules of a feed; INVALID_FIELD when they are another cinema's."""
    if message.cinema_id != cinema.id:
        raise InvalidRequestError(
            FieldViolation("import_profile.cinema_id", "must be the cinema's ID")
        )
    return FeedRules(
        message.advertising_minutes,
        message.cleaning_minutes,
        {each.token.lower(): each.rating for each in message.ratings},
    )


def seat_plan_of(message: seat_plan_pb2.SeatPlan) -> SeatPlan:
    return SeatPlan(
        tuple(
            Row(
                row.name,
                tuple(tuple(_seat_of(seat) for seat in segment.seats) for segment in row.segments),
            )
            for row in message.rows
        )
    )


def _seat_of(seat: seat_plan_pb2.Seat) -> Seat:
    kind = SeatKind(seat_plan_pb2.Seat.Kind.Name(seat.kind).removeprefix("KIND_"))
    return Seat(seat.id, seat.number, kind, seat.area, seat.sofa_id, seat.x, seat.y)


def prices_of(message: price_pb2.PriceList) -> Prices:
    return Prices(
        cinema_id=message.cinema_id,
        effective_time=moment_of(message.effective_time, "price_list.effective_time"),
        ticket_types=tuple(
            TicketType(each.code, each.name, each.proof) for each in message.ticket_types
        ),
        lines=tuple(
            PriceLine(
                line.ticket_type, line.area, tuple(sorted(line.weekdays)), money_of(line.price)
            )
            for line in message.lines
        ),
        supplements=tuple(
            FormatSupplement(each.format, money_of(each.supplement)) for each in message.supplements
        ),
        service_fee=money_of(message.service_fee),
        fee_on_places=message.fee_on_places,
    )


def terms_of(message: policy_pb2.Terms) -> Terms:
    """Read terms; code and version of the figures are those of the terms."""
    policy = message.policy
    if policy.code != message.policy_code:
        raise InvalidRequestError(
            FieldViolation("terms.policy.code", "must be the terms' policy code")
        )
    return Terms(
        policy_code=message.policy_code,
        gtc_version=message.gtc_version,
        otc_version=message.otc_version,
        gtc_text=message.gtc_text,
        otc_text=message.otc_text,
        effective_time=moment_of(message.effective_time, "terms.effective_time"),
        policy=SalesPolicy(
            hold_seconds=policy.hold_seconds,
            max_tickets_per_type=policy.max_tickets_per_type,
            payment_margin_seconds=policy.payment_margin_seconds,
            min_payment_seconds=policy.min_payment_seconds,
            cancel_before_start_seconds=policy.cancel_before_start_seconds,
            refund_before_start_seconds=policy.refund_before_start_seconds,
            remedy_days=policy.remedy_days,
            rescue_seconds=policy.rescue_seconds,
            voucher_valid_days=policy.voucher_valid_days,
            ratings_not_sold_online=tuple(policy.ratings_not_sold_online),
            categories_sold_online=tuple(policy.categories_sold_online),
        ),
    )


def screening_filter_of(request: programme_service_pb2.ListScreeningsRequest) -> ScreeningFilter:
    """Read which screenings are wanted; INVALID_DATE for a day that no calendar has."""
    try:
        day = date.fromisoformat(request.date)
    except ValueError:
        raise InvalidDateError(request.date) from None
    return ScreeningFilter(
        cinema_id=request.cinema_id,
        film_id=_optional_id(request.film_id, "film_id"),
        day=day,
        by_business_day=request.by_business_day,
        format=request.format,
        include_not_sold=request.include_not_sold,
    )


def _optional_id(text: str, field: str) -> UUID | None:
    return ids.parse(text, field=field) if text else None
