"""Many buyers at once: their writes go together, and each ends as if it had been alone."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from services.booking.adapters.order_saving import save_orders, saving_of
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.hold import Hold
from services.booking.domain.order import Order, OrderState
from services.common.db.outbox import Trace
from services.common.errors import RepeatedRequest
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import a_purchase, an_order_key
from tests.kit.booking_seats import FakeCatalog, a_key, a_wish, sales_facts

CROWD = 12


async def screenings(catalog: FakeCatalog, shop: Shop, count: int) -> list[UUID]:
    """Screenings that booking knows already."""
    screening_ids = [catalog.publish(sales_facts(uuid4())) for _ in range(count)]
    for screening_id in screening_ids:
        await shop.process.states(screening_id)
    return screening_ids


async def hold_as(shop: Shop, number: int, screening_id: UUID) -> Hold:
    """Guest number so-and-so holds two seats of a screening."""
    owner = f"guest:{number}"
    wish = a_wish(screening_id, ["A1", "A2"], owner=owner)
    return await shop.process.hold_seats(wish, a_key(owner))


async def holds_of(shop: Shop, screening_ids: Sequence[UUID]) -> list[Hold]:
    """A guest in each screening holds seats, all at the same time."""
    return await asyncio.gather(*(hold_as(shop, *each) for each in enumerate(screening_ids)))


async def statements_of(shop: Shop, table: str) -> int:
    """Count the transactions that wrote the rows of a table."""
    count: int = await shop.process.database.fetchval(
        f"SELECT count(DISTINCT xmin::text) FROM {table}"
    )
    return count


async def test_holds_of_a_crowd_are_written_together_and_each_has_its_own_seats(
    shop: Shop, catalog: FakeCatalog
) -> None:
    screening_ids = await screenings(catalog, shop, CROWD)

    holds = await holds_of(shop, screening_ids)

    assert [hold.screening_id for hold in holds] == screening_ids
    assert [hold.seat_ids for hold in holds] == [["A1", "A2"]] * CROWD
    for hold in holds:
        stored = await shop.process.get_hold(hold.screening_id, hold.id, hold.owner)
        assert (stored.seats, stored.expires_at) == (hold.seats, hold.expires_at)
        assert (await shop.process.states(hold.screening_id))[:3] == [2, 2, 1]
    assert await statements_of(shop, "hold") < CROWD


async def test_a_seat_that_is_gone_costs_its_party_alone(shop: Shop, catalog: FakeCatalog) -> None:
    screening_ids = await screenings(catalog, shop, CROWD)
    # A claim that no board shows: the statement breaks on its key.
    await shop.process.database.execute(
        """
        INSERT INTO seat_claim (screening_id, seat_id, seat_index, state)
        VALUES ($1, 'A2', 1, 'BLOCKED')""",
        screening_ids[5],
    )

    outcomes = await asyncio.gather(
        *(hold_as(shop, *each) for each in enumerate(screening_ids)), return_exceptions=True
    )

    refused = [number for number, each in enumerate(outcomes) if isinstance(each, Exception)]
    assert refused == [5], outcomes
    assert await shop.count("hold") == CROWD - 1
    assert await shop.count("seat_claim WHERE state = 'HELD'") == 2 * (CROWD - 1)


async def test_a_board_that_is_locked_keeps_nobody_else_waiting(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    # Longer than any statement may take: who waited for the lock would be refused.
    shop = Shop(new_process(lock_timeout_ms=60_000))
    screening_ids = await screenings(catalog, shop, CROWD)
    async with shop.process.transactions() as tx:
        await tx.board.lock(screening_ids[5])
        tasks = [asyncio.create_task(hold_as(shop, *each)) for each in enumerate(screening_ids)]

        others = await asyncio.gather(*tasks[:5], *tasks[6:])

        assert len(others) == CROWD - 1
        assert not tasks[5].done()
    assert (await tasks[5]).seat_ids == ["A1", "A2"]


async def test_orders_of_a_crowd_are_placed_and_answered_together(
    shop: Shop, catalog: FakeCatalog
) -> None:
    holds = await holds_of(shop, await screenings(catalog, shop, CROWD))

    orders = await asyncio.gather(*(place(shop, hold) for hold in holds))

    for hold, order in zip(holds, orders, strict=True):
        stored = await shop.read(order)
        assert stored.state is OrderState.AWAITING_PAYMENT
        assert (stored.hold_id, stored.seat_ids) == (hold.id, hold.seat_ids)
        assert (stored.lines, stored.legs) == (order.lines, order.legs)
        assert (stored.redirect_url, stored.contact) == (order.redirect_url, order.contact)
        assert [entry.what for entry in stored.timeline] == ["ORDER_PLACED", "PAYMENT_OPENED"]
        assert await shop.events(order) == ["OrderPlaced"]
    assert await statements_of(shop, "order_contact") < CROWD
    assert await statements_of(shop, "customer_order") < CROWD


async def test_one_hold_ordered_twice_in_a_crowd_is_one_order_and_the_crowd_gets_theirs(
    shop: Shop, catalog: FakeCatalog
) -> None:
    holds = await holds_of(shop, await screenings(catalog, shop, CROWD))
    key = an_order_key(holds[0].owner)

    async def place_with_key(hold: Hold) -> Order:
        return await shop.use.place_order(a_purchase(hold, owner=hold.owner), key)

    outcomes = await asyncio.gather(
        *(place(shop, hold) for hold in holds[1:]),
        *(place_with_key(holds[0]) for _ in range(3)),
        return_exceptions=True,
    )

    crowd, same = outcomes[: CROWD - 1], outcomes[CROWD - 1 :]
    assert all(isinstance(each, Order) for each in crowd), crowd
    assert any(isinstance(each, Order) for each in same), same
    assert all(isinstance(each, Order | RepeatedRequest) for each in same), same
    assert await shop.count("customer_order") == CROWD


async def place(shop: Shop, hold: Hold) -> Order:
    return await shop.use.place_order(a_purchase(hold, owner=hold.owner), an_order_key(hold.owner))


async def test_payments_of_a_crowd_are_granted_together_also_within_one_screening(
    shop: Shop, catalog: FakeCatalog
) -> None:
    screening_ids = await screenings(catalog, shop, CROWD - 1)
    holds = await holds_of(shop, screening_ids)
    holds.append(await shop.hold(screening_ids[0], ["B1", "B2"], owner="guest:b"))
    # Whoever comes first goes alone: not one of the two.
    orders = [await place(shop, hold) for hold in (*holds[1:], holds[0])]
    revision = await shop.revision(screening_ids[0])

    decisions = await asyncio.gather(*(shop.pay(order) for order in orders))

    assert all(decision.granted for decision in decisions)
    assert await statements_of(shop, "payment_decision") < CROWD
    for order in orders:
        stored = await shop.read(order)
        assert stored.state is OrderState.COMPLETING
        assert stored.decisions == {1: Decision(1)}
        assert (await shop.process.states(order.screening_id))[:3] == [3, 3, 1]
        sold = "seat_claim WHERE state = 'SOLD' AND expires_at IS NULL AND order_id ="
        assert await shop.count(f"{sold} '{order.id}'") == 2
    assert (await shop.process.states(screening_ids[0]))[10:12] == [3, 3]
    assert await shop.revision(screening_ids[0]) == revision + 1


async def test_a_payment_that_cannot_be_granted_costs_its_buyer_alone(
    shop: Shop, catalog: FakeCatalog
) -> None:
    holds = await holds_of(shop, await screenings(catalog, shop, CROWD))
    orders = [await place(shop, hold) for hold in holds]
    await shop.process.database.execute(
        "DELETE FROM seat_claim WHERE screening_id = $1 AND seat_id = 'A2'", holds[5].screening_id
    )

    decisions = await asyncio.gather(*(shop.pay(order) for order in orders))

    refused = [number for number, each in enumerate(decisions) if not each.granted]
    assert refused == [5]
    assert decisions[5].refusal is Refusal.HOLD_EXPIRED
    assert await shop.count("seat_claim WHERE state = 'SOLD'") == 2 * (CROWD - 1)
    assert await shop.count("payment_decision") == CROWD


async def test_a_board_that_is_locked_keeps_no_other_payment_waiting(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> None:
    # Longer than any statement may take: who waited for the lock would be refused.
    shop = Shop(new_process(lock_timeout_ms=60_000))
    holds = await holds_of(shop, await screenings(catalog, shop, CROWD))
    orders = [await place(shop, hold) for hold in holds]
    async with shop.process.transactions() as tx:
        await tx.board.lock(holds[5].screening_id)
        tasks = [asyncio.create_task(shop.pay(order)) for order in orders]

        others = await asyncio.gather(*tasks[:5], *tasks[6:])

        assert all(decision.granted for decision in others)
        assert not tasks[5].done()
    assert (await tasks[5]).granted


async def test_two_who_move_one_order_at_the_same_moment_do_not_both_move_it(
    shop: Shop, catalog: FakeCatalog
) -> None:
    [screening_id] = await screenings(catalog, shop, 1)
    placed = await shop.place(screening_id)
    first, second = [await shop.read(placed) for _ in range(2)]
    first.note("FIRST")
    second.note("SECOND")

    rows = await save_orders(
        shop.process.database,
        [saving_of(first, Trace()), saving_of(second, Trace())],
        waits=False,
    )

    assert [row is not None for row in rows] == [True, False]
    stored = await shop.read(placed)
    assert stored.version == placed.version + 1
    assert [entry.what for entry in stored.timeline][-1] == "FIRST"
