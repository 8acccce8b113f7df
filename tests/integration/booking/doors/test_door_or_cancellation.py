"""A ticket that is scanned and an order that is cancelled at one instant: one of them wins."""

import asyncio
from uuid import uuid4

import pytest

from services.booking.adapters.order_transactions import OrderTransactionScopes
from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import AlreadyAdmittedError, OrderNotCancellableError
from services.booking.domain.order_leg import TillReceipt, TillTender
from services.booking.domain.staff import Staff
from services.booking.domain.ticket_choice import TicketCount
from services.booking.order_checks import order_checks
from services.booking.return_checks import return_checks
from services.booking.seat_checks import seat_checks
from services.booking.use_cases.end_order import end_confirmed, lock_order
from services.booking.use_cases.sell_tickets import TillSale
from services.common.db.checks import run_check
from tests.integration.booking.doors.conftest import Doors, said
from tests.kit.booking_orders import an_order_key
from tests.kit.booking_seats import CINEMA_ID

ORDERS = 10


async def cancel(doors: Doors, order: Order) -> str:
    """Cancel for the cinema, which no deadline keeps from it."""
    try:
        async with OrderTransactionScopes(doors.shop.process.database)() as tx:
            locked = await lock_order(tx, order.screening_id, order.id)
            await end_confirmed(tx, locked, Cancellation(CancelCause.CINEMA, locked.read_at))
            await tx.commit()
    except (AlreadyAdmittedError, OrderNotCancellableError) as refusal:
        return refusal.reason
    return "CANCELLED"


async def complaints(doors: Doors) -> list[str]:
    database = doors.shop.process.database
    mine = [*seat_checks(), *order_checks(), *return_checks()]
    found = [await run_check(database, "booking", each, wait_s=0) for each in mine]
    return [each.detail for violations in found for each in violations if not each.in_flight]


@pytest.mark.rule("OTC-30")
@pytest.mark.rule("OTC-32d")
async def test_either_the_door_or_the_whole_cancellation_wins(doors: Doors) -> None:
    screening_id = await doors.show()
    seats = [f"{row}{number}" for row in "ABCDE" for number in range(1, 9)]
    pairs = [seats[at : at + 2] for at in range(0, 2 * ORDERS, 2)]
    orders = [await doors.shop.buy(screening_id, pair) for pair in pairs]
    await doors.open_entry(screening_id)

    async def race(number: int, order: Order) -> tuple[str, str]:
        second_ticket = (await doors.tickets(order))[1]
        scan, ended = doors.scan(second_ticket), cancel(doors, order)
        if number % 2:
            outcome, verdict = await asyncio.gather(ended, scan)
        else:
            verdict, outcome = await asyncio.gather(scan, ended)
        return said(verdict), outcome

    outcomes = await asyncio.gather(*(race(n, order) for n, order in enumerate(orders)))

    assert set(outcomes) <= {("ADMIT", "ALREADY_ADMITTED"), ("REFUSE CANCELLED", "CANCELLED")}
    assert await complaints(doors) == []


@pytest.mark.rule("OTC-27")
async def test_who_was_refused_at_the_door_cannot_cancel_afterwards(doors: Doors) -> None:
    screening_id = await doors.show()
    denied = await doors.shop.buy(screening_id, ["A1"])
    for_good = await doors.shop.buy(screening_id, ["A2"])
    await doors.open_entry(screening_id)
    await doors.decide(screening_id, (await doors.tickets(denied))[0], "DENY")
    await doors.decide(screening_id, (await doors.tickets(for_good))[0], "DENY_FINALLY")

    outcomes = [await cancel(doors, denied), await cancel(doors, for_good)]

    assert outcomes == ["ORDER_NOT_CANCELLABLE"] * 2
    assert (await doors.shop.read(denied)).state is OrderState.CONFIRMED


@pytest.mark.rule("OTC-30")
async def test_a_cancelled_code_is_refused_as_such_at_the_door(doors: Doors) -> None:
    screening_id = await doors.show()
    order = await doors.shop.buy(screening_id, ["A1"])
    await doors.open_entry(screening_id)
    (ticket,) = await doors.tickets(order)
    await cancel(doors, order)

    assert said(await doors.scan(ticket)) == "REFUSE CANCELLED"
    assert await doors.ask("SELECT count(*) FROM admission") == 0


@pytest.mark.rule("OTC-19")
async def test_a_ticket_of_the_till_opens_the_door_like_an_online_one(doors: Doors) -> None:
    screening_id = await doors.show()
    online = await doors.sell(screening_id, ["A1"])
    staff = Staff("staff:ana", ("cashier",), frozenset({CINEMA_ID}), str(uuid4()))
    sale = TillSale(
        screening_id, ["A2"], [TicketCount("ADULT", 1)], TillReceipt(TillTender.CASH, "R-1")
    )
    key = an_order_key(staff.id, method="SellTickets", pack=repr_bytes)
    at_till = (await doors.shop.counter.sell(staff, sale, key)).tickets
    await doors.open_entry(screening_id)

    assert [said(await doors.scan(ticket)) for ticket in (*online, *at_till)] == ["ADMIT"] * 2


def repr_bytes(result: object) -> bytes:
    return repr(result).encode()
