"""Where the demo, the end-to-end tests and the load runs play: the suite's public addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc
from cinema.booking.v1 import (
    admission_service_pb2_grpc,
    booking_service_pb2_grpc,
    box_office_service_pb2_grpc,
)
from cinema.catalog.v1 import catalog_admin_service_pb2_grpc, programme_service_pb2_grpc
from cinema.wallet.v1 import (
    voucher_service_pb2_grpc,
    wallet_admin_service_pb2_grpc,
    wallet_service_pb2_grpc,
)

from services.common.rpc.client import open_channel

CALL_TIMEOUT_S = 20.0
HTTP_TIMEOUT_S = 20.0

Metadata = tuple[tuple[str, str], ...]
MintToken = Callable[[str, str, Sequence[str]], str]
"""Makes a token from a role, a subject and the cinemas that staff may act for."""


@dataclass(frozen=True)
class Addresses:
    """Host and port of each service, and the base URLs of the provider and the mailbox."""

    catalog: str
    booking: Sequence[str]
    wallet: str
    payment: str
    provider_url: str
    mailbox_url: str


@dataclass(frozen=True)
class Stage:
    """Stubs of the public calls, and what stands around the suite on one machine."""

    addresses: Addresses
    mint_token: MintToken
    http: aiohttp.ClientSession
    programme: Any
    catalog_admin: Any
    bookings: Sequence[Any]
    admissions: Any
    box_office: Any
    wallet: Any
    vouchers: Any
    wallet_admin: Any

    def staff(self, role: str, cinemas: Sequence[str] = ("*",)) -> Metadata:
        """Give the metadata of a member of staff."""
        subject = f"{role.replace('_', '-')}-1"
        return (("authorization", f"Bearer {self.mint_token(role, subject, cinemas)}"),)

    async def mails(self, address: str) -> list[dict[str, Any]]:
        """Read the mails that the mailbox holds for an address, oldest first."""
        url = f"{self.addresses.mailbox_url}/messages"
        async with self.http.get(url, params={"to": address}) as answer:
            answer.raise_for_status()
            mails: list[dict[str, Any]] = (await answer.json())["messages"]
        return mails

    async def provider_orders(self) -> list[dict[str, Any]]:
        """Read the provider's own record: every order with its money."""
        orders: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            url = f"{self.addresses.provider_url}/emulator/orders"
            async with self.http.get(url, params={"after": after} if after else {}) as answer:
                answer.raise_for_status()
                page = await answer.json()
            orders += page["orders"]
            after = page["next_after"]
            if after is None:
                return orders


@asynccontextmanager
async def open_stage(addresses: Addresses, mint_token: MintToken) -> AsyncIterator[Stage]:
    """Open channels to everything; one for each booking process, for a channel sticks to one."""
    async with AsyncExitStack() as stack:

        async def channel(address: str, *services: str) -> grpc.aio.Channel:
            return await stack.enter_async_context(open_channel(address, services))

        catalog = await channel(
            addresses.catalog,
            "cinema.catalog.v1.ProgrammeService",
            "cinema.catalog.v1.CatalogAdminService",
        )
        wallet = await channel(
            addresses.wallet,
            "cinema.wallet.v1.WalletService",
            "cinema.wallet.v1.VoucherService",
            "cinema.wallet.v1.WalletAdminService",
        )
        bookings = [
            await channel(
                address,
                "cinema.booking.v1.BookingService",
                "cinema.booking.v1.AdmissionService",
                "cinema.booking.v1.BoxOfficeService",
            )
            for address in addresses.booking
        ]
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=HTTP_TIMEOUT_S),
                connector=aiohttp.TCPConnector(limit=256),
            )
        )
        yield Stage(
            addresses=addresses,
            mint_token=mint_token,
            http=http,
            programme=programme_service_pb2_grpc.ProgrammeServiceStub(catalog),
            catalog_admin=catalog_admin_service_pb2_grpc.CatalogAdminServiceStub(catalog),
            bookings=[booking_service_pb2_grpc.BookingServiceStub(channel) for channel in bookings],
            admissions=admission_service_pb2_grpc.AdmissionServiceStub(bookings[-1]),
            box_office=box_office_service_pb2_grpc.BoxOfficeServiceStub(bookings[-1]),
            wallet=wallet_service_pb2_grpc.WalletServiceStub(wallet),
            vouchers=voucher_service_pb2_grpc.VoucherServiceStub(wallet),
            wallet_admin=wallet_admin_service_pb2_grpc.WalletAdminServiceStub(wallet),
        )


async def until(
    condition: Callable[[], Any], *, what: str, timeout_s: float = 30.0, poll_s: float = 0.03
) -> Any:
    """Await an async condition until it gives something true, and return that.

    Raises TimeoutError that says what was waited for.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                result = await condition()
                if result:
                    return result
                await asyncio.sleep(poll_s)
    except TimeoutError:
        raise TimeoutError(f"Waited {timeout_s:g} s for {what}.") from None
