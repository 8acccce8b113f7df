"""Catalog's messages as booking's facts and seat plans."""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from cinema.catalog.v1 import (
    policy_pb2,
    price_pb2,
    programme_service_pb2,
    sales_facts_service_pb2,
    screening_pb2,
    seat_plan_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

from services.booking.domain.prices import PackageQuote, PriceTable, Promotion, Quote
from services.booking.domain.screening import (
    Ending,
    RemedyMode,
    SalesPolicy,
    ScreeningFacts,
    ScreeningState,
)
from services.booking.domain.seat_layout import Seat, SeatKind
from services.booking.domain.seats import SeatPlan
from services.common.rpc.money import money_of, money_or_zero

_STATES = {
    screening_pb2.Screening.STATE_SCHEDULED: ScreeningState.SCHEDULED,
    screening_pb2.Screening.STATE_CANCELLED: ScreeningState.CANCELLED,
    screening_pb2.Screening.STATE_TERMINATED: ScreeningState.TERMINATED,
}
# A kind that we do not know is an ordinary seat.
_KINDS = {
    seat_plan_pb2.Seat.KIND_WHEELCHAIR: SeatKind.WHEELCHAIR,
    seat_plan_pb2.Seat.KIND_COMPANION: SeatKind.COMPANION,
    seat_plan_pb2.Seat.KIND_SOFA: SeatKind.SOFA,
}
_REASON_PREFIX = "NOT_SOLD_REASON_"
# Each has a default of its own when it is not set.
_FIGURES_WITH_DEFAULT: tuple[
    Literal[
        "remedy_online_for_all",
        "remedy_start_change_minutes",
        "remedy_reminder_hours",
        "unattributable_remedy_needs_approval",
        "complaint_days",
        "complaint_answer_business_days",
    ],
    ...,
] = (
    "remedy_online_for_all",
    "remedy_start_change_minutes",
    "remedy_reminder_hours",
    "unattributable_remedy_needs_approval",
    "complaint_days",
    "complaint_answer_business_days",
)
_REMEDY_MODES = {
    policy_pb2.REMEDY_MODE_AUTO: RemedyMode.AUTO,
    policy_pb2.REMEDY_MODE_CUSTOMER_CHOICE: RemedyMode.CUSTOMER_CHOICE,
}


def facts_of(
    answer: sales_facts_service_pb2.GetSalesFactsResponse, *, facts_version: int = 0
) -> ScreeningFacts:
    """Read catalog's answer. A state that we do not know counts as called off: not for sale."""
    screening, cinema = answer.screening, answer.cinema
    state = _STATES.get(screening.state, ScreeningState.CANCELLED)
    return ScreeningFacts(
        screening_id=UUID(screening.id),
        version=screening.version,
        state=state,
        cinema_id=cinema.id,
        cinema_name=cinema.name,
        city=cinema.city,
        phone=cinema.phone,
        time_zone=cinema.time_zone,
        currency=cinema.currency_code,
        country_code=cinema.country_code,
        cards_accepted=cinema.cards_accepted,
        hall_id=screening.hall_id,
        hall_name=screening.hall_name,
        film_id=screening.film.id,
        film_title=screening.film.title,
        rating=screening.film.rating,
        event_kind=screening.film.event_kind,
        format=screening.format,
        category=screening.category,
        start_time=time_of(screening.start_time),
        end_time=time_of(screening.end_time),
        local_start=screening.local_start,
        business_day=screening.business_day,
        public_holiday=answer.public_holiday,
        sold_online=screening.sold_online and state is ScreeningState.SCHEDULED,
        not_sold_reason=_not_sold_reason(screening),
        seat_plan_id=UUID(screening.seat_plan_id) if screening.seat_plan_id else None,
        sales_start_time=time_of(screening.sales_start_time),
        sales_end_time=time_of(screening.sales_end_time),
        fee_on_places=answer.fee_on_places,
        gtc_version=answer.gtc_version,
        otc_version=answer.otc_version,
        policy=policy_of(answer.policy),
        prices=prices_of(answer),
        facts_version=facts_version,
        ending=ending_of(screening.ending) if screening.HasField("ending") else None,
    )


def ending_of(ending: screening_pb2.Ending) -> Ending:
    """Read how a screening ended."""
    return Ending(time_of(ending.time), ending.attributable)


def plan_of(plan: seat_plan_pb2.SeatPlan) -> SeatPlan:
    """Read a seat plan: seats count through rows and segments, from zero."""
    seats: dict[str, Seat] = {}
    segments = ((row.name, segment) for row in plan.rows for segment in row.segments)
    for number, (row_name, segment) in enumerate(segments):
        for seat in segment.seats:
            seats[seat.id] = Seat(
                seat.id,
                len(seats),
                row_name,
                seat.number,
                seat.area,
                blocked=seat.block_reason != seat_plan_pb2.Seat.BLOCK_REASON_UNSPECIFIED,
                segment=number,
                kind=_KINDS.get(seat.kind, SeatKind.STANDARD),
                sofa_id=seat.sofa_id,
                companion_of=seat.companion_of,
                x=seat.x,
                y=seat.y,
            )
    half_allowed = plan.sofa_sale == seat_plan_pb2.SeatPlan.SOFA_SALE_HALF_ALLOWED
    return SeatPlan(UUID(plan.id), seats, sofas_sold_whole=not half_allowed)


def prices_of(
    answer: sales_facts_service_pb2.GetSalesFactsResponse
    | programme_service_pb2.QuotePricesResponse,
    promotion: Promotion | None = None,
) -> PriceTable:
    """Read the quotes of an answer of catalog."""
    quotes = [quote_of(each) for each in answer.quotes]
    packages = [_package_of(each) for each in answer.package_quotes]
    return PriceTable(
        price_version=answer.price_version,
        quotes={(quote.ticket_type, quote.area): quote for quote in quotes},
        packages={(package.ticket_type, package.area): package for package in packages},
        promotion=promotion,
    )


def quote_of(quote: price_pb2.Quote) -> Quote:
    return Quote(
        ticket_type=quote.ticket_type,
        area=quote.area,
        price=money_of(quote.price),
        supplement=money_or_zero(quote.supplement, quote.price.currency_code),
        service_fee=money_or_zero(quote.service_fee, quote.price.currency_code),
        proof=quote.proof,
        regular_price=money_of(quote.regular_price) if quote.HasField("regular_price") else None,
    )


def _package_of(package: price_pb2.PackageQuote) -> PackageQuote:
    admissions = [
        Quote(
            ticket_type=each.ticket_type,
            area=package.area,
            price=money_of(each.price),
            supplement=money_or_zero(each.supplement, each.price.currency_code),
            service_fee=money_or_zero(each.service_fee, each.price.currency_code),
            proof=each.proof,
        )
        for each in package.admissions
        for _ in range(each.count)
    ]
    return PackageQuote(package.ticket_type, package.area, tuple(admissions))


def policy_of(policy: policy_pb2.SalesPolicy) -> SalesPolicy:
    return SalesPolicy(
        code=policy.code,
        version=policy.version,
        hold_seconds=policy.hold_seconds,
        max_tickets_per_type=policy.max_tickets_per_type,
        payment_margin_seconds=policy.payment_margin_seconds,
        min_payment_seconds=policy.min_payment_seconds,
        cancel_before_start_seconds=policy.cancel_before_start_seconds,
        refund_before_start_seconds=policy.refund_before_start_seconds,
        remedy_days=policy.remedy_days,
        rescue_seconds=policy.rescue_seconds,
        voucher_valid_days=policy.voucher_valid_days,
        strict_gap_rule=policy.gap_rule == policy_pb2.GAP_RULE_STRICT,
        max_tickets_per_order=policy.max_tickets_per_order,
        online_rules_at_kiosk=policy.online_rules_at_kiosk,
        remedy_mode=_REMEDY_MODES.get(policy.remedy_mode, RemedyMode.ON_REQUEST),
        **_figures_with_default(policy),
    )


def _figures_with_default(policy: policy_pb2.SalesPolicy) -> dict[str, Any]:
    """Read the figures that the policy sets."""
    names = _FIGURES_WITH_DEFAULT
    return {name: getattr(policy, name) for name in names if policy.HasField(name)}


def time_of(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)


def _not_sold_reason(screening: screening_pb2.Screening) -> str:
    name = screening_pb2.Screening.NotSoldReason.Name(screening.not_sold_reason)
    return name.removeprefix(_REASON_PREFIX).replace("UNSPECIFIED", "")
