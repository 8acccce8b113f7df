"""List what staff of a cinema have to decide on, and how far work over its orders has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.screening_job import ScreeningJob
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import DoorScreenings


class AwaitingRemedies(Protocol):
    """Reads orders whose remedies wait for approval."""

    async def list(
        self, screening_id: UUID, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Order]:
        """List by when it was asked for; those after a remedy's time and order."""
        ...


class JobReads(Protocol):
    """Reads jobs."""

    async def of_screening(
        self, screening_id: UUID, before: tuple[int, str] | None, limit: int
    ) -> Sequence[ScreeningJob]:
        """List the newest first; those before a version and kind."""
        ...


@dataclass(frozen=True, slots=True)
class ListAwaitingRemedies:
    """Read them for staff of the screening's cinema; WRONG_CINEMA."""

    screenings: DoorScreenings
    remedies: AwaitingRemedies

    async def __call__(
        self, staff: Staff, screening_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Order]:
        facts = await self.screenings.facts(screening_id)
        staff.must_act_for(facts.cinema_id)
        return await self.remedies.list(screening_id, after, limit)


@dataclass(frozen=True, slots=True)
class ListScreeningJobs:
    """Read jobs for staff of the screening's cinema; WRONG_CINEMA."""

    screenings: DoorScreenings
    jobs: JobReads

    async def __call__(
        self, staff: Staff, screening_id: UUID, *, before: tuple[int, str] | None, limit: int
    ) -> Sequence[ScreeningJob]:
        facts = await self.screenings.facts(screening_id)
        staff.must_act_for(facts.cinema_id)
        return await self.jobs.of_screening(screening_id, before, limit)
