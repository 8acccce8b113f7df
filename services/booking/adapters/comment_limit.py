"""How many comments one caller, and one address, may leave."""

from dataclasses import dataclass

from services.common.limits import Attempt, AttemptLimit, AttemptLimiter


@dataclass(frozen=True, slots=True)
class CommentLimit:
    """The port `CommentLimiter`, shared between processes while Redis answers."""

    limiter: AttemptLimiter
    by_caller: AttemptLimit
    by_address: AttemptLimit

    async def wait_ms(self, principal: str, address: str) -> int:
        return await self.limiter.take(
            [Attempt(self.by_caller, principal), Attempt(self.by_address, address)]
        )
