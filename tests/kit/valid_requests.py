"""A request that each method answers, built on things that exist: bad input starts from it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as booking
from cinema.booking.v1 import hold_pb2, leg_decision_service_pb2, order_pb2
from cinema.type.v1 import (
    dead_event_service_pb2,
    event_feed_service_pb2,
    mail_queue_service_pb2,
)
from google.protobuf.message import Message

from deploy.demo.buyer import Buyer
from tests.kit import valid_batch_requests as batches
from tests.kit import valid_catalog_requests as catalog
from tests.kit import valid_desk_requests as desk
from tests.kit import valid_door_requests as doors
from tests.kit import valid_money_requests as money
from tests.kit import valid_privacy_requests as privacy
from tests.kit import valid_remedy_requests as remedies
from tests.kit import valid_staff_requests as catalog_staff
from tests.kit import valid_wallet_requests as wallet
from tests.kit.answers import Metadata
from tests.kit.methods import Method
from tests.kit.scene import Scene
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
    key = f"{service.rpartition('.')[2]}.{name}"
    # Two services may serve the same call, for callers with different tokens.
    return f"{method.server}/{key}" if f"{method.server}/{key}" in BUILDERS else key


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


async def _list_troubled_mails(scene: Scene) -> Valid:
    request = mail_queue_service_pb2.ListTroubledMailsRequest(page_size=2)
    return Valid(request, staff(scene, "operator"))


async def _retry_mail(scene: Scene) -> Valid:
    request = mail_queue_service_pb2.RetryMailRequest(id=str(uuid4()), request_id=str(uuid4()))
    return Valid(request, staff(scene, "operator"), answer="MAIL_NOT_FOUND")


async def _discard_mail(scene: Scene) -> Valid:
    request = mail_queue_service_pb2.DiscardMailRequest(id=str(uuid4()), request_id=str(uuid4()))
    return Valid(request, staff(scene, "operator"), answer="MAIL_NOT_FOUND")


async def _start_session(scene: Scene) -> Valid:
    return Valid(booking.StartSessionRequest(request_id=str(uuid4())), keeps_no_answer=True)


async def _get_seat_map(scene: Scene) -> Valid:
    return Valid(booking.GetSeatMapRequest(screening_id=(await scene.screening()).id))


async def _watch_seat_map(scene: Scene) -> Valid:
    return Valid(booking.WatchSeatMapRequest(screening_id=(await scene.screening()).id))


async def _hold_seats(scene: Scene) -> Valid:
    buyer = await scene.guest()
    request = booking.HoldSeatsRequest(
        screening_id=(await scene.screening()).id,
        seat_ids=await scene.seats_for_later(1),
        tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=1)],
        request_id=str(uuid4()),
        with_tenders=True,
    )
    return Valid(
        request,
        buyer.metadata(),
        unknown={"seat_ids[0]": "UNKNOWN_SEAT", "promotion_code": "PROMOTION_NOT_ACCEPTED"},
    )


async def _get_hold(scene: Scene) -> Valid:
    return await _about_hold(scene, booking.GetHoldRequest)


async def _change_hold(scene: Scene) -> Valid:
    hold, buyer = await scene.guest_hold(), await scene.guest()
    request = booking.ChangeHoldRequest(
        screening_id=hold.screening_id,
        hold_id=hold.id,
        tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=len(hold.seats))],
        request_id=str(uuid4()),
        with_tenders=True,
    )
    unknown = {
        "screening_id": "HOLD_NOT_FOUND",
        "seat_ids[0]": "UNKNOWN_SEAT",
        "promotion_code": "PROMOTION_NOT_ACCEPTED",
    }
    return Valid(request, buyer.metadata(), unknown=unknown, is_owned=True)


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
        "voucher_tenders[0].voucher_code": "VOUCHER_NOT_ACCEPTED",
        "voucher_tenders[0].voucher_id": "VOUCHER_NOT_ACCEPTED",
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


async def _cancel_order(scene: Scene) -> Valid:
    return await _about_order(scene, booking.CancelOrderRequest(request_id=str(uuid4())))


async def _get_order(scene: Scene) -> Valid:
    return await _about_order(scene, booking.GetOrderRequest())


async def _watch_order(scene: Scene) -> Valid:
    return await _about_order(scene, booking.WatchOrderRequest())


async def _list_orders(scene: Scene) -> Valid:
    return Valid(booking.ListOrdersRequest(page_size=2), (await scene.account()).metadata())


async def _list_tickets(scene: Scene) -> Valid:
    return await _about_order(scene, booking.ListTicketsRequest(page_size=2))


async def _resend_confirmation(scene: Scene) -> Valid:
    request = booking.ResendConfirmationRequest(request_id=str(uuid4()))
    return await _about_order(scene, request, "ORDER_NOT_CONFIRMED")


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
    **catalog.BUILDERS,
    **catalog_staff.BUILDERS,
    "EventFeedService.ListEvents": _list_events,
    "DeadEventService.ListDeadEvents": _list_dead_events,
    "DeadEventService.RetryDeadEvent": _retry_dead_event,
    "DeadEventService.DiscardDeadEvent": _discard_dead_event,
    "MailQueueService.ListTroubledMails": _list_troubled_mails,
    "MailQueueService.RetryMail": _retry_mail,
    "MailQueueService.DiscardMail": _discard_mail,
    "BookingService.StartSession": _start_session,
    "BookingService.GetSeatMap": _get_seat_map,
    "BookingService.WatchSeatMap": _watch_seat_map,
    "BookingService.HoldSeats": _hold_seats,
    "BookingService.GetHold": _get_hold,
    "BookingService.ChangeHold": _change_hold,
    "BookingService.ReleaseHold": _release_hold,
    "BookingService.ListTenders": _list_tenders,
    "BookingService.PlaceOrder": _place_order,
    "BookingService.RetryPayment": _retry_payment,
    "BookingService.AbandonOrder": _abandon_order,
    "BookingService.CancelOrder": _cancel_order,
    "BookingService.GetOrder": _get_order,
    "BookingService.WatchOrder": _watch_order,
    "BookingService.ListOrders": _list_orders,
    "BookingService.ListTickets": _list_tickets,
    "BookingService.ResendConfirmation": _resend_confirmation,
    "BookingService.RequestRemedy": _request_remedy,
    "LegDecisionService.GetLegDecision": _get_leg_decision,
    **desk.BUILDERS,
    **doors.BUILDERS,
    **remedies.BUILDERS,
    **money.BUILDERS,
    **privacy.BUILDERS,
    **wallet.BUILDERS,
    **batches.BUILDERS,
}
