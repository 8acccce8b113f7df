"""Orders of a screening that catalog changes under them."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from cinema.catalog.v1.screening_pb2 import Screening

from services.booking.adapters.order_counts import OrderCountRows
from services.booking.domain.order_errors import ScreeningChangedError
from services.booking.use_cases.get_order_counts import GetOrderCounts, OrderCounts
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import a_purchase, an_order_key
from tests.kit.booking_seats import FakeCatalog, a_seat_plan, sales_facts


def _later(screening: Screening) -> None:
    screening.start_time.seconds += 1_800


def _another_film(screening: Screening) -> None:
    screening.film.id = str(uuid4())


def _another_hall(screening: Screening) -> None:
    screening.hall_id = str(uuid4())


@pytest.mark.parametrize("change", [_later, _another_film, _another_hall])
async def test_a_screening_that_changed_since_the_hold_is_not_ordered(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID, change: Callable[[Screening], None]
) -> None:
    hold = await shop.hold(screening_id)
    changed = catalog.answers[screening_id]
    change(changed.screening)
    changed.screening.version += 1
    await shop.process.screenings.fresh_facts(screening_id)

    with pytest.raises(ScreeningChangedError):
        await shop.use.place_order(a_purchase(hold), an_order_key())

    assert await shop.count("customer_order") == 0


async def test_another_plan_under_an_order_stops_the_sale(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    await shop.use.place_order(a_purchase(await shop.hold(screening_id)), an_order_key())
    catalog.publish(sales_facts(screening_id, plan=a_seat_plan(rows=2), version=2))

    await shop.process.screenings.fresh_facts(screening_id)

    async with shop.process.transactions() as tx:
        lock = await tx.board.lock(screening_id)
    assert not lock.on_sale
    assert len(await shop.process.states(screening_id)) == 50


async def test_the_orders_of_a_screening_are_counted_for_catalog(
    shop: Shop, screening_id: UUID
) -> None:
    count = GetOrderCounts(OrderCountRows(shop.process.database))
    nobody = await count(screening_id)
    order = await shop.use.place_order(a_purchase(await shop.hold(screening_id)), an_order_key())
    placed = await count(screening_id)
    await shop.pay(order)
    await shop.drive(order)

    bought = await count(screening_id)

    assert nobody == await count(uuid4()) == OrderCounts(0, 0, 0)
    assert placed == OrderCounts(confirmed=0, open=1, tickets=0)
    assert bought == OrderCounts(confirmed=1, open=0, tickets=len(order.lines))
