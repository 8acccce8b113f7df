"""Before a screening is moved catalog asks what would become of its orders, over a real channel."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.booking.v1 import screening_impact_service_pb2 as pb
from cinema.booking.v1.screening_impact_service_pb2_grpc import (
    ScreeningImpactServiceStub,
    add_ScreeningImpactServiceServicer_to_server,
)
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan

from services.booking.adapters.facts_marks import StopTransactions
from services.booking.adapters.facts_messages import plan_of
from services.booking.adapters.hall_moves import SeatedRows
from services.booking.adapters.order_counts import OrderCountRows
from services.booking.handlers.screening_impact_servicer import ScreeningImpactServicer
from services.booking.use_cases.get_move_impact import GetMoveImpact
from services.booking.use_cases.get_order_counts import GetOrderCounts
from services.booking.use_cases.stop_sales import StopSales
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_rpc import as_guest, as_service, refused, served
from tests.kit.booking_seats import a_seat_plan

pytestmark = pytest.mark.rule("OTC-33d")

CATALOG = as_service("catalog")


@pytest.fixture
async def impact(shop: Shop) -> AsyncIterator[Any]:
    database = shop.process.database
    servicer = ScreeningImpactServicer(
        GetOrderCounts(OrderCountRows(database)),
        StopSales(StopTransactions(database)),
        GetMoveImpact(shop.process.copies, SeatedRows(database)),
        plan_of,
    )
    async with served(partial(add_ScreeningImpactServiceServicer_to_server, servicer)) as channel:
        yield ScreeningImpactServiceStub(channel)


def asked(screening_id: UUID, plan: SeatPlan) -> pb.GetMoveImpactRequest:
    return pb.GetMoveImpactRequest(screening_id=str(screening_id), seat_plan=plan)


async def test_a_preview_tells_who_keeps_changes_or_loses_their_seats_and_changes_nothing(
    impact: Any, shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id, ["A1", "A2"])
    await shop.place(screening_id, ["B1", "B2"])
    await shop.buy(screening_id, ["E10"])
    unseated = await shop.buy(screening_id, ["C1", "C2", "C3"])
    await shop.hold(screening_id, ["D1"])
    before = await shop.process.states(screening_id)

    told = await impact.GetMoveImpact(
        asked(screening_id, a_seat_plan(rows=1, seats_per_row=5)), metadata=CATALOG
    )

    assert (told.same_seat_orders, told.other_seat_orders, told.unseated_orders) == (1, 2, 1)
    assert list(told.unseated_order_numbers) == [unseated.number]
    assert (told.released_holds, told.tickets) == (1, 6)
    assert await shop.process.states(screening_id) == before


async def test_a_screening_that_nobody_has_bought_moves_nobody(impact: Any) -> None:
    told = await impact.GetMoveImpact(asked(uuid4(), a_seat_plan()), metadata=CATALOG)

    assert told == pb.GetMoveImpactResponse()


async def test_only_catalog_asks_and_with_a_plan_that_has_an_id(impact: Any) -> None:
    nameless = a_seat_plan()
    nameless.id = "a plan"

    by_guest = await refused(
        impact.GetMoveImpact(asked(uuid4(), a_seat_plan()), metadata=as_guest())
    )
    without_id = await refused(impact.GetMoveImpact(asked(uuid4(), nameless), metadata=CATALOG))

    assert by_guest.reason == "PERMISSION_DENIED"
    assert without_id.reason == "INVALID_FIELD"
