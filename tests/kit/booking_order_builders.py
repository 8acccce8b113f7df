"""Builds orders for tests that need no database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.booking.domain.decision import Decision
from services.booking.domain.hold import SeatQuote
from services.booking.domain.order import AcceptedTerms, Order, OrderState
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import (
    PAYMENT_LEG,
    PlaceCover,
    make_lines,
    money_due_of,
    total_of,
)
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.prices import PriceTable
from services.booking.domain.screening import SalesPolicy, ScreeningFacts, ScreeningState
from services.common.money import Money
from tests.kit.booking_orders import GUEST, a_contact

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(minutes=10)
CARD_ID = UUID("0198c0de-0000-7000-8000-00000000c001")


def ron(minor_units: int) -> Money:
    return Money("RON", minor_units)


def a_seat(
    seat_id: str = "A1", *, price: int = 3_000, supplement: int = 0, fee: int = 200
) -> SeatQuote:
    return SeatQuote(
        seat_id=seat_id,
        seat_index=int(seat_id[1:]) - 1,
        row_name=seat_id[0],
        seat_number=seat_id[1:],
        area="STANDARD",
        ticket_type="ADULT",
        price=ron(price),
        supplement=ron(supplement),
        service_fee=ron(fee),
        proof="",
    )


def a_policy(*, rescue_seconds: int = 1_800, online_rules_at_kiosk: bool = False) -> SalesPolicy:
    return SalesPolicy(
        code="cinema-city-ro",
        version="2024-02",
        hold_seconds=600,
        max_tickets_per_type=10,
        payment_margin_seconds=20,
        min_payment_seconds=60,
        cancel_before_start_seconds=7_200,
        refund_before_start_seconds=1_800,
        remedy_days=2,
        rescue_seconds=rescue_seconds,
        voucher_valid_days=365,
        online_rules_at_kiosk=online_rules_at_kiosk,
    )


def a_screening() -> ScreeningAsSold:
    """A screening of 22 November, 21:00 in Bucharest."""
    return ScreeningAsSold(
        cinema_id="1818",
        cinema_name="Cotroceni",
        phone="+40314130140",
        time_zone="Europe/Bucharest",
        country_code="RO",
        cards_accepted=True,
        hall_id="hall-3",
        hall_name="Hall 3",
        film_title="Alpha",
        rating="AP-12",
        event_kind="FILM",
        format="2D",
        start_time=datetime(2026, 11, 22, 19, 0, tzinfo=UTC),
        local_start="2026-11-22T21:00",
        public_holiday=False,
    )


def some_facts(state: ScreeningState = ScreeningState.SCHEDULED) -> ScreeningFacts:
    """What catalog says of that screening; not sold any more."""
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


def an_order(
    state: OrderState = OrderState.AWAITING_PAYMENT,
    *,
    money: LegState | None = LegState.OPEN,
    places: LegState | None = None,
    granted: bool = False,
    read_at: datetime = NOW,
    policy: SalesPolicy | None = None,
) -> Order:
    """An order of two seats; with `places` the first one is paid by a card, without `money` both."""
    covers = {}
    if places is not None:
        covered = ["A1"] if money is not None else ["A1", "A2"]
        covers = {seat_id: PlaceCover("places-1", CARD_ID, ron(0)) for seat_id in covered}
    lines = make_lines([a_seat("A1"), a_seat("A2")], covers, fee_on_places=False)
    due = money_due_of(lines, "RON")
    legs = []
    if places is not None:
        legs.append(
            OrderLeg("places-1", LegKind.PLACES, places, 1, card_id=CARD_ID, seat_ids=tuple(covers))
        )
    if money is not None:
        legs.append(OrderLeg(PAYMENT_LEG, LegKind.PAYMENT, money, 1, amount=due))
    return Order(
        id=uuid4(),
        screening_id=uuid4(),
        hold_id=uuid4(),
        number="K7QF-3M4D",
        owner=GUEST,
        account_id=None,
        channel="WEB",
        state=state,
        lines=lines,
        legs=legs,
        currency="RON",
        total=total_of(lines, "RON"),
        money_due=due,
        terms=AcceptedTerms("2024-01", "2024-02", NOW),
        policy=policy or a_policy(),
        screening=a_screening(),
        contact=a_contact(),
        created_at=NOW,
        expires_at=DEADLINE,
        read_at=read_at,
        return_url="https://shop.example/back",
        request_id=uuid4(),
        version=1,
        event_version=1,
        decisions={1: Decision(1)} if granted else {},
    )
