"""The image endpoint over HTTP, on a real PostgreSQL, with a ticket that was bought."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest
from pydantic import SecretStr

from deploy.local.databases import ServiceDatabase
from services.booking.adapters.qr_images import qr_png
from services.booking.adapters.ticket_links import TicketLinks
from services.booking.config import BookingSettings
from services.booking.domain.ticket import Ticket
from services.booking.handlers.image_endpoint import ImageEndpoint, serving_images
from services.booking.image_process import open_images
from services.booking.use_cases.get_ticket_image import GetTicketImage
from services.common.errors import DependencyUnavailableError
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.conftest import Shop

SECRET = b"a secret for tests, thirty-two bytes"


@dataclass
class Images:
    """The endpoint, and a client that asks it."""

    http: aiohttp.ClientSession
    base_url: str

    async def get(self, token: str) -> tuple[int, bytes, dict[str, str]]:
        async with self.http.get(f"{self.base_url}/tickets/{token}.png") as answer:
            return answer.status, await answer.read(), dict(answer.headers)


@pytest.fixture
async def images(booking_database: ServiceDatabase, tmp_path: Path) -> AsyncIterator[Images]:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    settings = BookingSettings(
        database_url=SecretStr(booking_database.app_url),
        order_token_secret_file=secret,
        image_listen="127.0.0.1:0",
    )
    async with AsyncExitStack() as stack:
        port = await open_images(settings, stack)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Images(http, f"http://127.0.0.1:{port}")


@pytest.fixture
async def ticket(process: Process, screening_id: UUID) -> Ticket:
    shop = Shop(process)
    order = await shop.buy(screening_id, ["A1"])
    (ticket,) = await shop.use.store.list_tickets(order, after_number="", limit=1)
    return ticket


async def test_who_has_the_link_sees_the_code(
    images: Images, ticket: Ticket, screening_id: UUID
) -> None:
    token = TicketLinks(SECRET).token_of(screening_id, ticket.id)

    status, body, headers = await images.get(token)

    assert (status, headers["Content-Type"]) == (200, "image/png")
    assert body == qr_png(ticket.qr_payload)
    assert headers["Cache-Control"].startswith("private")


async def test_a_wrong_link_and_an_unknown_ticket_look_alike(
    images: Images, ticket: Ticket, screening_id: UUID
) -> None:
    forged = TicketLinks(b"another secret of thirty-two bytes!!").token_of(screening_id, ticket.id)
    unknown = TicketLinks(SECRET).token_of(screening_id, uuid4())

    answers = [(await images.get(token))[:2] for token in (forged, unknown, "x", "..%2F..")]

    assert answers == [(404, b"")] * 4


async def test_only_cancellation_takes_the_code_away(
    images: Images, process: Process, ticket: Ticket, screening_id: UUID
) -> None:
    await process.database.execute("UPDATE ticket SET state = 'CANCELLED'")

    status, _, _ = await images.get(TicketLinks(SECRET).token_of(screening_id, ticket.id))

    assert status == 404


async def test_a_database_that_does_not_answer_is_told_with_when_to_come_again() -> None:
    async def silent(screening_id: UUID, ticket_id: UUID) -> bytes | None:
        raise DependencyUnavailableError("database")

    links = TicketLinks(SECRET)
    endpoint = ImageEndpoint(GetTicketImage(links, silent, qr_png))
    async with serving_images(endpoint, "127.0.0.1:0") as port, aiohttp.ClientSession() as http:
        status, _, headers = await Images(http, f"http://127.0.0.1:{port}").get(
            links.token_of(uuid4(), uuid4())
        )

    assert (status, headers["Retry-After"]) == (503, "2")
