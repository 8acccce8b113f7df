"""Processes that are wrong about the time sell and refuse as if they were right."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from cinema.booking.v1 import order_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.stage import until
from deploy.local.topology import SERVICES
from tests.faults.suite import OPTIONS, Sale, Suite, a_suite
from tests.kit import booking_with_wrong_clocks
from tests.kit.booking_with_wrong_clocks import SKEW_S

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]
S = order_pb2.Order
# As far as the clocks are apart, tokens are believed all the same.
LEEWAY = {"TOKEN_LEEWAY_S": str(SKEW_S)}
WRONG = replace(
    OPTIONS,
    services=tuple(
        replace(service, module=booking_with_wrong_clocks.__name__)
        if service.name == "booking"
        else service
        for service in SERVICES
    ),
    overrides={service.name: LEEWAY for service in SERVICES},
)
NEARLY_OVER = timedelta(seconds=30)
JUST_OVER = timedelta(seconds=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    """Booking's RPC processes are five minutes ahead, its worker is five behind."""
    async with a_suite(tmp_path_factory.mktemp("wrong") / "state", options=WRONG) as running:
        yield running


async def paid_unheard(suite: Suite, buyer: Buyer, sale: Sale) -> order_pb2.Order:
    """An order that is paid at once, of which the provider's notice is lost."""
    order = await buyer.place(await buyer.hold(sale.screening_id, sale.seats))
    fault = {"kind": "drop", "order": f"{order.id}*", "status": "WAITING_FOR_CONFIRMATION"}
    await suite.tell_provider("faults", fault)
    await buyer.on_page(order, "pay")
    return order


def made_at(order: order_pb2.Order) -> float:
    """When the process that made the order's ID thought that it was, in seconds since the epoch."""
    return (UUID(order.id).int >> 80) / 1_000


async def let_time_pass(suite: Suite, order: order_pb2.Order, *, until_left: timedelta) -> None:
    deadline = order.expire_time.ToDatetime(tzinfo=UTC)
    await suite.clock.advance(deadline - until_left - await suite.clock.now())


@pytest.mark.rule("OTC-14.4b")
async def test_a_payment_before_the_deadline_is_in_time_though_the_process_thinks_it_is_late(
    suite: Suite,
) -> None:
    buyer, sale = await Buyer.guest(suite.stage, "Ana"), suite.next_sale()
    order = await paid_unheard(suite, buyer, sale)

    await let_time_pass(suite, order, until_left=NEARLY_OVER)
    bought = await buyer.await_state(order.id, S.STATE_CONFIRMED)

    assert made_at(order) - time.time() > SKEW_S - 60  # The process is wrong indeed.
    assert order.time_left.seconds in range(540, 601)
    assert "PAYMENT_GRANTED" in [entry.what for entry in bought.timeline]


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
async def test_at_the_deadline_seats_are_free_though_the_worker_thinks_it_is_early(
    suite: Suite,
) -> None:
    buyer, other = await Buyer.guest(suite.stage, "Ana"), await Buyer.guest(suite.stage, "Ion")
    sale = suite.next_sale()
    order = await buyer.place(await buyer.hold(sale.screening_id, sale.seats))

    await let_time_pass(suite, order, until_left=-JUST_OVER)
    expired = await buyer.await_state(order.id, S.STATE_EXPIRED)
    bought = await other.buy(sale.screening_id, sale.seats)

    assert expired.time_left.seconds == 0
    assert bought.state == S.STATE_CONFIRMED


async def test_a_hold_without_an_order_ends_though_the_worker_thinks_it_is_early(
    suite: Suite,
) -> None:
    buyer, other = await Buyer.guest(suite.stage, "Ana"), await Buyer.guest(suite.stage, "Ion")
    sale = suite.next_sale()
    hold = await buyer.hold(sale.screening_id, sale.seats)
    deadline = hold.expire_time.ToDatetime(tzinfo=UTC)

    await suite.clock.advance(deadline + JUST_OVER - await suite.clock.now())

    async def held_by_another() -> bool:
        return bool(await other.hold(sale.screening_id, sale.seats))

    assert await until(held_by_another, what="the seats of a lapsed hold")


async def test_everything_adds_up(suite: Suite) -> None:
    await suite.must_verify()
