"""Each guard is taken away, its double effect made, and `make verify` must name the order.

A judge that never complains proves nothing. Where something else still refuses, SQL writes what a
suite without any guard would have written.
"""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import grpc
import pytest
import pytest_asyncio
from cinema.booking.v1 import admission_pb2, order_pb2
from cinema.catalog.v1 import programme_service_pb2
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.payment.v1 import payment_decision_service_pb2_grpc as decision_grpc

from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.door import Usher, Verdict
from deploy.demo.stage import CALL_TIMEOUT_S, until
from services.common.rpc.tokens import ServiceIdentity
from tests.faults.suite import Suite

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]
Order = order_pb2.Order
EVENTS_ARRIVE_WITHIN_S = 30


class Database:
    """A service's database with its owner's rights."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.run = connection.execute
        self.ask = connection.fetchval


@pytest_asyncio.fixture(loop_scope="module")
async def booking(suite: Suite) -> AsyncIterator[Database]:
    connection = await asyncpg.connect(suite.database("booking"))
    yield Database(connection)
    await connection.close()


@pytest_asyncio.fixture(loop_scope="module")
async def wallet(suite: Suite) -> AsyncIterator[Database]:
    connection = await asyncpg.connect(suite.database("wallet"))
    yield Database(connection)
    await connection.close()


@pytest_asyncio.fixture(loop_scope="module")
async def payment(suite: Suite) -> AsyncIterator[Database]:
    connection = await asyncpg.connect(suite.database("payment"))
    yield Database(connection)
    await connection.close()


async def somebody_buys(suite: Suite) -> Order:
    sale = suite.next_sale()
    buyer = await Buyer.guest(suite.stage, "Guard")
    return await buyer.buy(sale.screening_id, sale.seats)


async def complaints(suite: Suite, check: str, about: str, *, wait_s: float = 0) -> list[str]:
    """Give what the check says that names the order (or another id); it must exist."""
    lines = [line for line in await suite.verify(wait_s=wait_s) if line.check == check]
    assert lines, f"there is no check {check!r}"
    return [text for line in lines for text in line.violations if about in text]


async def test_two_claims_to_a_seat_are_noticed(suite: Suite, booking: Database) -> None:
    order = await somebody_buys(suite)
    seats = [line.seat_id for line in order.lines]
    other = await Buyer.guest(suite.stage, "Second")
    check = "a seat has at most one claim"

    # A board that wrongly shows the seats as free is what the claims' key is for.
    await booking.run(
        "UPDATE screening_board board SET revision = revision + 1, seat_states = ("
        "  SELECT set_byte(set_byte(seat_states, min(seat_index), 1), max(seat_index), 1)"
        "  FROM seat_claim WHERE order_id = $1) WHERE screening_id = $2",
        order.id,
        order.screening_id,
    )
    with pytest.raises(grpc.aio.AioRpcError) as guarded:
        await other.hold(order.screening_id, seats)
    before = await complaints(suite, check, order.id)
    await booking.run("ALTER TABLE seat_claim DROP CONSTRAINT seat_claim_pkey")
    second = await other.hold(order.screening_id, seats)
    after = await complaints(suite, check, order.id)

    assert reason_of(guarded.value) == "SEAT_UNAVAILABLE"
    assert before == []
    assert len(after) == len(seats)
    assert all(second.id in text for text in after)


async def test_an_event_that_was_consumed_twice_is_noticed(suite: Suite, wallet: Database) -> None:
    order = await somebody_buys(suite)
    check = "no event is consumed twice"
    consumed = "SELECT count(*) FROM inbox WHERE source = 'booking' AND aggregate_id = $1"
    await until(lambda: wallet.ask(consumed, order.id), what="the wallet to read of the order")

    before = await complaints(suite, check, order.id)
    await wallet.run("ALTER TABLE inbox DROP CONSTRAINT inbox_pkey")
    await wallet.run("INSERT INTO inbox SELECT * FROM inbox WHERE aggregate_id = $1", order.id)
    after = await complaints(suite, check, order.id)

    assert before == []
    assert after


async def test_an_event_that_was_never_consumed_is_noticed(suite: Suite, wallet: Database) -> None:
    order = await somebody_buys(suite)
    check = "wallet has consumed every event of booking"
    passed = (
        "SELECT EXISTS (SELECT FROM inbox JOIN feed_position USING (source)"
        " WHERE source = 'booking' AND aggregate_id = $1 AND reconciled_through >= feed_number)"
    )
    await until(lambda: wallet.ask(passed, order.id), what="the wallet's feed to pass the order")

    # Its first event has passed; the last may be on its way.
    before = await complaints(suite, check, order.id, wait_s=EVENTS_ARRIVE_WITHIN_S)
    await wallet.run(
        "DELETE FROM inbox USING feed_position f WHERE f.source = inbox.source"
        " AND aggregate_id = $1 AND feed_number <= reconciled_through",
        order.id,
    )
    after = await complaints(suite, check, order.id)

    assert before == []
    assert after


async def test_two_orders_for_one_request_are_noticed(suite: Suite, booking: Database) -> None:
    sale, buyer = suite.next_sale(), await Buyer.guest(suite.stage, "Nervous")
    hold = await buyer.hold(sale.screening_id, sale.seats)
    request_id = str(uuid4())
    check = "one order for each request"

    order = await buyer.place(hold, request_id=request_id)
    again = await buyer.place(hold, request_id=request_id)
    before = await complaints(suite, check, order.id)
    await booking.run("DELETE FROM request WHERE request_id = $1", request_id)
    await booking.run("UPDATE hold SET state = 'ACTIVE', order_id = NULL WHERE id = $1", hold.id)
    await booking.run("DROP INDEX customer_order_hold")
    second = await buyer.place(hold, request_id=request_id)
    after = await complaints(suite, check, order.id)

    assert again.id == order.id != second.id
    assert before == []
    assert len(after) == 1
    assert second.id in after[0]


async def test_a_second_decision_after_the_first_was_lost_is_noticed(
    suite: Suite, booking: Database
) -> None:
    order = await somebody_buys(suite)
    check = "no ticket without its payment"

    first = await decide_again(suite, order)
    before = await complaints(suite, check, order.id)
    await booking.run("DELETE FROM payment_decision WHERE order_id = $1", order.id)
    second = await decide_again(suite, order)
    after = await complaints(suite, check, order.id)

    assert (first, second) == (decision_pb.DECISION_GRANT, decision_pb.DECISION_REFUSE)
    assert before == []
    assert after


async def test_two_decisions_about_one_attempt_are_noticed(suite: Suite, booking: Database) -> None:
    order = await somebody_buys(suite)
    check = "an authorisation is decided once"

    before = await complaints(suite, check, order.id)
    await booking.run("ALTER TABLE payment_decision DROP CONSTRAINT payment_decision_pkey")
    await booking.run(
        "INSERT INTO payment_decision SELECT screening_id, order_id, attempt, 'REFUSE',"
        " 'HOLD_EXPIRED', decided_at FROM payment_decision WHERE order_id = $1",
        order.id,
    )
    after = await complaints(suite, check, order.id)

    assert before == []
    assert len(after) == 1


async def test_a_budget_that_is_spent_twice_is_noticed(suite: Suite, payment: Database) -> None:
    order = await somebody_buys(suite)
    check = "refunds and vouchers never pass what was captured"
    spend = (
        "UPDATE payment SET converted = converted + captured - kept_fees WHERE reference_id = $1"
    )

    before = await complaints(suite, check, order.id)
    await payment.run(spend, order.id)
    with pytest.raises(asyncpg.CheckViolationError):
        await payment.run(spend, order.id)
    await payment.run("ALTER TABLE payment DROP CONSTRAINT payment_budget")
    await payment.run(spend, order.id)
    after = await complaints(suite, check, order.id)

    assert before == []
    assert any("converted" in text for text in after)


async def test_a_ticket_that_let_two_people_in_is_noticed(suite: Suite, booking: Database) -> None:
    sale, buyer = suite.next_sale(), await Buyer.guest(suite.stage, "Guard")
    order = await buyer.buy(sale.screening_id, sale.seats)
    ticket, *_ = await buyer.tickets(order.id)
    check = "a ticket is admitted at most once"
    offset = await suite.clock.offset()
    left, right = await at_the_door(suite, sale.screening_id)

    first, again = await left.let_in(ticket), await right.let_in(ticket)
    before = await complaints(suite, check, ticket.id)
    await booking.run("UPDATE ticket SET state = 'VALID' WHERE id = $1", ticket.id)
    with pytest.raises(grpc.aio.AioRpcError) as guarded:
        await right.let_in(ticket)
    await booking.run("DROP INDEX admission_once")
    await booking.run("ALTER TABLE outbox DROP CONSTRAINT outbox_aggregate_version")
    second = await right.let_in(ticket)
    after = await complaints(suite, check, ticket.id)
    await suite.clock.set(offset)

    assert (first.outcome, second.outcome) == (Verdict.OUTCOME_ADMIT, Verdict.OUTCOME_ADMIT)
    assert again.refusal == admission_pb2.ADMISSION_REFUSAL_ALREADY_ADMITTED
    assert guarded.value.code() is grpc.StatusCode.INTERNAL
    assert before == []
    assert any("Left" in text and "Right" in text for text in after)


async def at_the_door(suite: Suite, screening_id: str) -> tuple[Usher, Usher]:
    """Move the clock to the screening's entry, and place an usher at each of two gates."""
    answer = await suite.stage.programme.GetScreening(
        programme_service_pb2.GetScreeningRequest(screening_id=screening_id),
        timeout=CALL_TIMEOUT_S,
    )
    start = answer.screening.start_time.ToDatetime(tzinfo=UTC)
    await suite.clock.advance(start - timedelta(minutes=10) - await suite.clock.now())
    left, right = (Usher(suite.stage, answer.screening, gate) for gate in ("Left", "Right"))
    return left, right


async def decide_again(suite: Suite, order: Order) -> decision_pb.Decision.ValueType:
    """Ask booking for its decision, as payment does when an answer was lost."""
    key = Path(suite.stack.record.files["payment_key"])
    bearer = ServiceIdentity.from_file("payment", key).bearer_for("booking")
    request = decision_pb.DecideAuthorizationRequest(
        reference_id=order.id, attempt=1, amount=order.money_due, request_id=str(uuid4())
    )
    async with grpc.aio.insecure_channel(suite.stage.addresses.booking[0]) as channel:
        answer = await decision_grpc.PaymentDecisionServiceStub(channel).DecideAuthorization(
            request, metadata=(("authorization", bearer),), timeout=CALL_TIMEOUT_S
        )
    decision: decision_pb.Decision.ValueType = answer.decision
    return decision
