"""A change that staff make is seen by every process of catalog and of booking."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import programme_service_pb2, screening_pb2
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from google.protobuf.field_mask_pb2 import FieldMask

from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from services.common.rpc.client import open_channel
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")

Screening = screening_pb2.Screening
# It takes a second at most; a machine that does other things as well may take longer.
TIME_TO_ARRIVE_S = 5.0


@pytest.fixture
async def programmes(suite: Suite) -> AsyncIterator[list[Any]]:
    """Stubs of each catalog process on a port of its own."""
    addresses = suite.record.addresses
    names = [name for name in addresses if re.fullmatch(r"catalog-rpc-\d+", name)]
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(open_channel(addresses[name])) for name in names
        ]
        yield [ProgrammeServiceStub(channel) for channel in channels]


async def test_a_screening_for_the_box_office_is_sold_online_by_no_process(
    stage: Stage, house: House, programmes: list[Any], screening: Screening
) -> None:
    fresh = await the(programmes[0], screening)
    buyers = await one_at_each_booking(stage)
    seats = await seats_far_apart(house, screening)

    await stage.catalog_admin.UpdateScreening(
        pb.UpdateScreeningRequest(
            screening_id=fresh.id,
            etag=fresh.etag,
            update_mask=FieldMask(paths=["box_office_only"]),
            box_office_only=True,
            request_id=str(uuid4()),
        ),
        metadata=stage.staff("cinema_manager"),
        timeout=CALL_TIMEOUT_S,
    )

    await shown_by_all(programmes, screening, lambda shown: not shown.sold_online)
    await refused_by_all(buyers, screening, seats)


async def test_a_screening_that_is_called_off_is_sold_by_no_process(
    stage: Stage, house: House, programmes: list[Any], screening: Screening
) -> None:
    fresh = await the(programmes[0], screening)
    buyers = await one_at_each_booking(stage)
    seats = await seats_far_apart(house, screening)

    await stage.catalog_admin.CancelScreening(
        pb.CancelScreeningRequest(
            screening_id=fresh.id,
            etag=fresh.etag,
            cause=screening_pb2.CANCELLATION_CAUSE_TECHNICAL,
            reason="The projector failed.",
            attributable=True,
            request_id=str(uuid4()),
        ),
        metadata=stage.staff("cinema_manager"),
        timeout=CALL_TIMEOUT_S,
    )

    await refused_by_all(buyers, screening, seats)
    await shown_by_all(
        programmes, screening, lambda shown: shown.state == Screening.STATE_CANCELLED
    )


async def test_a_dry_run_counts_the_orders_of_the_running_suite(
    stage: Stage, house: House, programmes: list[Any], screening: Screening
) -> None:
    buyer = await Buyer.guest(stage, "Ana")
    seats = (await house.free_seats(screening.id)).take(2)
    await buyer.place(await buyer.hold(screening.id, seats))
    fresh = await the(programmes[0], screening)

    answer = await stage.catalog_admin.CancelScreening(
        pb.CancelScreeningRequest(
            screening_id=fresh.id,
            etag=fresh.etag,
            cause=screening_pb2.CANCELLATION_CAUSE_OTHER,
            reason="Only asking.",
            validate_only=True,
            request_id=str(uuid4()),
        ),
        metadata=stage.staff("cinema_manager"),
        timeout=CALL_TIMEOUT_S,
    )

    assert answer.impact.orders >= 1
    assert await the(programmes[0], screening) == fresh


async def the(programme: Any, screening: Screening) -> Screening:
    request = programme_service_pb2.GetScreeningRequest(screening_id=screening.id)
    answer = await programme.GetScreening(request, timeout=CALL_TIMEOUT_S)
    found: Screening = answer.screening
    return found


async def listed(programme: Any, screening: Screening) -> Screening:
    """The screening as the listing of its cinema's day has it."""
    request = programme_service_pb2.ListScreeningsRequest(
        cinema_id=screening.cinema_id,
        date=screening.local_start[:10],
        include_not_sold=True,
        page_size=100,
    )
    answer = await programme.ListScreenings(request, timeout=CALL_TIMEOUT_S)
    found: Screening = next(each for each in answer.screenings if each.id == screening.id)
    return found


async def one_at_each_booking(stage: Stage) -> list[Buyer]:
    buyers = [await Buyer.guest(stage, "Ana") for _ in stage.bookings]
    for buyer, booking in zip(buyers, stage.bookings, strict=True):
        buyer.booking = booking
    return buyers


async def seats_far_apart(house: House, screening: Screening) -> list[str]:
    """Two seats that can be held and given back one without the other."""
    longest = max((await house.free_seats(screening.id)).runs, key=len)
    return [longest[0], longest[-1]]


async def shown_by_all(
    programmes: list[Any], screening: Screening, is_so: Callable[[Screening], bool]
) -> None:
    """Return when each catalog process gets and lists it so."""
    assert len(programmes) == 2

    async def shown(read: Callable[[Any, Screening], Awaitable[Screening]], programme: Any) -> None:
        async def is_shown() -> bool:
            return is_so(await read(programme, screening))

        await until(is_shown, what="a catalog process shows the change", timeout_s=TIME_TO_ARRIVE_S)

    await asyncio.gather(
        *(shown(read, programme) for programme in programmes for read in (the, listed))
    )


async def refused_by_all(buyers: list[Buyer], screening: Screening, seats: list[str]) -> None:
    """Return when each booking process refuses to hold; what is held until then is given back."""
    assert len(buyers) == 2

    async def refused(buyer: Buyer, seat: str) -> None:
        async def is_refused() -> bool:
            try:
                hold = await buyer.hold(screening.id, [seat])
            except grpc.aio.AioRpcError as error:
                return reason_of(error) == "NOT_SOLD_ONLINE"
            await buyer.release(hold)
            return False

        await until(is_refused, what="a booking process stops the sale", timeout_s=TIME_TO_ARRIVE_S)

    await asyncio.gather(*map(refused, buyers, seats))
