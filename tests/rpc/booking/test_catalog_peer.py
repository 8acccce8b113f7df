"""What booking understands of catalog's prices under a promotion code, over a real channel."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar
from uuid import uuid4

import grpc
import pytest
from cinema.catalog.v1 import price_pb2, promotion_pb2
from cinema.catalog.v1 import programme_service_pb2 as programme
from cinema.catalog.v1.programme_service_pb2_grpc import add_ProgrammeServiceServicer_to_server
from cinema.type.v1.money_pb2 import Money as MoneyMessage

from services.booking.adapters.catalog_client import CatalogClient
from services.booking.domain.errors import PromotionNotAcceptedError, ScreeningNotFoundError
from services.booking.domain.prices import Promotion
from services.common.errors import DependencyUnavailableError, DomainError, ErrorKind
from services.common.money import Money
from services.common.rpc.client import Peer
from tests.rpc.booking.test_order_peers import Script, serving


class CatalogRefusedError(DomainError):
    """A refusal of catalog's with the reason that a test gives it."""

    kind: ClassVar[ErrorKind] = ErrorKind.FAILED_PRECONDITION

    def __init__(self, reason: str) -> None:
        super().__init__("No.")
        self.reason = reason  # type: ignore[misc]


@pytest.fixture
async def catalog(script: Script) -> AsyncIterator[CatalogClient]:
    servicer: Any = type("Programme", (), {"QuotePrices": staticmethod(script.next)})
    for method in programme.DESCRIPTOR.services_by_name["ProgrammeService"].methods:
        if not hasattr(servicer, method.name):
            setattr(servicer, method.name, None)
    async with serving(add_ProgrammeServiceServicer_to_server, servicer(), "catalog") as peer:
        yield CatalogClient(peer)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.mark.rule("OTC-48.7")
async def test_the_prices_come_with_the_promotion_and_the_version_of_its_rules(
    catalog: CatalogClient, script: Script
) -> None:
    quote = price_pb2.Quote(
        ticket_type="ADULT",
        area="STANDARD",
        price=MoneyMessage(currency_code="RON", minor_units=1_500),
        regular_price=MoneyMessage(currency_code="RON", minor_units=3_000),
    )
    applied = promotion_pb2.AppliedPromotion(
        promotion_id="p-1", code="SPRING", regulations_version="7"
    )
    script.answers = [
        programme.QuotePricesResponse(quotes=[quote], price_version="v-1", promotion=applied)
    ]
    screening_id = uuid4()

    prices = await catalog.prices(screening_id, "spring")

    adult = prices.quote("ADULT", "STANDARD")
    assert (adult.price, adult.regular_price) == (Money("RON", 1_500), Money("RON", 3_000))
    assert prices.promotion == Promotion("p-1", "SPRING", "7")
    assert prices.price_version == "v-1"
    (asked,) = script.asked
    assert (asked.screening_id, asked.promotion_code) == (str(screening_id), "spring")


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("PROMOTION_NOT_ACCEPTED", PromotionNotAcceptedError),
        ("NO_PRICES", PromotionNotAcceptedError),
        ("SCREENING_NOT_FOUND", ScreeningNotFoundError),
        ("SOMETHING_NEW", DependencyUnavailableError),
    ],
)
async def test_refusals_are_told_as_bookings_own(
    catalog: CatalogClient, script: Script, reason: str, error: type[DomainError]
) -> None:
    script.answers = [CatalogRefusedError(reason)]

    with pytest.raises(error):
        await catalog.prices(uuid4(), "SPRING")


async def test_a_catalog_that_is_not_there_is_a_dependency_that_does_not_answer() -> None:
    peer = Peer("catalog", grpc.aio.insecure_channel("127.0.0.1:1"))

    with pytest.raises(DependencyUnavailableError):
        await CatalogClient(peer).prices(uuid4(), "SPRING")

    await peer.close()
