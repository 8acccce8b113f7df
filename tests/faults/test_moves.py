"""A sold screening goes to a smaller hall while booking's worker is killed over and over."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import pytest
from cinema.booking.v1 import order_pb2
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import programme_service_pb2 as programme_pb

from deploy.demo.buyer import Buyer
from deploy.demo.stage import CALL_TIMEOUT_S, until
from tests.faults.patience import persist
from tests.faults.suite import Suite
from tests.faults.victims import Killer
from tests.kit.small_programme import make_hall, plan_document, send
from tests.load.programme import CINEMA

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]

BUYERS = 12
SEATS_OF_SMALL_HALL = 20
# Its wheelchair place and the companion's seat are for nobody else.
PAIRS_SEATED = 9
KILLS = 3
MAX_WAIT_S = 120.0
Order = order_pb2.Order


async def bought(suite: Suite, screening_id: str) -> list[tuple[Buyer, Order]]:
    """Let guests buy two seats each of one screening."""
    parties = suite.programme.legal_seats.parties(2)

    async def buy(at: int) -> tuple[Buyer, Order]:
        buyer = await Buyer.guest(suite.stage, f"Guest{at}")
        return buyer, await buyer.buy(screening_id, parties[at])

    return [await buy(at) for at in range(BUYERS)]


async def move_to_small_hall(suite: Suite, screening_id: str) -> str:
    """Let staff move it to a hall that is too small; gives the hall's name."""
    hall = make_hall(CINEMA, 77, SEATS_OF_SMALL_HALL)
    await send(suite.stage, "PublishSeatPlan", plan_document(hall))
    found = programme_pb.GetScreeningRequest(screening_id=screening_id)
    screening = (await suite.stage.programme.GetScreening(found, timeout=CALL_TIMEOUT_S)).screening
    halls = await suite.stage.programme.ListHalls(
        programme_pb.ListHallsRequest(cinema_id=CINEMA.cinema_id), timeout=CALL_TIMEOUT_S
    )
    hall_id = next(each.id for each in halls.halls if each.name == hall.tiny_name)
    moved = await suite.stage.catalog_admin.MoveScreening(
        admin_pb.MoveScreeningRequest(
            screening_id=screening_id,
            etag=screening.etag,
            hall_id=hall_id,
            request_id=str(uuid4()),
        ),
        metadata=suite.stage.staff("operator"),
        timeout=CALL_TIMEOUT_S,
    )
    return str(moved.screening.hall_name)


async def sales_go_on(suite: Suite, screening_id: str) -> bool:
    """Wait until everybody is moved."""
    connection = await asyncpg.connect(suite.database("booking"))
    query = """
        SELECT sales_state = 'ON_SALE' AND EXISTS (SELECT FROM screening_move)
        FROM screening_board WHERE screening_id = $1"""

    async def on_sale() -> bool:
        return bool(await connection.fetchval(query, screening_id))

    try:
        return bool(await until(on_sale, what="the move's end", timeout_s=MAX_WAIT_S))
    finally:
        await connection.close()


async def ended(pairs: Sequence[tuple[Buyer, Order]]) -> list[Order]:
    async def read(buyer: Buyer, order: Order) -> Order:
        return await persist(lambda: buyer.order(order.id))

    return [await read(buyer, order) for buyer, order in pairs]


@pytest.mark.rule("OTC-22")
@pytest.mark.rule("OTC-33d")
async def test_everybody_is_moved_once_or_given_back_whatever_is_killed(suite: Suite) -> None:
    screening_id = suite.programme.screening_ids[-1]
    pairs = await bought(suite, screening_id)

    hall = await move_to_small_hall(suite, screening_id)
    for _ in range(KILLS):
        killer = Killer(suite.stack, "booking-worker")
        await killer.strike()
        await killer.returned()
        await asyncio.sleep(0.2)
    assert await sales_go_on(suite, screening_id)

    orders = await ended(pairs)
    seats = [line.seat_id for order in orders if order.state == Order.STATE_CONFIRMED
             for line in order.lines]  # fmt: skip
    states = [Order.State.Name(order.state) for order in orders]
    assert states.count("STATE_CONFIRMED") == PAIRS_SEATED
    assert states.count("STATE_CANCELLED") == BUYERS - PAIRS_SEATED
    assert len(seats) == len(set(seats)) == 2 * PAIRS_SEATED
    assert {order.screening.hall_name for order in orders} == {hall}
    assert all(line.holds for line in await suite.verify())
