"""Which remedy is due, and until when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import NoRemedyDueError, RemedyWindowClosedError
from services.booking.domain.order_leg import LegState
from services.booking.domain.prices import PriceTable
from services.booking.domain.remedy import Remedy, RemedyKind, window_end
from services.booking.domain.remedy_rules import remedy_due
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from tests.kit.booking_order_builders import a_policy, an_order, ron

# The screening is on 22 November in Bucharest (UTC+2): the last moment is on the 24th.
LAST_MOMENT = datetime(2026, 11, 24, 21, 59, 59, 999_999, tzinfo=UTC)
TOO_LATE = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


def facts(state: ScreeningState = ScreeningState.TERMINATED) -> ScreeningFacts:
    start = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    return ScreeningFacts(
        screening_id=uuid4(), version=2, state=state, cinema_id="1818", cinema_name="Cotroceni",
        city="Bucharest", phone="+40314130140", time_zone="Europe/Bucharest", currency="RON",
        country_code="RO", cards_accepted=True, hall_id="hall-3", hall_name="Hall 3",
        film_id=str(uuid4()), film_title="Alpha", rating="AP-12", event_kind="FILM", format="2D",
        category="STANDARD", start_time=start, end_time=start + timedelta(hours=2),
        local_start="2026-11-22T21:00", business_day="2026-11-22", public_holiday=False,
        sold_online=False, not_sold_reason="OVER", seat_plan_id=uuid4(),
        sales_start_time=start - timedelta(days=7), sales_end_time=start,
        fee_on_places=False, gtc_version="2024-01", otc_version="2024-02", policy=a_policy(),
        prices=PriceTable("", {}),
    )  # fmt: skip


def bought(
    read_at: datetime = LAST_MOMENT,
    *,
    money: LegState | None = LegState.DONE,
    places: LegState | None = None,
) -> Order:
    return an_order(OrderState.CONFIRMED, granted=True, read_at=read_at, money=money, places=places)


def due(order: Order, state: ScreeningState = ScreeningState.TERMINATED) -> Remedy:
    return remedy_due(order, facts(state), uuid4())


@pytest.mark.rule("OTC-34b")
def test_the_second_day_counts_to_its_last_moment_in_the_cinemas_zone() -> None:
    remedy = due(bought(LAST_MOMENT))

    assert remedy.kind is RemedyKind.VOUCHER
    with pytest.raises(RemedyWindowClosedError):
        due(bought(TOO_LATE))


@pytest.mark.rule("OTC-34b")
def test_days_are_calendar_days_when_the_clocks_change() -> None:
    autumn = window_end("2026-10-23", 2, "Europe/Bucharest")  # The clocks go back on the 25th.

    assert autumn == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-11")
def test_the_voucher_is_worth_the_tickets_without_the_fees() -> None:
    assert due(bought()).amount == ron(6_000)


@pytest.mark.rule("OTC-33b")
def test_of_a_mixed_order_the_money_part_alone_becomes_a_voucher() -> None:
    remedy = due(bought(places=LegState.DONE, money=LegState.DONE))

    assert remedy.amount == ron(3_000)


@pytest.mark.rule("OTC-6")
def test_places_never_become_money() -> None:
    remedy = due(bought(places=LegState.DONE, money=None))

    assert (remedy.kind, remedy.amount) == (RemedyKind.PLACES_ONLY, ron(0))


@pytest.mark.parametrize("state", [ScreeningState.SCHEDULED, ScreeningState.CANCELLED])
def test_only_a_terminated_screening_is_settled_here(state: ScreeningState) -> None:
    with pytest.raises(NoRemedyDueError):
        due(bought(), state)


@pytest.mark.parametrize("state", [s for s in OrderState if s is not OrderState.CONFIRMED])
def test_without_tickets_nothing_is_due(state: OrderState) -> None:
    order = replace(bought(), state=state)

    with pytest.raises(NoRemedyDueError):
        due(order)


def test_the_voucher_is_good_for_its_days_from_the_local_date() -> None:
    assert due(bought(LAST_MOMENT)).last_screening_date == date(2027, 11, 24)
