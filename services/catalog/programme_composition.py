"""Puts together what everybody and booking read."""

from functools import partial

from services.catalog.adapters.day_cache import DayCache
from services.catalog.adapters.listings import ListingRows
from services.catalog.adapters.shown_films import ShownFilmRows
from services.catalog.composition import Parts
from services.catalog.handlers.listing_answers import pack_listed
from services.catalog.handlers.programme_servicer import ProgrammeServicer
from services.catalog.handlers.sales_facts_servicer import SalesFactsServicer
from services.catalog.use_cases.get_cinema import GetCinema
from services.catalog.use_cases.get_film import GetFilm
from services.catalog.use_cases.get_promotion_regulations import GetPromotionRegulations
from services.catalog.use_cases.get_sales_facts import GetSalesFacts
from services.catalog.use_cases.get_sales_policy import GetSalesPolicy
from services.catalog.use_cases.get_screening import GetScreening
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.catalog.use_cases.get_terms import GetTerms
from services.catalog.use_cases.list_cinemas import ListCinemas
from services.catalog.use_cases.list_films import ListFilms
from services.catalog.use_cases.list_halls import ListHalls
from services.catalog.use_cases.list_holidays import ListHolidays
from services.catalog.use_cases.list_prices import ListPrices
from services.catalog.use_cases.list_screenings import ListScreenings
from services.catalog.use_cases.list_terms import ListTerms
from services.catalog.use_cases.list_ticket_types import ListTicketTypes
from services.catalog.use_cases.quote_prices import QuotePrices
from services.common.rpc.paging import PageTokens


def programme_servicer(parts: Parts, page_tokens: PageTokens) -> ProgrammeServicer:
    programme = parts.programme
    films = ShownFilmRows(parts.database)
    return ProgrammeServicer(
        list_cinemas=ListCinemas(programme),
        get_cinema=GetCinema(programme),
        list_screenings=ListScreenings(_listings(parts)),
        list_halls=ListHalls(programme),
        list_films=ListFilms(films),
        get_film=GetFilm(films),
        get_screening=GetScreening(programme),
        get_seat_plan=GetSeatPlan(programme),
        quote_prices=QuotePrices(programme, parts.prices),
        list_prices=ListPrices(programme, parts.prices),
        list_ticket_types=ListTicketTypes(programme, parts.prices),
        list_holidays=ListHolidays(parts.prices),
        get_promotion_regulations=GetPromotionRegulations(parts.prices),
        get_terms=GetTerms(parts.terms),
        list_terms=ListTerms(parts.terms),
        get_sales_policy=GetSalesPolicy(parts.terms),
        page_tokens=page_tokens,
        sales_end_after_start=parts.settings.sales_end_after_start(),
    )


def _listings(parts: Parts) -> ListingRows:
    pack = partial(pack_listed, sales_end_after_start=parts.settings.sales_end_after_start())
    cache = DayCache(parts.settings.max_listed_screenings)
    return ListingRows(parts.database, parts.versions, pack, cache)


def sales_facts_servicer(parts: Parts) -> SalesFactsServicer:
    return SalesFactsServicer(
        get_sales_facts=GetSalesFacts(parts.programme),
        get_seat_plan=GetSeatPlan(parts.programme),
        sales_end_after_start=parts.settings.sales_end_after_start(),
    )
