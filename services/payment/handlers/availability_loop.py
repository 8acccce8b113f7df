"""Keeps what this process knows of the provider's points of sale and what all know the same."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import Counter

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.payment.use_cases.ports import ProviderDownError

_log = get_logger(__name__)
_changes = Counter(
    "payment_provider_changes_total", "Points of sale seen to fall or come back.", ["change"]
)


class SharedAvailability(Protocol):
    async def down(self) -> Sequence[str]: ...

    async def gone_down(self, currency: str) -> None: ...

    async def come_back(self, currency: str) -> None: ...

    async def take_probe(self, currency: str) -> bool: ...


class WatchedProvider(Protocol):
    """The provider as far as its being there goes, by currency."""

    @property
    def news(self) -> asyncio.Event:
        """Set when a point of sale has stopped answering here."""
        ...

    def tripped(self) -> Sequence[str]:
        """List what has stopped answering here."""
        ...

    def follow(self, down: Sequence[str]) -> None:
        """Call no point of sale of these currencies, and all others again."""
        ...

    async def probe(self, currency: str) -> None:
        """Ask something harmless; raises ProviderDownError."""
        ...


@dataclass(frozen=True, slots=True)
class AvailabilityLoop:
    """Each process runs one: tells the others, follows them, and probes when it is its turn."""

    provider: WatchedProvider
    shared: SharedAvailability
    interval_ms: int = 1_000
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until cancelled, or until `ending` is set."""
        while not self.ending.is_set():
            try:
                await self.run_once()
            except DomainError as error:
                _log.warning("availability_not_shared", problem=type(error).__name__)
            self.provider.news.clear()
            try:
                async with asyncio.timeout(self.interval_ms / 1_000):
                    await self.provider.news.wait()
            except TimeoutError:
                continue

    async def run_once(self) -> None:
        """Learn what others told, tell what was learnt here, probe what is due."""
        known = await self.shared.down()
        self.provider.follow(known)
        fallen = set(self.provider.tripped()) - set(known)
        for currency in sorted(fallen):
            _changes.labels("down").inc()
            await self.shared.gone_down(currency)
        if fallen:
            self.provider.follow([*known, *fallen])
        for currency in known:
            if await self.shared.take_probe(currency):
                await self._probe(currency)

    async def _probe(self, currency: str) -> None:
        try:
            await self.provider.probe(currency)
        except ProviderDownError as error:
            _log.info("provider_still_down", currency=currency, problem=str(error))
            await self.shared.gone_down(currency)
            return
        _changes.labels("up").inc()
        await self.shared.come_back(currency)
        self.provider.follow(await self.shared.down())
