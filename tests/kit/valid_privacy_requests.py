"""Valid requests of booking's PrivacyService. None of them erases what others need."""

from typing import Any
from uuid import uuid4

from cinema.booking.v1 import privacy_service_pb2 as pb

from tests.kit.scene import Scene
from tests.kit.valid_request import Valid, staff


async def _export(scene: Scene) -> Valid:
    return await _own(scene, pb.ExportCustomerRequest(), keeps_no_answer=True)


async def _erase(scene: Scene) -> Valid:
    request = pb.EraseCustomerRequest(
        person=pb.Person(account_id=str(uuid4())), dry_run=True, request_id=str(uuid4())
    )
    unknown = {"person.account_id": "OK", "person.order_id": "INVALID_FIELD"}
    return Valid(request, staff(scene, "privacy_officer"), unknown=unknown, keeps_no_answer=True)


async def _rectify(scene: Scene) -> Valid:
    return await _own(scene, pb.RectifyCustomerRequest(last_name="Pop"))


async def _restrict(scene: Scene) -> Valid:
    return await _own(scene, pb.RestrictProcessingRequest())


async def _object(scene: Scene) -> Valid:
    return await _own(scene, pb.ObjectToProcessingRequest())


async def _consent(scene: Scene) -> Valid:
    request = pb.SetConsentRequest(marketing=True, text_version="1", legal_capacity_declared=True)
    return await _own(scene, request)


async def _settings(scene: Scene) -> Valid:
    return await _own(scene, pb.GetPrivacySettingsRequest())


async def _own(scene: Scene, request: Any, **more: Any) -> Valid:
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        request.request_id = str(uuid4())
    unknown = {"person.account_id": "INVALID_FIELD"}
    return Valid(request, (await scene.account()).metadata(), unknown=unknown, **more)


BUILDERS = {
    "PrivacyService.ExportCustomer": _export,
    "PrivacyService.EraseCustomer": _erase,
    "PrivacyService.RectifyCustomer": _rectify,
    "PrivacyService.RestrictProcessing": _restrict,
    "PrivacyService.ObjectToProcessing": _object,
    "PrivacyService.SetConsent": _consent,
    "PrivacyService.GetPrivacySettings": _settings,
}
