"""Puts together what staff call."""

from services.catalog.adapters.booking_client import BookingClient
from services.catalog.adapters.quickbook_stream import read_programme
from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.adapters.seat_plan_message import pack_seat_plan
from services.catalog.composition import Parts
from services.catalog.handlers.catalog_admin_servicer import CatalogAdminServicer
from services.catalog.use_cases.cancel_screening import CancelScreening
from services.catalog.use_cases.change_screening import ChangeScreening
from services.catalog.use_cases.create_cinema import CreateCinema
from services.catalog.use_cases.create_film import CreateFilm
from services.catalog.use_cases.create_hall import CreateHall
from services.catalog.use_cases.create_screening import CreateScreening
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.catalog.use_cases.import_programme import ImportProgramme
from services.catalog.use_cases.import_seat_plan import ImportSeatPlan
from services.catalog.use_cases.list_promotions import ListPromotions
from services.catalog.use_cases.move_screening import MoveScreening
from services.catalog.use_cases.preview_seat_plan import PreviewSeatPlan
from services.catalog.use_cases.publish_promotion import PublishPromotion
from services.catalog.use_cases.publish_seat_plan import PublishSeatPlan
from services.catalog.use_cases.publish_terms import PublishTerms
from services.catalog.use_cases.replace_film import ReplaceFilm
from services.catalog.use_cases.reschedule_screening import RescheduleScreening
from services.catalog.use_cases.set_holidays import SetHolidays
from services.catalog.use_cases.set_prices import SetPrices
from services.catalog.use_cases.terminate_screening import TerminateScreening
from services.catalog.use_cases.update_cinema import UpdateCinema
from services.catalog.use_cases.update_film import UpdateFilm
from services.catalog.use_cases.update_screening import UpdateScreening
from services.common.ids import new_id
from services.common.rpc.paging import PageTokens


def catalog_admin_servicer(parts: Parts, page_tokens: PageTokens) -> CatalogAdminServicer:
    transactions = parts.transactions
    orders = BookingClient(parts.booking, parts.settings.booking_call_timeout_ms)
    change = ChangeScreening(transactions, orders)
    return CatalogAdminServicer(
        create_cinema=CreateCinema(transactions),
        update_cinema=UpdateCinema(transactions),
        create_hall=CreateHall(transactions),
        create_film=CreateFilm(transactions, new_id),
        update_film=UpdateFilm(transactions),
        publish_seat_plan=PublishSeatPlan(transactions, new_id),
        import_seat_plan=ImportSeatPlan(transactions, new_id, read_seat_plan),
        preview_seat_plan=PreviewSeatPlan(read_seat_plan, pack_seat_plan),
        get_seat_plan=GetSeatPlan(parts.programme),
        set_prices=SetPrices(transactions, new_id),
        set_holidays=SetHolidays(transactions),
        publish_promotion=PublishPromotion(transactions, new_id),
        list_promotions=ListPromotions(parts.prices),
        page_tokens=page_tokens,
        publish_terms=PublishTerms(transactions),
        import_programme=ImportProgramme(transactions, read_programme),
        create_screening=CreateScreening(transactions, new_id),
        update_screening=UpdateScreening(change),
        reschedule_screening=RescheduleScreening(change),
        replace_film=ReplaceFilm(change),
        move_screening=MoveScreening(change, parts.programme, orders),
        cancel_screening=CancelScreening(change, orders),
        terminate_screening=TerminateScreening(change, orders),
        limits=parts.settings.admin_limits(),
    )
