"""The test clock: moves the time of all four databases and of the local payment provider together.

Only a suite that runs with the test setting has one; it is no RPC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import asyncpg


@dataclass(frozen=True)
class TestClock:
    """The databases' owner URLs, and the base URL of the local provider."""

    __test__ = False

    database_urls: Sequence[str]
    provider_url: str

    async def now(self) -> datetime:
        """Read the suite's time."""
        connection = await asyncpg.connect(self.database_urls[0])
        try:
            now: datetime = await connection.fetchval("SELECT app_clock()")
        finally:
            await connection.close()
        return now

    async def offset(self) -> timedelta:
        """Read how far the suite's time is ahead of real time."""
        connection = await asyncpg.connect(self.database_urls[0])
        try:
            seconds = await connection.fetchval("SELECT offset_seconds FROM app_clock_offset")
        finally:
            await connection.close()
        return timedelta(seconds=seconds)

    async def advance(self, by: timedelta) -> None:
        """Move the time on."""
        await self.set(await self.offset() + by)

    async def set(self, offset: timedelta) -> None:
        """Set how far the suite's time is ahead of real time."""
        seconds = offset.total_seconds()
        for url in self.database_urls:
            connection = await asyncpg.connect(url)
            try:
                await connection.execute("UPDATE app_clock_offset SET offset_seconds = $1", seconds)
            finally:
                await connection.close()
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{self.provider_url}/emulator/clock", json={"offset_seconds": seconds}
            ) as answer,
        ):
            answer.raise_for_status()
