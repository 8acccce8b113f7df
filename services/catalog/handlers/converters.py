"""Domain objects as messages."""

from datetime import datetime, timedelta
from uuid import UUID

from cinema.catalog.v1 import (
    catalog_admin_service_pb2,
    cinema_pb2,
    policy_pb2,
    price_pb2,
    sales_facts_service_pb2,
    screening_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.domain.cinema import Cinema, Hall
from services.catalog.domain.import_report import ImportSummary, RefusalReason, RefusedRow
from services.catalog.domain.prices import PriceList, Quote
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.domain.screening import NotSoldReason, Screening, ScreeningState
from services.catalog.domain.terms import SalesPolicy, Terms
from services.common.rpc.money import money_to_proto

_STATES = {
    ScreeningState.SCHEDULED: screening_pb2.Screening.STATE_SCHEDULED,
    ScreeningState.CANCELLED: screening_pb2.Screening.STATE_CANCELLED,
    ScreeningState.TERMINATED: screening_pb2.Screening.STATE_TERMINATED,
}
_NOT_SOLD = {
    NotSoldReason.NONE: screening_pb2.Screening.NOT_SOLD_REASON_UNSPECIFIED,
    NotSoldReason.NO_SEAT_PLAN: screening_pb2.Screening.NOT_SOLD_REASON_NO_SEAT_PLAN,
    NotSoldReason.CATEGORY: screening_pb2.Screening.NOT_SOLD_REASON_CATEGORY,
    NotSoldReason.RATING: screening_pb2.Screening.NOT_SOLD_REASON_RATING,
    NotSoldReason.NO_PRICES: screening_pb2.Screening.NOT_SOLD_REASON_NO_PRICES,
    NotSoldReason.CINEMA: screening_pb2.Screening.NOT_SOLD_REASON_CINEMA,
    NotSoldReason.OVER: screening_pb2.Screening.NOT_SOLD_REASON_OVER,
}
_PROBLEM = catalog_admin_service_pb2.ImportProblem
_REFUSALS = {
    RefusalReason.MISSING_KEY: _PROBLEM.REASON_MISSING_KEY,
    RefusalReason.INVALID_VALUE: _PROBLEM.REASON_INVALID_VALUE,
    RefusalReason.UNKNOWN_FILM: _PROBLEM.REASON_UNKNOWN_FILM,
    RefusalReason.NONEXISTENT_LOCAL_TIME: _PROBLEM.REASON_NONEXISTENT_LOCAL_TIME,
    RefusalReason.HALL_OCCUPIED: _PROBLEM.REASON_HALL_OCCUPIED,
    RefusalReason.OTHER_CINEMA: _PROBLEM.REASON_OTHER_CINEMA,
    RefusalReason.DUPLICATE_ID: _PROBLEM.REASON_DUPLICATE_ID,
}


def timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def cinema_to_proto(cinema: Cinema) -> cinema_pb2.Cinema:
    return cinema_pb2.Cinema(
        id=cinema.id,
        name=cinema.name,
        city=cinema.city,
        phone=cinema.phone,
        time_zone=cinema.time_zone,
        currency_code=cinema.currency,
        formats=cinema.formats,
        cards_accepted=cinema.cards_accepted,
        sold_online=cinema.sold_online,
        country_code=cinema.country_code,
        policy_code=cinema.policy_code,
    )


def hall_to_proto(hall: Hall) -> cinema_pb2.Hall:
    return cinema_pb2.Hall(
        id=str(hall.id),
        cinema_id=hall.cinema_id,
        name=hall.name,
        seat_plan_id=_id_or_empty(hall.seat_plan_id),
        capacity=hall.capacity,
    )


def screening_to_proto(
    screening: Screening, sales_end_after_start: timedelta
) -> screening_pb2.Screening:
    """Pack a screening; sales end so long after its start."""
    film = screening.film
    return screening_pb2.Screening(
        id=str(screening.id),
        feed_id=screening.feed_id,
        cinema_id=screening.cinema_id,
        hall_id=str(screening.hall_id),
        hall_name=screening.hall_name,
        film=screening_pb2.Film(
            id=str(film.id),
            feed_id=film.feed_id,
            title=film.title,
            length_minutes=film.length_minutes,
            rating=screening.rating,
            event_kind=screening.event_kind,
        ),
        start_time=timestamp(screening.starts_at),
        end_time=timestamp(screening.ends_at),
        local_start=screening.local_start.isoformat(timespec="minutes"),
        business_day=screening.business_day.isoformat(),
        format=screening.format,
        language_tokens=screening.language_tokens,
        unknown_tokens=screening.unknown_tokens,
        category=screening.category,
        state=_STATES[screening.state],
        sold_online=screening.sold_online,
        not_sold_reason=_NOT_SOLD[screening.not_sold_reason],
        seat_plan_id=_id_or_empty(screening.seat_plan_id),
        sales_start_time=timestamp(screening.sales_start_time),
        sales_end_time=timestamp(screening.starts_at + sales_end_after_start),
        etag=screening.etag,
        version=screening.version,
    )


def quote_to_proto(quote: Quote) -> price_pb2.Quote:
    return price_pb2.Quote(
        ticket_type=quote.ticket_type.code,
        ticket_type_name=quote.ticket_type.name,
        area=quote.area,
        price=money_to_proto(quote.price),
        supplement=money_to_proto(quote.supplement),
        service_fee=money_to_proto(quote.service_fee),
        proof=quote.ticket_type.proof,
    )


def price_list_to_proto(price_list: PriceList) -> price_pb2.PriceList:
    prices = price_list.prices
    return price_pb2.PriceList(
        id=str(price_list.id),
        cinema_id=prices.cinema_id,
        effective_time=timestamp(prices.effective_time),
        lines=[
            price_pb2.PriceLine(
                ticket_type=line.ticket_type,
                area=line.area,
                weekdays=line.weekdays,
                price=money_to_proto(line.price),
            )
            for line in prices.lines
        ],
        supplements=[
            price_pb2.FormatSupplement(
                format=each.format, supplement=money_to_proto(each.supplement)
            )
            for each in prices.supplements
        ],
        service_fee=money_to_proto(prices.service_fee),
        ticket_types=[
            price_pb2.TicketType(code=each.code, name=each.name, proof=each.proof)
            for each in prices.ticket_types
        ],
        fee_on_places=prices.fee_on_places,
    )


def policy_to_proto(policy: SalesPolicy, code: str, version: str) -> policy_pb2.SalesPolicy:
    return policy_pb2.SalesPolicy(
        code=code,
        version=version,
        hold_seconds=policy.hold_seconds,
        max_tickets_per_type=policy.max_tickets_per_type,
        payment_margin_seconds=policy.payment_margin_seconds,
        min_payment_seconds=policy.min_payment_seconds,
        cancel_before_start_seconds=policy.cancel_before_start_seconds,
        refund_before_start_seconds=policy.refund_before_start_seconds,
        remedy_days=policy.remedy_days,
        rescue_seconds=policy.rescue_seconds,
        voucher_valid_days=policy.voucher_valid_days,
        ratings_not_sold_online=policy.ratings_not_sold_online,
        categories_sold_online=policy.categories_sold_online,
    )


def terms_to_proto(terms: Terms) -> policy_pb2.Terms:
    return policy_pb2.Terms(
        policy_code=terms.policy_code,
        gtc_version=terms.gtc_version,
        otc_version=terms.otc_version,
        gtc_text=terms.gtc_text,
        otc_text=terms.otc_text,
        gtc_sha256=terms.gtc_sha256,
        otc_sha256=terms.otc_sha256,
        effective_time=timestamp(terms.effective_time),
        policy=policy_to_proto(terms.policy, terms.policy_code, terms.otc_version),
    )


def sales_facts_to_proto(
    facts: SalesFacts, sales_end_after_start: timedelta
) -> sales_facts_service_pb2.GetSalesFactsResponse:
    """Pack the facts, without the seat plan."""
    response = sales_facts_service_pb2.GetSalesFactsResponse(
        screening=screening_to_proto(facts.screening, sales_end_after_start),
        cinema=cinema_to_proto(facts.cinema),
        quotes=[quote_to_proto(quote) for quote in facts.quotes()],
        public_holiday=facts.public_holiday,
    )
    if facts.price_list is not None:
        response.price_version = str(facts.price_list.id)
        response.fee_on_places = facts.price_list.prices.fee_on_places
    if facts.terms is not None:
        terms = facts.terms
        response.policy.CopyFrom(
            policy_to_proto(terms.policy, terms.policy_code, terms.otc_version)
        )
        response.gtc_version = terms.gtc_version
        response.otc_version = terms.otc_version
    return response


def problem_to_proto(row: RefusedRow) -> catalog_admin_service_pb2.ImportProblem:
    return _PROBLEM(
        list=row.section.value,
        index=row.index,
        feed_id=row.feed_id,
        reason=_REFUSALS[row.reason],
        key=row.key,
    )


def summary_to_proto(summary: ImportSummary) -> catalog_admin_service_pb2.ImportSummary:
    return catalog_admin_service_pb2.ImportSummary(
        screenings_read=summary.screenings_read,
        screenings_created=summary.screenings_created,
        screenings_updated=summary.screenings_updated,
        screenings_unchanged=summary.screenings_unchanged,
        rows_refused=summary.rows_refused,
        films_changed=summary.films_changed,
        halls_created=summary.halls_created,
        unknown_tokens=[
            catalog_admin_service_pb2.UnknownToken(token=each.token, count=each.count)
            for each in summary.unknown_tokens
        ],
        screenings_not_sold=summary.screenings_not_sold,
    )


def _id_or_empty(value: UUID | None) -> str:
    return "" if value is None else str(value)
