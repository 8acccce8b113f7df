"""Finds or starts the suite, and opens the stage on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.demo.stage import Addresses, Stage, open_stage
from deploy.local.clock import TestClock
from deploy.local.record import StackRecord
from deploy.local.tokens import mint_token, person


def addresses_of(record: StackRecord) -> Addresses:
    """Read where the suite's public calls are."""
    known = record.addresses
    return Addresses(
        catalog=known["catalog"],
        booking=[known["booking-rpc-1"], known["booking-rpc-2"]],
        wallet=known["wallet"],
        payment=known["payment"],
        provider_url=f"http://{known['emulator']}",
        mailbox_url=f"http://{known['mailbox']}",
    )


def clock_of(record: StackRecord) -> TestClock:
    """Give the suite's test clock."""
    owners = [urls["owner"] for urls in record.databases.values()]
    return TestClock(owners, f"http://{record.addresses['emulator']}")


@asynccontextmanager
async def stage_of(record: StackRecord) -> AsyncIterator[Stage]:
    """Open the stage on a running suite, with the local identity provider's tokens."""
    provider_key = Path(record.files["provider_key"])

    def mint(role: str, subject: str, cinemas: Sequence[str]) -> str:
        return mint_token(provider_key, person(role, subject=subject, cinemas=cinemas))

    async with open_stage(addresses_of(record), mint) as stage:
        yield stage
