"""The ports `Screenings` and `Halls`: booking's own copy of what catalog knows, filled as it is asked for."""

import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsResponse

from services.booking.adapters.heartbeat import Heartbeat
from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.adapters.seat_maps import SeatMapReader
from services.booking.domain.errors import (
    NotSoldOnlineError,
    SalesPausedError,
    ScreeningNotFoundError,
)
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seat_block import HallView
from services.booking.domain.seat_choice import Sale
from services.booking.domain.seats import SeatMap, SeatPlan
from services.common.bounded_cache import BoundedCache
from services.common.errors import DeadlineTooShortError, DependencyUnavailableError
from services.common.single_flight import SingleFlight

MAX_FACTS_AGE_S = 30.0
# How soon a change that the board's row tells of is seen by a process that only reads facts.
FACTS_CHECK_MS = 500
UNKNOWN_FOR_S = 2.0
MAX_FETCHES = 3
MAX_CONSISTENT_READS = 3
MAX_CACHED_FACTS = 2_000
MAX_CACHED_PLANS = 500
MAX_CACHED_UNKNOWNS = 10_000


class SalesFactsSource(Protocol):
    """Where the facts come from: catalog."""

    async def sales_facts(
        self, screening_id: UUID, *, include_seat_plan: bool
    ) -> GetSalesFactsResponse:
        """SCREENING_NOT_FOUND, or DEPENDENCY_UNAVAILABLE when there is no answer."""
        ...


@dataclass(frozen=True, slots=True)
class _Cached:
    facts: ScreeningFacts
    told_at: float  # Monotonic: when catalog was asked.


@dataclass(slots=True)
class OwnScreenings:
    """Facts are cached by the version that the board's row carries, plans for ever.

    Catalog is asked on a miss, when a copy is marked stale, and when neither the copy nor the
    heartbeat is young enough to sell by.
    """

    copies: ScreeningCopies
    maps: SeatMapReader
    heartbeat: Heartbeat
    catalog: SalesFactsSource
    _facts: BoundedCache[UUID, _Cached] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_FACTS)
    )
    _plans: BoundedCache[UUID, SeatPlan] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_PLANS)
    )
    _unknown_until: BoundedCache[UUID, float] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_UNKNOWNS)
    )
    _fetches: SingleFlight[None] = field(default_factory=SingleFlight)

    async def facts(self, screening_id: UUID) -> ScreeningFacts:
        try:
            seat_map = await self.seat_map(screening_id, max_age_ms=FACTS_CHECK_MS)
            return await self._facts_as_of(seat_map)
        except (DependencyUnavailableError, DeadlineTooShortError) as silence:
            raise SalesPausedError from silence

    async def fresh_facts(self, screening_id: UUID) -> ScreeningFacts:
        await self._fetch(screening_id)
        return (await self._load(screening_id)).facts

    async def sale(self, screening_id: UUID, *, max_age_ms: int) -> Sale:
        try:
            seat_map = await self.seat_map(screening_id, max_age_ms=max_age_ms)
            for _ in range(MAX_CONSISTENT_READS):
                facts = await self._facts_as_of(seat_map)
                plan_id = facts.must_be_sold_online()
                same = facts.facts_version == seat_map.facts_version
                if same and plan_id == seat_map.seat_plan_id:
                    return Sale(facts, await self._plan(plan_id), seat_map)
                seat_map = await self.seat_map(screening_id, max_age_ms=0)
        except (DependencyUnavailableError, DeadlineTooShortError) as silence:
            raise SalesPausedError from silence
        raise SalesPausedError

    async def hall(self, screening_id: UUID) -> HallView:
        try:
            seat_map = await self.seat_map(screening_id, max_age_ms=0)
            facts = await self._facts_as_of(seat_map)
        except (DependencyUnavailableError, DeadlineTooShortError) as silence:
            raise SalesPausedError from silence
        if seat_map.seat_plan_id is None:
            raise NotSoldOnlineError(screening_id, facts.not_sold_reason)
        return HallView(facts, await self._plan(seat_map.seat_plan_id), seat_map.facts_version)

    async def seat_map(self, screening_id: UUID, *, max_age_ms: int) -> SeatMap:
        seat_map = await self.maps.read(screening_id, max_age_ms=max_age_ms)
        if seat_map is None:
            await self._fetch(screening_id)
            seat_map = await self.maps.read(screening_id, max_age_ms=0)
        if seat_map is None:
            raise ScreeningNotFoundError(screening_id)
        return seat_map

    async def _facts_as_of(self, seat_map: SeatMap) -> ScreeningFacts:
        """Give facts that are no older than the map and young enough to sell by."""
        screening_id = seat_map.screening_id
        cached = self._facts.get(screening_id)
        if cached is None or cached.facts.facts_version < seat_map.facts_version:
            cached = await self._load(screening_id)
        if not await self._young_enough(cached):
            await self._fetch(screening_id)
            cached = await self._load(screening_id)
            if not await self._young_enough(cached):
                raise SalesPausedError
        return cached.facts

    async def _young_enough(self, cached: _Cached) -> bool:
        if time.monotonic() - cached.told_at <= MAX_FACTS_AGE_S:
            return True
        return await self.heartbeat.age_s() <= MAX_FACTS_AGE_S

    async def _load(self, screening_id: UUID) -> _Cached:
        for _ in range(MAX_FETCHES):
            stored = await self.copies.load(screening_id)
            if stored is not None and not stored.stale:
                cached = _Cached(stored.facts, time.monotonic() - stored.age_s)
                self._facts.put(screening_id, cached)
                return cached
            await self._fetch(screening_id)
        raise SalesPausedError

    async def _plan(self, seat_plan_id: UUID) -> SeatPlan:
        plan = self._plans.get(seat_plan_id)
        if plan is None:
            plan = await self.copies.load_plan(seat_plan_id)
            if plan is None:
                raise LookupError(f"seat plan {seat_plan_id} was not stored with its screening")
            self._plans.put(seat_plan_id, plan)
        return plan

    async def _fetch(self, screening_id: UUID) -> None:
        unknown_until = self._unknown_until.get(screening_id)
        if unknown_until is not None and time.monotonic() < unknown_until:
            raise ScreeningNotFoundError(screening_id)
        await self._fetches.run(screening_id, lambda: self._ask_catalog(screening_id))

    async def _ask_catalog(self, screening_id: UUID) -> None:
        for _ in range(MAX_FETCHES):
            before = await self.copies.before(screening_id)
            try:
                answer = await self.catalog.sales_facts(screening_id, include_seat_plan=True)
            except ScreeningNotFoundError:
                self._unknown_until.put(screening_id, time.monotonic() + UNKNOWN_FOR_S)
                raise
            if await self.copies.store(answer, before):
                return
