"""Start a guest's session."""

from dataclasses import dataclass
from typing import Protocol

from services.booking.domain.errors import TooManySessionsError
from services.booking.domain.session import Session, SessionChannel


class Limiter(Protocol):
    """Counts how often a key asks; zero lets it pass, else the milliseconds to wait."""

    async def wait_ms(self, key: str) -> int: ...


class SessionTokens(Protocol):
    """Signs the tokens that guests carry."""

    def issue(self, channel: SessionChannel) -> Session: ...


@dataclass(frozen=True, slots=True)
class StartSession:
    """Issue an anonymous session token, so often for each address.

    Nothing is stored: a repeat gets a session of its own, which costs nobody anything. Deriving it
    from the request's ID would make a secret of an ID that is in logs and traces.
    """

    tokens: SessionTokens
    limiter: Limiter

    async def __call__(self, address: str, channel: SessionChannel) -> Session:
        wait_ms = await self.limiter.wait_ms(address)
        if wait_ms:
            raise TooManySessionsError(retry_after_ms=wait_ms)
        return self.tokens.issue(channel)
