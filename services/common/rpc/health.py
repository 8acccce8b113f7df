"""Health that tells the truth: a service serves while everything it needs answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer

from services.common.logging import get_logger

# How often it is asked whether what does not answer is back.
LOST_S = 0.5

_log = get_logger(__name__)

# Returns when the dependency answers, raises when it does not.
ReadinessCheck = Callable[[], Awaitable[object]]
_STATUS = health_pb2.HealthCheckResponse.ServingStatus


class Readiness:
    """Runs the checks again and again and reports the result to the health service."""

    def __init__(
        self,
        services: Iterable[str],
        checks: Mapping[str, ReadinessCheck],
        *,
        interval_ms: int,
        timeout_ms: int,
    ) -> None:
        self.servicer = HealthServicer()
        self._services = ("", *services)
        self._checks = checks
        self._interval_s = interval_ms / 1000
        self._timeout_s = timeout_ms / 1000
        self._draining = False
        self.failing: frozenset[str] = frozenset(["start"])

    @property
    def ready(self) -> bool:
        return not self.failing and not self._draining

    async def begin(self) -> None:
        """Say NOT_SERVING for every service before the port is open."""
        for service in self._services:
            await self.servicer.set(service, _STATUS.NOT_SERVING)

    async def keep_checking(self) -> None:
        """Check for ever; the first round at once, more often while something fails."""
        while True:
            await self.check()
            await asyncio.sleep(min(self._interval_s, LOST_S) if self.failing else self._interval_s)

    async def check(self) -> None:
        """Run all checks once and report a change."""
        results = await asyncio.gather(
            *(self._passes(name, check) for name, check in self._checks.items())
        )
        failing = frozenset(
            name for name, passed in zip(self._checks, results, strict=True) if not passed
        )
        if failing == self.failing or self._draining:
            return
        was_ready, self.failing = not self.failing, failing
        if was_ready != (not failing):
            status = _STATUS.NOT_SERVING if failing else _STATUS.SERVING
            for service in self._services:
                await self.servicer.set(service, status)
        if failing:
            _log.warning("readiness_lost", failing=sorted(failing))
        else:
            _log.warning("readiness_reached")

    async def drain(self) -> None:
        """Say NOT_SERVING for good."""
        self._draining = True
        await self.servicer.enter_graceful_shutdown()

    async def _passes(self, name: str, check: ReadinessCheck) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                await check()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises means "not ready"
            _log.debug("readiness_check_failed", check=name, error=type(error).__name__)
            return False
        return True
