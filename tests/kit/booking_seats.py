"""What tests of booking's seats are made of: catalog's answers, a catalog, and wishes."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from cinema.catalog.v1 import policy_pb2, price_pb2, screening_pb2
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsResponse
from cinema.catalog.v1.seat_plan_pb2 import Seat, SeatPlan, SeatRow, SeatSegment
from cinema.type.v1.money_pb2 import Money

from services.booking.domain.errors import ScreeningNotFoundError
from services.booking.domain.hold import Hold
from services.booking.domain.seat_wish import Wish
from services.booking.domain.ticket_choice import TicketCount
from services.common.errors import DependencyUnavailableError
from services.common.requests import RequestKey

CINEMA_ID = "1818"
POLICY_CODE = "cinema-city-ro"
HOLD_SECONDS = 600
SERVER_START = datetime(2026, 3, 1, tzinfo=UTC)


def a_plan_with_special_seats() -> SeatPlan:
    """One row: a wheelchair place W and its companion's seat C, A1 to A4, a sofa of S1 and S2."""
    kinds = {"W": Seat.KIND_WHEELCHAIR, "C": Seat.KIND_COMPANION, "S": Seat.KIND_SOFA}
    seats = [
        Seat(
            id=seat_id,
            number=seat_id,
            kind=kinds.get(seat_id[0], Seat.KIND_STANDARD),
            area="STANDARD",
            sofa_id="S" if seat_id.startswith("S") else "",
            companion_of="W" if seat_id == "C" else "",
        )
        for seat_id in ("W", "C", "A1", "A2", "A3", "A4", "S1", "S2")
    ]
    rows = [SeatRow(name="A", segments=[SeatSegment(seats=seats)])]
    return SeatPlan(id=str(uuid4()), hall_id=str(uuid4()), version=1, rows=rows)


def a_seat_plan(*, rows: int = 5, seats_per_row: int = 10, plan_id: UUID | None = None) -> SeatPlan:
    """A plan of rows A, B, C... with one segment each, all of the area STANDARD."""
    return SeatPlan(
        id=str(plan_id or uuid4()),
        hall_id=str(uuid4()),
        version=1,
        rows=[_row(chr(ord("A") + row), seats_per_row) for row in range(rows)],
    )


def _row(name: str, seats: int) -> SeatRow:
    kind = Seat.KIND_STANDARD
    return SeatRow(
        name=name,
        segments=[
            SeatSegment(
                seats=[
                    Seat(id=f"{name}{number}", number=str(number), kind=kind, area="STANDARD")
                    for number in range(1, seats + 1)
                ]
            )
        ],
    )


def sales_facts(
    screening_id: UUID,
    *,
    plan: SeatPlan | None = None,
    version: int = 1,
    price_minor_units: int = 3_000,
    max_tickets_per_type: int = 10,
    now: datetime | None = None,
) -> GetSalesFactsResponse:
    """Catalog's answer for a screening that starts in three hours and is sold until then."""
    now = now or datetime.now(UTC)
    plan = plan or a_seat_plan()
    start = now + timedelta(hours=3)
    screening = screening_pb2.Screening(
        id=str(screening_id),
        cinema_id=CINEMA_ID,
        hall_id=plan.hall_id,
        hall_name="Hall 3",
        film=screening_pb2.Film(
            id="0198c0de-0000-7000-8000-00000000f11a",
            title="Alpha",
            rating="AP-12",
            event_kind="FILM",
        ),
        local_start=start.strftime("%Y-%m-%dT%H:%M"),
        business_day=start.strftime("%Y-%m-%d"),
        format="2D",
        category="STANDARD",
        state=screening_pb2.Screening.STATE_SCHEDULED,
        sold_online=True,
        seat_plan_id=plan.id,
        version=version,
    )
    screening.start_time.FromDatetime(start)
    screening.end_time.FromDatetime(start + timedelta(hours=2))
    screening.sales_start_time.FromDatetime(now - timedelta(days=7))
    screening.sales_end_time.FromDatetime(start)
    answer = GetSalesFactsResponse(
        screening=screening,
        price_version=str(uuid4()),
        policy=_policy(max_tickets_per_type),
        gtc_version="2024-01",
        otc_version="2024-02",
        quotes=[
            _quote("ADULT", price_minor_units, ""),
            _quote("CHILD", price_minor_units // 2, ""),
            _quote("STUDENT", price_minor_units * 2 // 3, "STUDENT_CARD"),
        ],
        seat_plan=plan,
    )
    answer.cinema.id = CINEMA_ID
    answer.cinema.name = "Cotroceni"
    answer.cinema.city = "Bucharest"
    answer.cinema.time_zone = "Europe/Bucharest"
    answer.cinema.currency_code = "RON"
    answer.cinema.policy_code = POLICY_CODE
    answer.cinema.cards_accepted = True
    answer.cinema.sold_online = True
    return answer


def not_sold(answer: GetSalesFactsResponse, reason: str) -> GetSalesFactsResponse:
    """The same screening, box office only."""
    answer.screening.sold_online = False
    answer.screening.not_sold_reason = screening_pb2.Screening.NotSoldReason.Value(
        f"NOT_SOLD_REASON_{reason}"
    )
    return answer


def end_screening(
    answer: GetSalesFactsResponse,
    state: screening_pb2.Screening.State.ValueType = screening_pb2.Screening.STATE_TERMINATED,
    *,
    ended_at: datetime | None = None,
    attributable: bool = True,
) -> None:
    """Let staff call a screening off, or stop it while it runs, at its start if nothing is said."""
    screening = answer.screening
    screening.state = state
    screening.version += 1
    screening.ending.time.CopyFrom(screening.start_time)
    if ended_at is not None:
        screening.ending.time.FromDatetime(ended_at)
    screening.ending.attributable = attributable


def _policy(max_tickets_per_type: int) -> policy_pb2.SalesPolicy:
    return policy_pb2.SalesPolicy(
        code=POLICY_CODE,
        version="2024-02",
        hold_seconds=HOLD_SECONDS,
        max_tickets_per_type=max_tickets_per_type,
        payment_margin_seconds=20,
        min_payment_seconds=60,
        cancel_before_start_seconds=7_200,
        refund_before_start_seconds=1_800,
        remedy_days=2,
        rescue_seconds=1_800,
        voucher_valid_days=365,
    )


def _quote(ticket_type: str, minor_units: int, proof: str) -> price_pb2.Quote:
    return price_pb2.Quote(
        ticket_type=ticket_type,
        area="STANDARD",
        price=Money(currency_code="RON", minor_units=minor_units),
        supplement=Money(currency_code="RON", minor_units=0),
        service_fee=Money(currency_code="RON", minor_units=200),
        proof=proof,
    )


class FakeCatalog:
    """Answers for the screenings it was given; counts how often it was asked."""

    def __init__(self) -> None:
        self.answers: dict[UUID, GetSalesFactsResponse] = {}
        self.is_down = False
        self.times_asked = 0
        self.before_answer: Callable[[], None] | None = None

    def publish(self, answer: GetSalesFactsResponse) -> UUID:
        screening_id = UUID(answer.screening.id)
        self.answers[screening_id] = answer
        return screening_id

    async def sales_facts(
        self, screening_id: UUID, *, include_seat_plan: bool
    ) -> GetSalesFactsResponse:
        self.times_asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise DependencyUnavailableError("catalog")
        known = self.answers.get(screening_id)
        if known is None:
            raise ScreeningNotFoundError(screening_id)
        answer = GetSalesFactsResponse()
        answer.CopyFrom(known)
        if not include_seat_plan:
            answer.ClearField("seat_plan")
        return answer


def a_wish(
    screening_id: UUID,
    seat_ids: Sequence[str] = ("A1",),
    *,
    owner: str = "guest:somebody",
    tickets: Sequence[TicketCount] | None = None,
    promotion_code: str = "",
) -> Wish:
    """A guest's wish for adult tickets on these seats."""
    return Wish(
        screening_id=screening_id,
        owner=owner,
        channel="WEB",
        seat_ids=list(seat_ids),
        tickets=[TicketCount("ADULT", len(seat_ids))] if tickets is None else tickets,
        promotion_code=promotion_code,
    )


def a_key(
    owner: str = "guest:somebody",
    *,
    request_id: UUID | None = None,
    body: bytes = b"body",
    call: str = "HoldSeats",
) -> RequestKey:
    """The key of a call whose answer is the hold's ID, state and deadline."""
    return RequestKey(
        principal=owner,
        method=f"/cinema.booking.v1.BookingService/{call}",
        request_id=request_id or uuid4(),
        fingerprint=body.ljust(32, b"."),
        pack=_pack,
    )


def _pack(hold: Hold) -> bytes:
    return f"{hold.id} {hold.visible_state} {hold.expires_at} {hold.time_left}".encode()
