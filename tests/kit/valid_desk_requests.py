"""Valid requests of customer service: orders found, contacts corrected, complaints."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as booking
from cinema.booking.v1 import box_office_service_pb2 as office
from cinema.booking.v1 import order_pb2
from cinema.booking.v1.complaint_pb2 import Complaint
from cinema.type.v1 import story_service_pb2

from deploy.demo.stage import CALL_TIMEOUT_S
from tests.kit.scene import Scene
from tests.kit.valid_request import Valid, staff


async def _new_complaint(scene: Scene) -> booking.SubmitComplaintRequest:
    return booking.SubmitComplaintRequest(
        kind=Complaint.KIND_COMPLAINT,
        order_number=(await scene.guest_order()).number,
        scope=Complaint.SCOPE_OTHER,
        text="The page was slow.",
        reply_email="ana@example.test",
        language_code="ro",
        request_id=str(uuid4()),
    )


async def _complaint(scene: Scene) -> Complaint:
    """A complaint about the guest's order, answered."""

    async def make() -> Complaint:
        taken: booking.SubmitComplaintResponse = await scene.stage.bookings[0].SubmitComplaint(
            await _new_complaint(scene),
            metadata=(await scene.guest()).metadata(),
            timeout=CALL_TIMEOUT_S,
        )
        answered: office.AnswerComplaintResponse = await scene.stage.box_office.AnswerComplaint(
            _answer(taken.complaint),
            metadata=staff(scene, "customer_service"),
            timeout=CALL_TIMEOUT_S,
        )
        return answered.complaint

    complaint: Complaint = await scene.once("complaint", make)
    return complaint


def _answer(complaint: Complaint) -> office.AnswerComplaintRequest:
    return office.AnswerComplaintRequest(
        complaint_id=complaint.id,
        decision=Complaint.DECISION_NOTED,
        text="Thank you.",
        request_id=str(uuid4()),
    )


async def _submit_complaint(scene: Scene) -> Valid:
    request = await _new_complaint(scene)
    unknown = {"language_code": "OK"}
    return Valid(request, (await scene.guest()).metadata(), unknown=unknown, is_owned=True)


async def _get_complaint(scene: Scene) -> Valid:
    request = booking.GetComplaintRequest(complaint_id=(await _complaint(scene)).id)
    return Valid(request, (await scene.guest()).metadata(), is_owned=True)


async def _list_complaints(scene: Scene) -> Valid:
    request = office.ListComplaintsRequest(
        kind=Complaint.KIND_COMPLAINT, state=Complaint.STATE_OPEN, page_size=2
    )
    return Valid(request, staff(scene, "customer_service"))


async def _answer_complaint(scene: Scene) -> Valid:
    return Valid(
        _answer(await _complaint(scene)),
        staff(scene, "customer_service"),
        answer="COMPLAINT_ALREADY_ANSWERED",
        is_for_cinema=True,
    )


async def _find_orders(scene: Scene) -> Valid:
    request = booking.FindOrdersRequest(
        screening_id=(await scene.guest_order()).screening_id, page_size=2
    )
    return Valid(request, staff(scene, "customer_service"), unknown={"screening_id": "OK"})


async def _correct_contact(scene: Scene) -> Valid:
    contact = order_pb2.Contact(
        first_name="Ana", last_name="Pop", email="ana@example.test", language_code="ro"
    )
    request = booking.CorrectContactRequest(
        order_id=(await scene.guest_order()).id, contact=contact, request_id=str(uuid4())
    )
    caller = (await scene.guest()).metadata()
    return Valid(request, caller, unknown={"contact.language_code": "OK"}, is_owned=True)


async def _get_order_story(scene: Scene) -> Valid:
    request = booking.GetOrderStoryRequest(order_id=(await scene.guest_order()).id)
    return Valid(request, staff(scene, "customer_service"), is_owned=True)


async def _list_story_entries(scene: Scene, server: str) -> Valid:
    request = story_service_pb2.ListStoryEntriesRequest(reference_id=(await scene.guest_order()).id)
    caller = scene.callers.peer("booking", server=server)
    return Valid(request, caller, unknown={"reference_id": "OK"})


BUILDERS: dict[str, Callable[[Scene], Awaitable[Valid]]] = {
    "wallet/StoryService.ListStoryEntries": partial(_list_story_entries, server="wallet"),
    "payment/StoryService.ListStoryEntries": partial(_list_story_entries, server="payment"),
    "BookingService.GetOrderStory": _get_order_story,
    "BookingService.FindOrders": _find_orders,
    "BookingService.CorrectContact": _correct_contact,
    "BookingService.SubmitComplaint": _submit_complaint,
    "BookingService.GetComplaint": _get_complaint,
    "BoxOfficeService.ListComplaints": _list_complaints,
    "BoxOfficeService.AnswerComplaint": _answer_complaint,
}
