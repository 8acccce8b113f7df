"""Limits how often codes are tried: per caller, per network address, per code."""

from dataclasses import dataclass

from services.common import limits
from services.wallet.domain.errors import TooManyAttemptsError
from services.wallet.use_cases.code_ports import Attempt


@dataclass(frozen=True, slots=True)
class LimitedAttempts:
    """The port `AttemptGuard`; all three windows must have room."""

    limiter: limits.AttemptLimiter
    per_caller: limits.AttemptLimit
    per_address: limits.AttemptLimit
    per_code: limits.AttemptLimit

    async def check(self, attempt: Attempt) -> None:
        wait_ms = await self.limiter.take(
            [
                limits.Attempt(self.per_caller, attempt.principal),
                limits.Attempt(self.per_address, attempt.peer_address),
                limits.Attempt(self.per_code, attempt.code_hash),
            ]
        )
        if wait_ms:
            raise TooManyAttemptsError(retry_after_ms=wait_ms)
