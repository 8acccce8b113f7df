"""Serves `ProgrammeService`: the programme, to anyone."""

from dataclasses import dataclass

from services.catalog.handlers.programme_cinemas import ProgrammeCinemas
from services.catalog.handlers.programme_films import ProgrammeFilms
from services.catalog.handlers.programme_prices import ProgrammePrices
from services.catalog.handlers.programme_screenings import ProgrammeScreenings
from services.catalog.handlers.programme_seat_plans import ProgrammeSeatPlans
from services.catalog.handlers.programme_terms import ProgrammeTerms


@dataclass(frozen=True, kw_only=True)
class ProgrammeServicer(
    ProgrammeCinemas,
    ProgrammeFilms,
    ProgrammeScreenings,
    ProgrammeSeatPlans,
    ProgrammePrices,
    ProgrammeTerms,
):
    """Unpacks, calls one use case, packs."""
