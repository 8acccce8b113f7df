"""Pieces of work that take their time on the event loop, and let others go first."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turns:
    """Lets one piece of work begin after the other, each in another turn of the event loop.

    What is ready meanwhile, such as the next step of what somebody waits for, runs in between,
    however many pieces became ready at once.
    """

    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def wait(self) -> None:
        """Wait for one's turn; what follows without another wait is the piece of work."""
        async with self._lock:
            await asyncio.sleep(0)
