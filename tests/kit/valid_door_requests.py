"""Valid requests of the doors and the box office.

Nobody at the doors has a ticket, which is a verdict and no refusal.
"""

from uuid import uuid4

from cinema.booking.v1 import (
    admission_pb2,
    admission_service_pb2,
    box_office_service_pb2,
    hold_pb2,
    order_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

from services.booking.domain.ticket import PAYLOAD_BYTES
from tests.kit.scene import Scene
from tests.kit.valid_request import Valid, staff

# What the door says of IDs that it does not know: nothing is an answer, too.
_DOOR = {f"door.{name}_id": "OK" for name in ("cinema", "hall", "screening", "device")}


async def _door(scene: Scene) -> admission_pb2.Door:
    screening = await scene.screening()
    return admission_pb2.Door(
        cinema_id=screening.cinema_id,
        hall_id=screening.hall_id,
        screening_id=screening.id,
        device_id="bad-input",
        gate="Left",
    )


async def _scan_ticket(scene: Scene) -> Valid:
    request = admission_service_pb2.ScanTicketRequest(
        door=await _door(scene), payload=bytes(PAYLOAD_BYTES), request_id=str(uuid4())
    )
    return Valid(
        request, staff(scene, "usher"), unknown=_DOOR, is_for_cinema=True, keeps_no_answer=True
    )


async def _inspect_ticket(scene: Scene) -> Valid:
    request = admission_service_pb2.InspectTicketRequest(
        door=await _door(scene), payload=bytes(PAYLOAD_BYTES)
    )
    return Valid(request, staff(scene, "usher"), unknown=_DOOR, is_for_cinema=True)


async def _record_verdict(scene: Scene) -> Valid:
    door = await _door(scene)
    request = admission_service_pb2.RecordVerdictRequest(
        door=door,
        screening_id=door.screening_id,
        ticket_id=str(uuid4()),
        decision=admission_service_pb2.DECISION_ADMIT,
        checks=[admission_pb2.CHECK_KIND_AGE],
        request_id=str(uuid4()),
    )
    unknown = {**_DOOR, "screening_id": "OK", "ticket_id": "OK"}
    return Valid(
        request, staff(scene, "usher"), unknown=unknown, is_for_cinema=True, keeps_no_answer=True
    )


async def _sync_admissions(scene: Scene) -> Valid:
    now = Timestamp()
    now.GetCurrentTime()
    entry = admission_service_pb2.OfflineAdmission(
        request_id=str(uuid4()),
        payload=bytes(PAYLOAD_BYTES),
        decision=admission_service_pb2.DECISION_ADMIT,
        checks=[admission_pb2.CHECK_KIND_PROOF],
        device_time=now,
    )
    request = admission_service_pb2.SyncAdmissionsRequest(
        door=await _door(scene), entries=[entry], device_time=now, request_id=str(uuid4())
    )
    return Valid(
        request, staff(scene, "usher"), unknown=_DOOR, is_for_cinema=True, keeps_no_answer=True
    )


async def _get_admission_keys(scene: Scene) -> Valid:
    return Valid(admission_service_pb2.GetAdmissionKeysRequest(), staff(scene, "usher"))


async def _list_admissions(scene: Scene) -> Valid:
    screening = await scene.screening()
    request = admission_service_pb2.ListAdmissionsRequest(
        cinema_id=screening.cinema_id,
        screening_id=screening.id,
        ticket_id=str(uuid4()),
        page_size=2,
    )
    unknown = {"cinema_id": "SCREENING_NOT_FOUND", "ticket_id": "OK"}
    return Valid(request, staff(scene, "usher"), unknown=unknown, is_for_cinema=True)


async def _get_screening_manifest(scene: Scene) -> Valid:
    screening = await scene.screening()
    request = admission_service_pb2.GetScreeningManifestRequest(
        cinema_id=screening.cinema_id, screening_id=screening.id, etag="old", page_size=2
    )
    unknown = {"cinema_id": "SCREENING_NOT_FOUND"}
    return Valid(request, staff(scene, "usher"), unknown=unknown, is_for_cinema=True)


async def _far_seat(scene: Scene) -> list[str]:
    """A seat that no other scene comes to, so that whatever becomes of it is in nobody's way."""
    choice = await scene.house.free_seats((await scene.screening()).id)
    return [choice.runs[-1][-1]]


async def _block_seats(scene: Scene) -> Valid:
    request = box_office_service_pb2.BlockSeatsRequest(
        screening_id=(await scene.screening()).id,
        seat_ids=await _far_seat(scene),
        reason="The seat is broken.",
        request_id=str(uuid4()),
    )
    unknown = {"seat_ids[0]": "UNKNOWN_SEAT"}
    return Valid(request, staff(scene, "cashier"), unknown=unknown, is_for_cinema=True)


async def _unblock_seats(scene: Scene) -> Valid:
    request = box_office_service_pb2.UnblockSeatsRequest(
        screening_id=(await scene.screening()).id,
        seat_ids=await _far_seat(scene),
        request_id=str(uuid4()),
    )
    unknown = {"seat_ids[0]": "UNKNOWN_SEAT"}
    return Valid(request, staff(scene, "cashier"), unknown=unknown, is_for_cinema=True)


async def _list_seat_blocks(scene: Scene) -> Valid:
    request = box_office_service_pb2.ListSeatBlocksRequest(
        screening_id=(await scene.screening()).id, page_size=1
    )
    return Valid(request, staff(scene, "cinema_manager"), is_for_cinema=True)


async def _cancel_order(scene: Scene) -> Valid:
    request = box_office_service_pb2.BoxOfficeServiceCancelOrderRequest(
        order_id=(await scene.guest_order()).id,
        qr_payload=bytes(PAYLOAD_BYTES),
        form_reference="F-1",
        whole_order=True,
        request_id=str(uuid4()),
    )
    cashier = staff(scene, "cashier")
    return Valid(request, cashier, answer="TICKET_NOT_PRESENTED", is_for_cinema=True)


async def _sell_tickets(scene: Scene) -> Valid:
    request = box_office_service_pb2.SellTicketsRequest(
        screening_id=(await scene.screening()).id,
        seat_ids=await scene.free_seats(1),
        tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=1)],
        tender=order_pb2.TILL_TENDER_CASH,
        receipt_number="R-1",
        request_id=str(uuid4()),
    )
    unknown = {"seat_ids[0]": "UNKNOWN_SEAT"}
    return Valid(request, staff(scene, "cashier"), unknown=unknown, is_for_cinema=True)


async def _override_fee_refund(scene: Scene) -> Valid:
    request = box_office_service_pb2.OverrideFeeRefundRequest(
        order_id=(await scene.guest_order()).id,
        reason="The court of 3 March.",
        request_id=str(uuid4()),
    )
    manager = staff(scene, "cinema_manager")
    return Valid(request, manager, answer="NO_FEE_TO_REFUND", is_for_cinema=True)


BUILDERS = {
    "BoxOfficeService.OverrideFeeRefund": _override_fee_refund,
    "BoxOfficeService.SellTickets": _sell_tickets,
    "BoxOfficeService.CancelOrder": _cancel_order,
    "BoxOfficeService.BlockSeats": _block_seats,
    "BoxOfficeService.UnblockSeats": _unblock_seats,
    "BoxOfficeService.ListSeatBlocks": _list_seat_blocks,
    "AdmissionService.ScanTicket": _scan_ticket,
    "AdmissionService.InspectTicket": _inspect_ticket,
    "AdmissionService.RecordVerdict": _record_verdict,
    "AdmissionService.SyncAdmissions": _sync_admissions,
    "AdmissionService.GetAdmissionKeys": _get_admission_keys,
    "AdmissionService.ListAdmissions": _list_admissions,
    "AdmissionService.GetScreeningManifest": _get_screening_manifest,
}
