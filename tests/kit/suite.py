"""The whole suite for end-to-end tests: started once, in a thread of its own, on fast storage.

A stack's processes end with the thread that started them and its calls need one event loop, while
each test has a loop of its own: so the stack lives in a thread with a loop that lasts.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from deploy.demo.attach import stage_of
from deploy.local.record import StackRecord
from deploy.local.servers.postgres import FAST_AND_FORGETFUL
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.topology import SERVICES
from tests.kit.small_programme import load_small_programme

START_TIMEOUT_SECONDS = 180.0
STOP_TIMEOUT_SECONDS = 60.0
CALL_TIMEOUT_SECONDS = 120.0

# Limits that protect the suite from one client would only slow its own tests down.
GENEROUS: Mapping[str, Mapping[str, str]] = {
    "booking": {"MAX_SESSIONS_PER_ADDRESS": "100000"},
    "wallet": {
        "MAX_ATTEMPTS_PER_CALLER": "100000",
        "MAX_ATTEMPTS_PER_ADDRESS": "100000",
        "MAX_ATTEMPTS_PER_CODE": "100000",
        # Places that no order wants are asked about within a test run, not within a minute.
        "ASK_AFTER_S": "5",
        "MIN_ASK_AFTER_S": "2",
    },
}

# So that what one of them changes must reach the other.
TWO_CATALOGS = tuple(
    replace(service, rpc_processes=2) if service.name == "catalog" else service
    for service in SERVICES
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Suite:
    """A running suite with a small programme on sale. Its methods block; call them anywhere."""

    stack: LocalStack
    loop: asyncio.AbstractEventLoop

    @property
    def record(self) -> StackRecord:
        """Where everything of the suite is."""
        return self.stack.record

    @property
    def owner_urls(self) -> dict[str, str]:
        """The databases' URLs by service, as the role that owns the tables."""
        return {name: urls["owner"] for name, urls in self.record.databases.items()}

    @property
    def provider_url(self) -> str:
        return f"http://{self.record.addresses['emulator']}"

    def run(self, work: Coroutine[Any, Any, _T], *, timeout_s: float = CALL_TIMEOUT_SECONDS) -> _T:
        """Run something on the stack's own loop, such as `suite.stack.kill("booking-rpc-1")`."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    async def verify(self, *, wait_s: float = 30.0) -> list[str]:
        """Check the invariants; returns the lines that do not hold."""
        from deploy.verify.run import verify  # noqa: PLC0415 - it imports all services

        lines = await verify(self.owner_urls, self.provider_url, wait_s=wait_s)
        return [line.text() for line in lines if not line.holds]


@contextmanager
def running_suite(state: Path, options: StackOptions | None = None) -> Iterator[Suite]:
    """Start a suite on a state folder, put the small programme on sale, and stop it at the end.

    Without options it is fast, forgetful and generous; tests that kill parts bring their own.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="suite", daemon=True)
    thread.start()
    suite = Suite(LocalStack(state, options or fast_options()), loop)
    try:
        suite.run(suite.stack.start(), timeout_s=START_TIMEOUT_SECONDS)
        suite.run(_put_on_sale(suite.record))
        yield suite
    finally:
        suite.run(suite.stack.stop(), timeout_s=STOP_TIMEOUT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_TIMEOUT_SECONDS)
        loop.close()


def fast_options(**changes: Any) -> StackOptions:
    """Give the options of a suite on throw-away data, on ports that nobody prefers."""
    defaults: dict[str, Any] = {
        "services": TWO_CATALOGS,
        "overrides": GENEROUS,
        "preferred_ports": {},
        "postgres_settings": FAST_AND_FORGETFUL,
    }
    return StackOptions(**{**defaults, **changes})


async def _put_on_sale(record: StackRecord) -> None:
    async with stage_of(record) as stage:
        await load_small_programme(stage)
