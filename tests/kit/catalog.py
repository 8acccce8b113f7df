"""Catalog as a client sees it: one RPC process's server inside the test, on a real channel."""

import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from cinema.catalog.v1 import (
    catalog_admin_service_pb2,
    cinema_pb2,
    holiday_pb2,
    policy_pb2,
    price_pb2,
    promotion_pb2,
    screening_pb2,
    seat_plan_pb2,
)
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceStub
from cinema.catalog.v1.programme_service_pb2 import ListScreeningsRequest
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from cinema.catalog.v1.sales_facts_service_pb2_grpc import SalesFactsServiceStub
from google.protobuf.json_format import ParseDict
from pydantic import SecretStr

from deploy.local.databases import ServiceDatabase
from deploy.local.identities import Identities, create
from deploy.local.state_folder import StateFolder
from deploy.local.tokens import mint_token, person
from services.catalog.config import CatalogSettings
from services.catalog.migrations import APPEND_ONLY_TABLES, FOLDER
from services.catalog.rpc_application import build_rpc
from services.common.db.database import Database
from services.common.db.migrations import MigrationPlan, migrate_async
from services.common.db.setup import open_database
from services.common.rpc.server import RpcServer
from services.common.rpc.tokens import ServiceIdentity

NOWHERE = "nats://127.0.0.1:9"
CHUNK_BYTES = 65_536
Metadata = tuple[tuple[str, str], ...]


async def migrate_catalog(database: ServiceDatabase) -> None:
    await migrate_async(
        MigrationPlan(
            database.owner_url, database.service, FOLDER, APPEND_ONLY_TABLES, test_clock=True
        )
    )


@dataclass
class Catalog:
    """The services of catalog, its database, and tokens for whoever calls."""

    database: Database
    identities: Identities
    address: str
    programme: Any
    admin: Any
    sales_facts: Any

    def staff(self, role: str = "operator", *cinemas: str) -> Metadata:
        token = mint_token(self.identities.provider_key, person(role, cinemas=cinemas))
        return (("authorization", f"Bearer {token}"),)

    def service(self, name: str = "booking") -> Metadata:
        identity = ServiceIdentity.from_file(name, self.identities.service_key(name))
        return (("authorization", identity.bearer_for("catalog")),)

    async def create_cinema(self, entry: dict[str, Any]) -> None:
        await self.admin.CreateCinema(
            catalog_admin_service_pb2.CreateCinemaRequest(
                cinema=ParseDict(entry["cinema"], cinema_pb2.Cinema()),
                import_profile=ParseDict(entry["import_profile"], cinema_pb2.ImportProfile()),
                request_id=new_request_id(),
            ),
            metadata=self.staff(),
        )

    async def publish_plan(
        self, cinema_id: str, hall_name: str, plan: dict[str, Any]
    ) -> catalog_admin_service_pb2.PublishSeatPlanResponse:
        response: catalog_admin_service_pb2.PublishSeatPlanResponse = (
            await self.admin.PublishSeatPlan(
                catalog_admin_service_pb2.PublishSeatPlanRequest(
                    cinema_id=cinema_id,
                    hall_name=hall_name,
                    seat_plan=ParseDict(plan, seat_plan_pb2.SeatPlan()),
                    request_id=new_request_id(),
                ),
                metadata=self.staff(),
            )
        )
        return response

    async def set_prices(self, prices: dict[str, Any]) -> price_pb2.PriceList:
        response = await self.admin.SetPrices(
            catalog_admin_service_pb2.SetPricesRequest(
                price_list=ParseDict(prices, price_pb2.PriceList()), request_id=new_request_id()
            ),
            metadata=self.staff(),
        )
        stored: price_pb2.PriceList = response.price_list
        return stored

    async def publish_promotion(
        self, promotion: dict[str, Any], metadata: Metadata | None = None
    ) -> promotion_pb2.Promotion:
        response = await self.admin.PublishPromotion(
            catalog_admin_service_pb2.PublishPromotionRequest(
                promotion=ParseDict(promotion, promotion_pb2.Promotion()),
                request_id=new_request_id(),
            ),
            metadata=metadata or self.staff(),
        )
        stored: promotion_pb2.Promotion = response.promotion
        return stored

    async def set_holidays(self, country_code: str, *days: str) -> None:
        """Set the holidays of the year of the first day."""
        await self.admin.SetHolidays(
            catalog_admin_service_pb2.SetHolidaysRequest(
                country_code=country_code,
                year=int(days[0][:4]),
                holidays=[holiday_pb2.Holiday(date=day) for day in days],
                request_id=new_request_id(),
            ),
            metadata=self.staff(),
        )

    async def publish_terms(self, terms: dict[str, Any]) -> policy_pb2.Terms:
        response = await self.admin.PublishTerms(
            catalog_admin_service_pb2.PublishTermsRequest(
                terms=ParseDict(terms, policy_pb2.Terms()), request_id=new_request_id()
            ),
            metadata=self.staff(),
        )
        stored: policy_pb2.Terms = response.terms
        return stored

    async def import_feed(
        self,
        cinema_id: str,
        content: bytes,
        *,
        request_id: str = "",
        metadata: Metadata | None = None,
    ) -> "ImportResult":
        answers = self.admin.ImportProgramme(
            import_messages(cinema_id, content, request_id or new_request_id()),
            metadata=metadata or self.staff(),
            timeout=120,
        )
        problems: list[catalog_admin_service_pb2.ImportProblem] = []
        summary = None
        async for answer in answers:
            if answer.WhichOneof("report") == "problem":
                problems.append(answer.problem)
            else:
                summary = answer.summary
        assert summary is not None
        return ImportResult(problems, summary)

    async def screenings(
        self, cinema_id: str, date: str, **arguments: Any
    ) -> list[screening_pb2.Screening]:
        """All screenings of a day, sold online or not, page by page."""
        found: list[screening_pb2.Screening] = []
        arguments = {"include_not_sold": True, "page_size": 100} | arguments
        request = ListScreeningsRequest(cinema_id=cinema_id, date=date, **arguments)
        while True:
            page = await self.programme.ListScreenings(request)
            found.extend(page.screenings)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def set_clock(self, moment: str) -> None:
        """Set the clock; the feeds of the tests have fixed dates."""
        await self.database.execute(
            """UPDATE app_clock_offset
               SET offset_seconds = extract(epoch FROM $1::text::timestamptz - clock_timestamp())""",
            moment,
        )

    async def move_clock(self, seconds: float) -> None:
        await self.database.execute(
            "UPDATE app_clock_offset SET offset_seconds = offset_seconds + $1", seconds
        )


@dataclass
class ImportResult:
    """What an import answered."""

    problems: Sequence[catalog_admin_service_pb2.ImportProblem]
    summary: catalog_admin_service_pb2.ImportSummary


def new_request_id() -> str:
    return str(uuid.uuid4())


def import_messages(
    cinema_id: str, content: bytes, request_id: str
) -> Iterator[catalog_admin_service_pb2.ImportProgrammeRequest]:
    yield catalog_admin_service_pb2.ImportProgrammeRequest(
        header=catalog_admin_service_pb2.ImportHeader(cinema_id=cinema_id, request_id=request_id)
    )
    for start in range(0, len(content), CHUNK_BYTES):
        piece = content[start : start + CHUNK_BYTES]
        yield catalog_admin_service_pb2.ImportProgrammeRequest(chunk=piece)


@asynccontextmanager
async def catalog_server(
    database: ServiceDatabase,
    folder: Path,
    services: Iterable[str] = ("catalog", "booking"),
    nats_url: str = NOWHERE,
    **settings: Any,
) -> AsyncIterator[Catalog]:
    """Serve catalog on a free port with keys of its own."""
    state = StateFolder(folder)
    state.create()
    identities = create(state, tuple(services))
    read = CatalogSettings(
        database_url=SecretStr(database.app_url),
        nats_url=SecretStr(nats_url),
        token_keys_file=identities.token_keys,
        service_keys_file=identities.service_keys,
        service_key_file=identities.service_key("catalog"),
        test_clock=True,
        drain_grace_ms=1_000,
        **settings,
    )
    async with AsyncExitStack() as stack:
        server = RpcServer(read, await build_rpc(read, stack))
        await server.start()
        stack.push_async_callback(server.stop)
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        )
        opened = open_database(read, role="test")
        stack.push_async_callback(opened.close)
        yield Catalog(
            opened,
            identities,
            f"127.0.0.1:{server.port}",
            ProgrammeServiceStub(channel),
            CatalogAdminServiceStub(channel),
            SalesFactsServiceStub(channel),
        )
