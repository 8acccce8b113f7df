"""Valid requests of catalog."""

from typing import Any
from uuid import uuid4

from cinema.catalog.v1 import catalog_admin_service_pb2 as admin
from cinema.catalog.v1 import programme_service_pb2 as programme
from cinema.catalog.v1 import sales_facts_service_pb2, seat_plan_import_pb2
from google.protobuf.json_format import ParseDict

from deploy.programme.chain import COUNTRY, EFFECTIVE_TIME, POLICY
from deploy.programme.prices import price_list
from tests.kit.scene import Scene
from tests.kit.small_programme import cinema_document, local_today, make_hall, plan_document
from tests.kit.valid_request import Valid, staff


async def _list_cinemas(scene: Scene) -> Valid:
    return Valid(programme.ListCinemasRequest(page_size=1))


async def _get_cinema(scene: Scene) -> Valid:
    request = programme.GetCinemaRequest(cinema_id=(await scene.screening()).cinema_id)
    return Valid(request, unknown={"cinema_id": "CINEMA_NOT_FOUND"})


async def _list_screenings(scene: Scene) -> Valid:
    screening = await scene.screening()
    return Valid(
        programme.ListScreeningsRequest(
            cinema_id=screening.cinema_id,
            film_id=screening.film.id,
            date=local_today().isoformat(),
            format="2D",
            page_size=1,
        ),
        unknown={"cinema_id": "OK", "film_id": "OK"},
    )


async def _get_screening(scene: Scene) -> Valid:
    return Valid(programme.GetScreeningRequest(screening_id=(await scene.screening()).id))


async def _get_seat_plan(scene: Scene) -> Valid:
    plan_id = (await scene.screening()).seat_plan_id
    return Valid(programme.GetSeatPlanRequest(seat_plan_id=plan_id))


async def _quote_prices(scene: Scene) -> Valid:
    request = programme.QuotePricesRequest(screening_id=(await scene.screening()).id)
    return Valid(request, unknown={"promotion_code": "PROMOTION_NOT_ACCEPTED"})


async def _get_terms(scene: Scene) -> Valid:
    return Valid(programme.GetTermsRequest(policy_code=POLICY))


async def _list_terms(scene: Scene) -> Valid:
    request = programme.ListTermsRequest(policy_code=POLICY, page_size=1)
    return Valid(request, unknown={"policy_code": "OK"})


async def _get_sales_policy(scene: Scene) -> Valid:
    return Valid(programme.GetSalesPolicyRequest(policy_code=POLICY))


async def _list_prices(scene: Scene) -> Valid:
    cinema_id = (await scene.screening()).cinema_id
    request = programme.ListPricesRequest(cinema_id=cinema_id, page_size=1)
    return Valid(request, unknown={"cinema_id": "CINEMA_NOT_FOUND"})


async def _list_ticket_types(scene: Scene) -> Valid:
    cinema_id = (await scene.screening()).cinema_id
    request = programme.ListTicketTypesRequest(cinema_id=cinema_id)
    return Valid(request, unknown={"cinema_id": "CINEMA_NOT_FOUND"})


async def _list_holidays(scene: Scene) -> Valid:
    return Valid(programme.ListHolidaysRequest(country_code=COUNTRY, year=2026))


async def _get_promotion_regulations(scene: Scene) -> Valid:
    promotion_id = await scene.promotion()
    return Valid(programme.GetPromotionRegulationsRequest(promotion_id=promotion_id))


async def _get_sales_facts(scene: Scene) -> Valid:
    request = sales_facts_service_pb2.GetSalesFactsRequest(
        screening_id=(await scene.screening()).id, include_seat_plan=True
    )
    return Valid(request, scene.callers.peer("booking", server="catalog"))


async def _create_cinema(scene: Scene) -> Valid:
    document = cinema_document(scene.cinema_facts)
    unknown = {
        "cinema.id": "INVALID_FIELD",
        "import_profile.cinema_id": "INVALID_FIELD",
        "cinema.policy_code": "OK",
    }
    return _admin(scene, admin.CreateCinemaRequest(), document, is_for_cinema=True, unknown=unknown)


async def _publish_seat_plan(scene: Scene) -> Valid:
    await scene.cinema()
    document = plan_document(make_hall(scene.cinema_facts, 2, 32))
    document["seat_plan"]["rows"] = document["seat_plan"]["rows"][:1]
    return _admin(
        scene,
        admin.PublishSeatPlanRequest(),
        document,
        is_for_cinema=True,
        unknown={
            "seat_plan.id": "OK",
            "seat_plan.hall_id": "OK",
            # It is a wheelchair place, and the seat beside it belongs to it.
            "seat_plan.rows[0].segments[0].seats[0].id": "INVALID_SEAT_PLAN",
            "seat_plan.rows[0].segments[0].seats[0].sofa_id": "INVALID_SEAT_PLAN",
        },
    )


async def _import_seat_plan(scene: Scene) -> Valid:
    header = {
        "cinema_id": await scene.cinema(),
        "hall_name": "S03",
        "price_areas": [{"code": "02", "area": "VIP"}],
        "request_id": str(uuid4()),
    }
    request = ParseDict({"header": header}, seat_plan_import_pb2.ImportSeatPlanRequest())
    # The file is read before its cinema is looked for.
    return Valid(
        request,
        staff(scene, "programme_editor"),
        answer="INVALID_SEAT_PLAN",
        unknown={"header.cinema_id": "INVALID_SEAT_PLAN"},
        is_for_cinema=True,
    )


async def _get_seat_plan_drawing(scene: Scene) -> Valid:
    request = seat_plan_import_pb2.GetSeatPlanDrawingRequest(
        seat_plan_id=(await scene.screening()).seat_plan_id
    )
    return Valid(request, staff(scene, "cinema_manager"))


async def _set_prices(scene: Scene) -> Valid:
    await scene.cinema()
    prices = price_list(scene.cinema_facts, 2, EFFECTIVE_TIME)
    document = {"price_list": {**prices, "lines": prices["lines"][:2]}}
    return _admin(
        scene,
        admin.SetPricesRequest(),
        document,
        is_for_cinema=True,
        unknown={"price_list.id": "OK"},
    )


async def _publish_terms(scene: Scene) -> Valid:
    unknown = {"terms.policy_code": "INVALID_FIELD"}
    return _admin(scene, admin.PublishTermsRequest(), scene.new_terms(), unknown=unknown)


async def _list_promotions(scene: Scene) -> Valid:
    request = admin.ListPromotionsRequest(policy_code=POLICY, page_size=1)
    return Valid(request, staff(scene, "programme_editor"), unknown={"policy_code": "OK"})


async def _set_holidays(scene: Scene) -> Valid:
    # A country where nobody shows films.
    document = {
        "country_code": "AQ",
        "year": 2030,
        "holidays": [{"date": "2030-06-21", "name": "Midwinter"}],
    }
    return _admin(scene, admin.SetHolidaysRequest(), document)


async def _publish_promotion(scene: Scene) -> Valid:
    document = {"promotion": {**scene.new_promotion(), "cinema_ids": [await scene.cinema()]}}
    return _admin(
        scene,
        admin.PublishPromotionRequest(),
        document,
        is_for_cinema=True,
        unknown={"promotion.id": "OK", "promotion.policy_code": "CINEMA_NOT_FOUND"},
    )


async def _import_programme(scene: Scene) -> Valid:
    header = {"header": {"cinema_id": await scene.cinema(), "request_id": str(uuid4())}}
    request = ParseDict(header, admin.ImportProgrammeRequest())
    return Valid(request, staff(scene, "programme_editor"), is_for_cinema=True)


async def _terminate_screening(scene: Scene) -> Valid:
    screening = await scene.running_screening()
    return Valid(
        admin.TerminateScreeningRequest(
            screening_id=screening.id,
            etag=screening.etag,
            reason="The projector failed.",
            attributable=True,
            request_id=str(uuid4()),
        ),
        staff(scene, "cinema_manager"),
        is_for_cinema=True,
    )


def _admin(scene: Scene, request: Any, document: dict[str, Any], **more: Any) -> Valid:
    ParseDict({**document, "request_id": str(uuid4())}, request)
    return Valid(request, staff(scene, "operator"), **more)


BUILDERS = {
    "ProgrammeService.ListCinemas": _list_cinemas,
    "ProgrammeService.GetCinema": _get_cinema,
    "ProgrammeService.ListScreenings": _list_screenings,
    "ProgrammeService.GetScreening": _get_screening,
    "ProgrammeService.GetSeatPlan": _get_seat_plan,
    "ProgrammeService.QuotePrices": _quote_prices,
    "ProgrammeService.GetTerms": _get_terms,
    "ProgrammeService.ListTerms": _list_terms,
    "ProgrammeService.GetSalesPolicy": _get_sales_policy,
    "ProgrammeService.ListPrices": _list_prices,
    "ProgrammeService.ListTicketTypes": _list_ticket_types,
    "ProgrammeService.ListHolidays": _list_holidays,
    "ProgrammeService.GetPromotionRegulations": _get_promotion_regulations,
    "SalesFactsService.GetSalesFacts": _get_sales_facts,
    "CatalogAdminService.CreateCinema": _create_cinema,
    "CatalogAdminService.PublishSeatPlan": _publish_seat_plan,
    "CatalogAdminService.ImportSeatPlan": _import_seat_plan,
    "CatalogAdminService.GetSeatPlanDrawing": _get_seat_plan_drawing,
    "CatalogAdminService.SetPrices": _set_prices,
    "CatalogAdminService.PublishTerms": _publish_terms,
    "CatalogAdminService.SetHolidays": _set_holidays,
    "CatalogAdminService.PublishPromotion": _publish_promotion,
    "CatalogAdminService.ListPromotions": _list_promotions,
    "CatalogAdminService.ImportProgramme": _import_programme,
    "CatalogAdminService.TerminateScreening": _terminate_screening,
}
