"""A cinema on sale, and what its tickets are quoted at."""

from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.screening_pb2 import Screening

from services.common.rpc.errors import Refusal, refusal_of
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_feed,
    a_plan,
    an_event,
    prices,
    terms,
)
from tests.kit.catalog import Catalog


async def a_cinema_on_sale(catalog: Catalog, *events: dict[str, Any], **changes: Any) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices(**changes))
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    await catalog.import_feed(CINEMA_ID, a_feed(*(events or (an_event(),))))


async def the_screening(catalog: Catalog, day: str = DAY) -> Screening:
    (screening,) = await catalog.screenings(CINEMA_ID, day)
    return screening


async def quoted(catalog: Catalog, screening: Screening, code: str = "") -> pb.QuotePricesResponse:
    request = pb.QuotePricesRequest(screening_id=screening.id, promotion_code=code)
    answer: pb.QuotePricesResponse = await catalog.programme.QuotePrices(request)
    return answer


def bani(answer: pb.QuotePricesResponse) -> list[int]:
    return [quote.price.minor_units for quote in answer.quotes]


async def refusal(call: Any) -> tuple[grpc.StatusCode, Refusal]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), refusal_of(caught.value)
