"""A throw-away suite for tests that break parts of it: durable servers, small programme."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from deploy.demo.attach import clock_of, stage_of
from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import Stage
from deploy.local.clock import TestClock
from deploy.local.stack import LocalStack, StackOptions
from deploy.verify import Line, verify
from tests.load.programme import CINEMA, LoadedProgramme, Size, load_programme

# A killed part stays dead until a test starts it.
OPTIONS = StackOptions(auto_restart=False, preferred_ports={})
SMALL = Size(halls=2, days=1, seats=100)
PARTY = 2
# The provider asks again after 1.2 s instead of a minute.
RETRY_FACTOR = 0.02
VERIFY_WAIT_S = 30.0


@dataclass(frozen=True)
class Sale:
    """Two seats that nobody else buys, at a screening of tomorrow."""

    screening_id: str
    seats: tuple[str, ...]


@dataclass(frozen=True)
class Suite:
    """A running suite whose parts stay dead until they are started again."""

    stack: LocalStack
    stage: Stage
    clock: TestClock
    programme: LoadedProgramme
    date: str
    sales: Iterator[int] = field(default_factory=count)

    def next_sale(self) -> Sale:
        """Give the next seats that no test has touched."""
        number = next(self.sales)
        parties = self.programme.legal_seats.parties(PARTY)
        screening_ids = self.programme.screening_ids
        at, party = divmod(number, len(parties))
        return Sale(screening_ids[at % len(screening_ids)], parties[party])

    def database(self, service: str) -> str:
        """Give the owner's URL of a service's database."""
        return self.stack.record.databases[service]["owner"]

    async def buyer_with_card(self, name: str) -> tuple[Buyer, str]:
        """Give an account holder and the id of their new card of three places."""
        buyer = Buyer.account(self.stage, name)
        number = await House(self.stage).issue_card(await self.clock.now())
        return buyer, (await buyer.register_card(number)).id

    async def tell_provider(self, path: str, body: Mapping[str, Any]) -> None:
        """Script the local provider: `faults`, `behaviour`."""
        url = f"{self.stage.addresses.provider_url}/emulator/{path}"
        async with self.stage.http.post(url, json=body) as answer:
            answer.raise_for_status()

    async def provider_orders_of(self, order_id: str) -> list[dict[str, Any]]:
        """Read what the provider knows of an order of ours."""
        orders = await self.stage.provider_orders()
        return [each for each in orders if (each["ext_order_id"] or "").startswith(order_id)]

    async def verify(self, *, wait_s: float = VERIFY_WAIT_S) -> list[Line]:
        """Run `make verify`."""
        urls = {name: self.database(name) for name in self.stack.record.databases}
        return await verify(urls, self.stage.addresses.provider_url, wait_s=wait_s)

    async def must_verify(self, *, wait_s: float = VERIFY_WAIT_S) -> None:
        """Run `make verify` and be satisfied with nothing but green."""
        broken = [line.text() for line in await self.verify(wait_s=wait_s) if not line.holds]
        assert not broken, "\n".join(broken)

    def must_be_whole(self) -> None:
        """See that every part runs: nobody died of somebody else's death."""
        dead = set(self.stack.parts.names()) - set(self.stack.parts.pids())
        assert not dead, f"not running: {sorted(dead)}"


async def open_suite(stack: LocalStack, stage: Stage, size: Size) -> Suite:
    """Put a small programme on sale in a suite that has just been started."""
    clock = clock_of(stack.record)
    tomorrow = await clock.now() + timedelta(days=1)
    programme = await load_programme(stage, size, tomorrow)
    suite = Suite(stack, stage, clock, programme, tomorrow.date().isoformat())
    await suite.tell_provider("behaviour", {"retry_factor": RETRY_FACTOR})
    return suite


@asynccontextmanager
async def a_suite(
    state: Path, size: Size = SMALL, options: StackOptions = OPTIONS
) -> AsyncIterator[Suite]:
    """Start a suite of one's own, and stop it at the end."""
    async with LocalStack(state, options) as stack, stage_of(stack.record) as stage:
        yield await open_suite(stack, stage, size)


async def screenings_of(suite: Suite) -> list[str]:
    """List tomorrow's screenings as a customer would."""
    listed = await House(suite.stage).screenings(CINEMA.cinema_id, suite.date)
    return [screening.id for screening in listed]
