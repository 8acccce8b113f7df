"""What orders need to know of a provider that does not answer."""

from typing import Protocol


class Outages(Protocol):
    """What payment told of providers that do not answer."""

    async def wait_ms(self, currency: str) -> int:
        """Say how long to wait with a new payment; zero when it may be opened.

        During an outage somebody is let through from time to time.
        """
        ...


class OutageNotes(Protocol):
    """Keeps what payment tells of its providers, inside the consuming transaction."""

    async def began(self, currency: str, retry_after_ms: int) -> None:
        """Note that a point of sale cannot be reached; told again, the first time stays."""
        ...

    async def ended(self, currency: str) -> None:
        """Note that it answers again: orders that wait for it are due at once."""
        ...
