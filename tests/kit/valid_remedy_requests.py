"""Valid requests of staff about remedies."""

from uuid import uuid4

from cinema.booking.v1 import box_office_service_pb2 as office

from services.booking.domain.ticket import PAYLOAD_BYTES
from tests.kit.scene import Scene
from tests.kit.valid_request import Valid, staff


async def _give_remedy(scene: Scene) -> Valid:
    request = office.GiveRemedyRequest(
        order_id=(await scene.guest_order()).id,
        qr_payload=bytes(PAYLOAD_BYTES),
        form_reference="F-1",
        request_id=str(uuid4()),
    )
    cashier = staff(scene, "cashier")
    return Valid(request, cashier, answer="TICKET_NOT_PRESENTED", is_for_cinema=True)


async def _approve_remedy(scene: Scene) -> Valid:
    request = office.ApproveRemedyRequest(
        order_id=(await scene.guest_order()).id,
        decision=office.REMEDY_DECISION_APPROVED,
        reason="The road was closed.",
        request_id=str(uuid4()),
    )
    manager = staff(scene, "cinema_manager")
    return Valid(request, manager, answer="REMEDY_NOT_AWAITING_APPROVAL", is_for_cinema=True)


async def _list_awaiting_remedies(scene: Scene) -> Valid:
    screening_id = (await scene.screening()).id
    request = office.ListAwaitingRemediesRequest(screening_id=screening_id, page_size=1)
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _list_screening_jobs(scene: Scene) -> Valid:
    screening_id = (await scene.screening()).id
    request = office.ListScreeningJobsRequest(screening_id=screening_id, page_size=1)
    return Valid(request, staff(scene, "operator"), is_for_cinema=True)


BUILDERS = {
    "BoxOfficeService.GiveRemedy": _give_remedy,
    "BoxOfficeService.ApproveRemedy": _approve_remedy,
    "BoxOfficeService.ListAwaitingRemedies": _list_awaiting_remedies,
    "BoxOfficeService.ListScreeningJobs": _list_screening_jobs,
}
