"""A request that each method answers, built on things that exist: bad input starts from it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as booking
from cinema.booking.v1 import hold_pb2, leg_decision_service_pb2, order_pb2
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin
from cinema.catalog.v1 import programme_service_pb2 as programme
from cinema.catalog.v1 import sales_facts_service_pb2
from cinema.type.v1 import dead_event_service_pb2, event_feed_service_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from deploy.demo.buyer import Buyer
from deploy.programme.chain import EFFECTIVE_TIME, POLICY
from deploy.programme.prices import price_list
from tests.kit import valid_money_requests as money
from tests.kit.answers import Metadata
from tests.kit.methods import Method
from tests.kit.scene import Scene
from tests.kit.small_programme import cinema_document, local_today, make_hall, plan_document
from tests.kit.valid_request import Valid, staff

RETURN_URL = "http://localhost/thank-you"

Build = Callable[[Scene], Awaitable[Valid]]


def has_builder(method: Method) -> bool:
    """Whether somebody wrote a valid request for the method."""
    return _key_of(method) in BUILDERS


async def valid_request(method: Method, scene: Scene) -> Valid:
    """Build a request that the method answers; LookupError for a method without a builder."""
    if not has_builder(method):
        raise LookupError(f"{_key_of(method)} has no valid request: add one to BUILDERS")
    return await BUILDERS[_key_of(method)](scene)


def _key_of(method: Method) -> str:
    service, _, name = method.path.rpartition("/")
    return f"{service.rpartition('.')[2]}.{name}"


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
    return Valid(programme.QuotePricesRequest(screening_id=(await scene.screening()).id))


async def _get_terms(scene: Scene) -> Valid:
    return Valid(programme.GetTermsRequest(policy_code=POLICY))


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
            "seat_plan.rows[0].segments[0].seats[0].id": "OK",
            "seat_plan.rows[0].segments[0].seats[0].sofa_id": "INVALID_SEAT_PLAN",
        },
    )


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


async def _list_events(scene: Scene) -> Valid:
    request = event_feed_service_pb2.ListEventsRequest(after_feed_number=1, page_size=2)
    return Valid(request, staff(scene, "operator"))


async def _list_dead_events(scene: Scene) -> Valid:
    request = dead_event_service_pb2.ListDeadEventsRequest(page_size=2)
    return Valid(request, staff(scene, "operator"))


async def _retry_dead_event(scene: Scene) -> Valid:
    request = dead_event_service_pb2.RetryDeadEventRequest(id=str(uuid4()), request_id=str(uuid4()))
    return Valid(request, staff(scene, "operator"), answer="DEAD_EVENT_NOT_FOUND")


async def _discard_dead_event(scene: Scene) -> Valid:
    request = dead_event_service_pb2.DiscardDeadEventRequest(
        id=str(uuid4()), reason="It was a test.", request_id=str(uuid4())
    )
    return Valid(request, staff(scene, "operator"), answer="DEAD_EVENT_NOT_FOUND")


async def _start_session(scene: Scene) -> Valid:
    return Valid(booking.StartSessionRequest(request_id=str(uuid4())), keeps_no_answer=True)


async def _get_seat_map(scene: Scene) -> Valid:
    return Valid(booking.GetSeatMapRequest(screening_id=(await scene.screening()).id))


async def _hold_seats(scene: Scene) -> Valid:
    buyer = await scene.guest()
    request = booking.HoldSeatsRequest(
        screening_id=(await scene.screening()).id,
        seat_ids=await scene.free_seats(1),
        tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=1)],
        request_id=str(uuid4()),
    )
    return Valid(request, buyer.metadata(), unknown={"seat_ids[0]": "UNKNOWN_SEAT"})


async def _get_hold(scene: Scene) -> Valid:
    return await _about_hold(scene, booking.GetHoldRequest)


async def _release_hold(scene: Scene) -> Valid:
    return await _about_hold(scene, booking.ReleaseHoldRequest, request_id=str(uuid4()))


async def _list_tenders(scene: Scene) -> Valid:
    return await _about_hold(scene, booking.ListTendersRequest)


async def _about_hold(scene: Scene, request_type: Any, **fields: str) -> Valid:
    hold = await scene.guest_hold()
    request = request_type(screening_id=hold.screening_id, hold_id=hold.id, **fields)
    unknown = {"screening_id": "HOLD_NOT_FOUND"}
    return Valid(request, (await scene.guest()).metadata(), unknown=unknown, is_owned=True)


async def _place_order(scene: Scene) -> Valid:
    buyer, hold = await scene.account(), await scene.account_hold()
    request = order_request(buyer, hold)
    seat_ids = [seat.seat_id for seat in hold.seats]
    request.place_tenders.add(card_id=(await scene.card()).id, seat_ids=seat_ids)
    unknown = {
        "screening_id": "HOLD_NOT_FOUND",
        "place_tenders[0].seat_ids[0]": "TENDER_SEAT_MISMATCH",
    }
    return Valid(request, buyer.metadata(), unknown=unknown, is_owned=True)


def order_request(buyer: Buyer, hold: hold_pb2.Hold) -> booking.PlaceOrderRequest:
    """Order what is held, to be paid in money."""
    contact = order_pb2.Contact(
        first_name=buyer.first_name, last_name="Pop", email=buyer.email, language_code="ro"
    )
    return booking.PlaceOrderRequest(
        screening_id=hold.screening_id,
        hold_id=hold.id,
        contact=contact,
        terms_accepted=True,
        gtc_version=hold.gtc_version,
        otc_version=hold.otc_version,
        return_url=RETURN_URL,
        request_id=str(uuid4()),
    )


async def _retry_payment(scene: Scene) -> Valid:
    request = booking.RetryPaymentRequest(request_id=str(uuid4()))
    return await _about_order(scene, request, "PAYMENT_STILL_OPEN")


async def _abandon_order(scene: Scene) -> Valid:
    return await _about_order(scene, booking.AbandonOrderRequest(request_id=str(uuid4())))


async def _get_order(scene: Scene) -> Valid:
    return await _about_order(scene, booking.GetOrderRequest())


async def _list_tickets(scene: Scene) -> Valid:
    return await _about_order(scene, booking.ListTicketsRequest(page_size=2))


async def _request_remedy(scene: Scene) -> Valid:
    request = booking.RequestRemedyRequest(request_id=str(uuid4()))
    return await _about_order(scene, request, "NO_REMEDY_DUE")


async def _about_order(scene: Scene, request: Any, answer: str = "OK") -> Valid:
    request.order_id = (await scene.guest_order()).id
    caller: Metadata = (await scene.guest()).metadata()
    return Valid(request, caller, answer=answer, is_owned=True)


async def _get_leg_decision(scene: Scene) -> Valid:
    request: Message = leg_decision_service_pb2.GetLegDecisionRequest(
        order_id=(await scene.guest_order()).id, leg="places-1", attempt=1
    )
    caller = scene.callers.peer("wallet", server="booking")
    return Valid(request, caller, unknown={"order_id": "OK"})


BUILDERS: dict[str, Build] = {
    "ProgrammeService.ListCinemas": _list_cinemas,
    "ProgrammeService.GetCinema": _get_cinema,
    "ProgrammeService.ListScreenings": _list_screenings,
    "ProgrammeService.GetScreening": _get_screening,
    "ProgrammeService.GetSeatPlan": _get_seat_plan,
    "ProgrammeService.QuotePrices": _quote_prices,
    "ProgrammeService.GetTerms": _get_terms,
    "SalesFactsService.GetSalesFacts": _get_sales_facts,
    "CatalogAdminService.CreateCinema": _create_cinema,
    "CatalogAdminService.PublishSeatPlan": _publish_seat_plan,
    "CatalogAdminService.SetPrices": _set_prices,
    "CatalogAdminService.PublishTerms": _publish_terms,
    "CatalogAdminService.ImportProgramme": _import_programme,
    "CatalogAdminService.TerminateScreening": _terminate_screening,
    "EventFeedService.ListEvents": _list_events,
    "DeadEventService.ListDeadEvents": _list_dead_events,
    "DeadEventService.RetryDeadEvent": _retry_dead_event,
    "DeadEventService.DiscardDeadEvent": _discard_dead_event,
    "BookingService.StartSession": _start_session,
    "BookingService.GetSeatMap": _get_seat_map,
    "BookingService.HoldSeats": _hold_seats,
    "BookingService.GetHold": _get_hold,
    "BookingService.ReleaseHold": _release_hold,
    "BookingService.ListTenders": _list_tenders,
    "BookingService.PlaceOrder": _place_order,
    "BookingService.RetryPayment": _retry_payment,
    "BookingService.AbandonOrder": _abandon_order,
    "BookingService.GetOrder": _get_order,
    "BookingService.ListTickets": _list_tickets,
    "BookingService.RequestRemedy": _request_remedy,
    "LegDecisionService.GetLegDecision": _get_leg_decision,
    **money.BUILDERS,
}
