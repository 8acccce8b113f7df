"""A screening goes to another hall: seats, tickets and orders go with it, all at the same moment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from cinema.catalog.v1 import events_pb2

from services.booking.adapters.screening_jobs import JobRows
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.errors import SalesPausedError
from services.booking.domain.hold import HoldState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.remedy import RemedyKind
from services.booking.domain.seats import SeatState
from services.booking.handlers.remedy_converters import job_to_proto
from services.booking.job_composition import screening_jobs, seat_moves
from services.booking.order_checks import order_checks
from services.booking.return_checks import return_checks
from services.booking.seat_checks import seat_checks
from services.common.db.checks import run_check
from tests.integration.booking.orders.changes import now_of, tell
from tests.integration.booking.orders.conftest import Shop
from tests.integration.booking.orders.test_notices import mails
from tests.kit.booking_seats import FakeCatalog, a_seat_plan

pytestmark = [pytest.mark.rule("OTC-22"), pytest.mark.rule("OTC-33d")]


@dataclass
class Mover:
    """Catalog's staff put a screening into another hall, and booking's worker follows."""

    shop: Shop
    catalog: FakeCatalog

    async def put_into(self, screening_id: UUID, *, rows: int, seats_per_row: int) -> str:
        """Let catalog move it to a hall of so many seats, and tell; gives the hall's name."""
        answer = self.catalog.answers[screening_id]
        old_hall, plan = (
            answer.screening.hall_id,
            a_seat_plan(rows=rows, seats_per_row=seats_per_row),
        )
        answer.screening.version += 1
        answer.screening.hall_id = plan.hall_id
        answer.screening.hall_name = f"Hall {answer.screening.version + 10}"
        answer.screening.seat_plan_id = plan.id
        answer.seat_plan.CopyFrom(plan)
        event = events_pb2.ScreeningChanged(
            screening_id=str(screening_id),
            version=answer.screening.version,
            changes=[events_pb2.ScreeningChanged.CHANGE_HALL],
            old_hall_id=old_hall,
            hall_id=plan.hall_id,
        )
        event.change_time.FromDatetime(await now_of(self.shop))
        await tell(self.shop, event)
        return answer.screening.hall_name

    async def move_due(self, shop: Shop | None = None) -> int:
        at = (shop or self.shop).process
        return await seat_moves(at.database, at.screenings).move_due()

    async def work(self) -> None:
        """Do all that is due of jobs."""
        run = screening_jobs(self.shop.process.database)
        while await run():
            pass

    async def move(self, screening_id: UUID, *, rows: int, seats_per_row: int) -> str:
        hall = await self.put_into(screening_id, rows=rows, seats_per_row=seats_per_row)
        assert await self.move_due() == 1
        await self.work()
        return hall

    async def ticket_seats(self, order: Order) -> list[str]:
        tickets = await self.shop.use.store.list_tickets(order, after_number="", limit=50)
        return [ticket.seat_id for ticket in tickets]

    async def sales_state(self, screening_id: UUID) -> str:
        state: str = await self.shop.process.database.fetchval(
            "SELECT sales_state FROM screening_board WHERE screening_id = $1", screening_id
        )
        return state

    async def violations(self) -> list[str]:
        found = []
        for check in [*seat_checks(), *order_checks(), *return_checks()]:
            found += await run_check(self.shop.process.database, "booking", check, wait_s=0)
        return [
            f"{each.check}: {each.subject} {each.detail}" for each in found if not each.in_flight
        ]


@pytest.fixture
def mover(shop: Shop, catalog: FakeCatalog) -> Mover:
    return Mover(shop, catalog)


async def test_orders_keep_their_seats_where_they_can_and_get_others_where_not(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    same = await shop.buy(screening_id, ["A1", "A2"])
    other = await shop.buy(screening_id, ["E9", "E10"])

    hall = await mover.move(screening_id, rows=3, seats_per_row=6)

    same, other = await shop.read(same), await shop.read(other)
    assert same.screening_now.hall_name == other.screening_now.hall_name == hall
    assert await mover.ticket_seats(same) == ["A1", "A2"]
    assert await mover.ticket_seats(other) == ["C5", "C6"]
    assert [other.place_of(line).seat_id for line in other.lines] == ["C5", "C6"]
    assert [line.seat_id for line in other.lines] == ["E9", "E10"]
    states = await shop.process.states(screening_id)
    assert [at for at, state in enumerate(states) if state == SeatState.SOLD] == [0, 1, 16, 17]
    assert len(states) == 18
    assert ("SEATS_MOVED", f"{hall}: E9 > C5, E10 > C6") in story_of(other)
    assert await mover.violations() == []


async def test_two_orders_change_places_without_a_seat_being_anybodys_twice(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    orders = [await shop.buy(screening_id, [f"{row}{at}"]) for row in "AB" for at in (1, 10)]

    await mover.move(screening_id, rows=1, seats_per_row=4)

    seats = [seat for order in orders for seat in await mover.ticket_seats(order)]
    assert sorted(seats) == ["A1", "A2", "A3", "A4"]
    assert await mover.violations() == []


async def test_sales_stop_with_the_news_and_go_on_when_all_is_moved(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id, ["A1"])
    await shop.buy(screening_id, ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"])
    held = await shop.hold(screening_id, ["B1"])
    await mover.put_into(screening_id, rows=2, seats_per_row=4)

    moving = await mover.sales_state(screening_id)
    with pytest.raises(SalesPausedError):
        await shop.hold(screening_id, ["B3"])
    await mover.move_due()
    before_the_job = await mover.sales_state(screening_id)
    nothing_is_wrong = await mover.violations()
    await mover.work()
    again = await shop.hold(screening_id, ["B1"])

    given_up = await shop.process.get_hold(screening_id, held.id, held.owner)
    assert (moving, before_the_job) == ("MOVING", "MOVING")
    assert nothing_is_wrong == []
    assert given_up.state is HoldState.RELEASED
    assert await mover.sales_state(screening_id) == "ON_SALE"
    assert again.state is HoldState.ACTIVE


async def test_who_is_paying_pays_for_the_new_seat(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id, ["E9", "E10"])
    await mover.put_into(screening_id, rows=3, seats_per_row=6)

    with pytest.raises(SalesPausedError):
        await shop.pay(order)
    await mover.move_due()
    await mover.work()
    decision = await shop.pay(order)
    bought = await shop.drive(order)

    assert decision.granted
    assert bought.state is OrderState.CONFIRMED
    assert await mover.ticket_seats(bought) == ["C5", "C6"]
    assert await mover.violations() == []


async def test_who_has_no_seat_is_cancelled_by_the_cinema_and_gets_the_money_back(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    first = await shop.buy(screening_id, ["A1", "A2"])
    second = await shop.buy(screening_id, ["B1", "B2", "B3"])

    await mover.move(screening_id, rows=1, seats_per_row=4)

    cancelled = await shop.read(second)
    assert (await shop.read(first)).state is OrderState.CONFIRMED
    assert cancelled.state is OrderState.CANCELLED
    assert [leg.amount for leg in cancelled.refund_legs] == [cancelled.refundable_money]
    assert cancelled.remedy is None
    assert [row["key"] for row in await mails(shop, "order-cancelled")] == [
        f"order-cancelled:{second.id}"
    ]
    assert await mover.sales_state(screening_id) == "ON_SALE"
    assert await mover.violations() == []


async def test_who_is_paying_and_has_no_seat_any_more_is_not_charged(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id, ["A1", "A2"])
    order = await shop.place(screening_id, ["B1", "B2"])

    await mover.move(screening_id, rows=1, seats_per_row=3)
    decision = await shop.pay(order)
    await shop.past_deadline()
    await shop.expire_due()

    lost = await shop.read(order)
    assert decision == Decision(1, Refusal.HOLD_EXPIRED)
    assert lost.state is OrderState.EXPIRED
    assert "SEATS_LOST" in [what for what, _ in story_of(lost)]
    assert await mover.violations() == []


async def test_staff_read_how_far_a_move_is_and_what_became_of_whom(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id, ["A1", "A2"])
    await shop.buy(screening_id, ["E10"])
    unseated = await shop.buy(screening_id, ["B1", "B2", "B3"])
    await shop.hold(screening_id, ["D1"])
    jobs = JobRows(shop.process.database)

    hall = await mover.put_into(screening_id, rows=1, seats_per_row=4)
    await mover.move_due()
    begun = [job_to_proto(job) for job in await jobs.of_screening(screening_id, None, 10)]
    await mover.work()
    ended = [job_to_proto(job) for job in await jobs.of_screening(screening_id, None, 10)]

    moved, ended_move = begun[1], ended[1]
    assert (moved.kind, moved.state) == (moved.KIND_MOVE, moved.STATE_RUNNING)
    assert (moved.done, moved.total) == (0, 3)
    assert ended_move.state == moved.STATE_DONE
    outcome = ended_move.moved_orders
    assert (outcome.hall_name, outcome.same_seats, outcome.other_seats) == (hall, 1, 1)
    assert list(outcome.unseated_order_numbers) == [unseated.number]
    assert outcome.released_holds == 1
    assert not ended[0].HasField("moved_orders")


async def test_who_has_no_seat_less_than_half_an_hour_before_gets_a_voucher(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id, ["A1"])
    late = await shop.buy(screening_id, ["B1", "B2"])
    await shop.process.move_clock(3 * 3_600 - 1_799)

    await mover.move(screening_id, rows=1, seats_per_row=2)

    cancelled = await shop.read(late)
    assert cancelled.state is OrderState.CANCELLED
    assert cancelled.remedy is not None
    assert cancelled.remedy.kind is RemedyKind.VOUCHER
    assert cancelled.remedy.amount == cancelled.refundable_money


@pytest.mark.rule("OTC-14.5a")
async def test_each_order_is_told_once_and_after_the_seats_are_known(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    kept = await shop.buy(screening_id, ["A1", "A2"])
    gone = await shop.buy(screening_id, ["B1", "B2", "B3"])
    await mover.put_into(screening_id, rows=1, seats_per_row=4)

    await mover.work()
    before = await mails(shop, "screening-changed")
    await mover.move_due()
    await mover.work()
    await mover.work()

    told = await mails(shop, "screening-changed")
    assert before == []
    assert [row["key"] for row in told] == [f"screening-changed:{kept.id}:2"]
    assert (await shop.read(gone)).state is OrderState.CANCELLED


async def test_a_screening_may_be_moved_again_and_nobody_loses_track(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id, ["E9", "E10"])

    await mover.move(screening_id, rows=3, seats_per_row=6)
    hall = await mover.move(screening_id, rows=2, seats_per_row=4)

    moved = await shop.read(order)
    assert moved.screening_now.hall_name == hall
    assert [moved.place_of(line).seat_id for line in moved.lines] == ["B3", "B4"]
    assert await mover.ticket_seats(order) == ["B3", "B4"]
    assert await mover.violations() == []


async def test_a_granted_order_gets_its_tickets_before_anything_is_moved(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id, ["A1"])
    await shop.pay(order)
    await mover.put_into(screening_id, rows=2, seats_per_row=4)

    waiting = await mover.move_due()
    await shop.drive(order)
    moved = await mover.move_due()

    assert (waiting, moved) == (0, 1)
    assert await mover.ticket_seats(order) == ["A1"]


async def test_nobody_is_moved_while_catalog_does_not_say_where_to(
    mover: Mover, catalog: FakeCatalog, shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id, ["A1"])
    await mover.put_into(screening_id, rows=2, seats_per_row=4)
    catalog.is_down = True

    assert await mover.move_due() == 0
    assert (await shop.read(order)).moved is None
    assert await mover.sales_state(screening_id) == "MOVING"


async def test_a_move_that_is_taken_back_before_it_is_done_moves_nobody(
    mover: Mover, catalog: FakeCatalog, shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id, ["A1"])
    was = catalog.answers[screening_id].SerializeToString()
    await mover.put_into(screening_id, rows=1, seats_per_row=1)
    catalog.answers[screening_id].ParseFromString(was)
    catalog.answers[screening_id].screening.version += 2

    await mover.move_due()

    assert await mover.sales_state(screening_id) == "ON_SALE"
    assert (await shop.read(order)).moved is None


async def test_without_orders_the_hall_is_just_another_one(
    mover: Mover, shop: Shop, screening_id: UUID
) -> None:
    held = await shop.hold(screening_id, ["A1"])

    await mover.put_into(screening_id, rows=2, seats_per_row=4)
    await mover.move_due()

    assert await mover.sales_state(screening_id) == "ON_SALE"
    assert len(await shop.process.states(screening_id)) == 8
    assert (
        await shop.process.get_hold(screening_id, held.id, held.owner)
    ).state is HoldState.RELEASED


async def test_two_workers_and_one_that_dies_move_everybody_once(
    mover: Mover, shop: Shop, screening_id: UUID, new_shop: Callable[[Shop], Shop]
) -> None:
    orders = [await shop.buy(screening_id, [f"{row}{at}"]) for row in "AB" for at in range(1, 7)]
    await mover.put_into(screening_id, rows=2, seats_per_row=5)
    others = [new_shop(shop), new_shop(shop)]

    moved = sum(await asyncio.gather(*(mover.move_due(other) for other in others)))
    dying = asyncio.ensure_future(mover.work())
    await asyncio.sleep(0)
    dying.cancel()
    await asyncio.gather(
        *(screening_jobs(other.process.database)() for other in others), return_exceptions=True
    )
    await mover.work()

    ended = [(await shop.read(order)).state for order in orders]
    assert moved == 1
    assert sorted(ended) == [OrderState.CANCELLED] * 2 + [OrderState.CONFIRMED] * 10
    assert len(await mails(shop, "order-cancelled")) == 2
    assert await mover.violations() == []


def story_of(order: Order) -> list[tuple[str, str]]:
    return [(entry.what, entry.detail) for entry in order.timeline]
