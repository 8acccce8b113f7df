"""How often one address may start a session."""

from dataclasses import dataclass

from services.common.limits import Attempt, AttemptLimit, AttemptLimiter


@dataclass(frozen=True, slots=True)
class SessionLimit:
    """The port `Limiter`, shared between processes while Redis answers."""

    limiter: AttemptLimiter
    limit: AttemptLimit

    async def wait_ms(self, key: str) -> int:
        return await self.limiter.take([Attempt(self.limit, key)])
