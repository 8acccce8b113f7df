"""What doors go by: the screening as it is known, also while catalog does not answer."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.domain.errors import SalesPausedError
from services.booking.domain.screening import ScreeningFacts
from services.booking.use_cases.ports import Screenings
from services.common.bounded_cache import BoundedCache
from services.common.errors import DeadlineTooShortError, DependencyUnavailableError

MAX_CACHED_SCREENINGS = 1_000
# How long catalog is waited for when something has changed, and when it is asked again.
CATALOG_TIMEOUT_MS = 1_500
ASK_AGAIN_AFTER_MS = 3_000
_SILENCE = (DependencyUnavailableError, DeadlineTooShortError, SalesPausedError, TimeoutError)


@dataclass(frozen=True, slots=True)
class _Known:
    facts: ScreeningFacts
    ask_again_at: float | None  # Monotonic; None: nobody said that something has changed.


@dataclass(slots=True)
class OwnDoorScreenings:
    """The port `DoorScreenings` on booking's own copies.

    Sales stop on facts that are old; a door does not close: people stand before it, with tickets.
    """

    copies: ScreeningCopies
    screenings: Screenings
    _known: BoundedCache[UUID, _Known] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_SCREENINGS)
    )

    async def facts(self, screening_id: UUID, *, facts_version: int = 0) -> ScreeningFacts:
        known = self._known.get(screening_id)
        if known is None or known.facts.facts_version < facts_version or _is_due(known):
            known = await self._load(screening_id)
            self._known.put(screening_id, known)
        return known.facts

    async def _load(self, screening_id: UUID) -> _Known:
        stored = await self.copies.load(screening_id)
        if stored is not None and not stored.stale:
            return _Known(stored.facts, None)
        try:
            async with asyncio.timeout(CATALOG_TIMEOUT_MS / 1_000):
                return _Known(await self.screenings.fresh_facts(screening_id), None)
        except _SILENCE as silence:
            if stored is None:
                raise DependencyUnavailableError("catalog") from silence
            return _Known(stored.facts, time.monotonic() + ASK_AGAIN_AFTER_MS / 1_000)


def _is_due(known: _Known) -> bool:
    return known.ask_again_at is not None and time.monotonic() >= known.ask_again_at
