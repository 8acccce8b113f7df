"""Serves `CatalogAdminService`: what staff do with the programme."""

from dataclasses import dataclass

from services.catalog.handlers.admin_cinemas import AdminCinemas
from services.catalog.handlers.admin_films import AdminFilms
from services.catalog.handlers.admin_prices import AdminPrices
from services.catalog.handlers.admin_programme import AdminProgramme
from services.catalog.handlers.admin_screenings import AdminScreenings
from services.catalog.handlers.admin_seat_plans import AdminSeatPlans
from services.catalog.handlers.admin_terms import AdminTerms


@dataclass(frozen=True, kw_only=True)
class CatalogAdminServicer(
    AdminCinemas,
    AdminFilms,
    AdminSeatPlans,
    AdminScreenings,
    AdminPrices,
    AdminTerms,
    AdminProgramme,
):
    """Unpacks, calls one use case, packs. Answers are bytes: those that are kept for a repeat."""
