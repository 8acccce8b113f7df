"""PrivacyService: unpack, one use case, pack."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import privacy_service_pb2 as pb
from cinema.booking.v1.privacy_service_pb2_grpc import PrivacyServiceServicer
from google.protobuf.message import Message

from services.booking.domain.erasure import Erasure, Losses
from services.booking.domain.privacy import Choice, ChoiceKind, Person, PrivacySettings
from services.booking.handlers.callers import reader_of
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.choose_processing import ChooseProcessing, GetPrivacySettings
from services.booking.use_cases.erase_customer import EraseCustomer
from services.booking.use_cases.export_customer import ExportCustomer, WalletPlace
from services.booking.use_cases.person_access import PersonAccess
from services.booking.use_cases.privacy_ports import Asker, Correction
from services.booking.use_cases.rectify_customer import RectifyCustomer
from services.common.errors import InvalidPageTokenError
from services.common.rpc.call import current_call
from services.common.rpc.idempotency import answer_of, fingerprint_of, request_key
from services.common.rpc.money import money_to_proto
from services.common.rpc.paging import PageTokens
from services.common.rpc.times import timestamp_of
from services.common.subjects import SubjectPlace

PRIVACY_OFFICER = "privacy_officer"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class PrivacyServicer(PrivacyServiceServicer):
    """One use case for each call, after finding out whose data are meant."""

    access: PersonAccess
    export_customer: ExportCustomer
    erase_customer: EraseCustomer
    rectify_customer: RectifyCustomer
    choose_processing: ChooseProcessing
    get_privacy_settings: GetPrivacySettings
    page_tokens: PageTokens

    async def ExportCustomer(
        self, request: pb.ExportCustomerRequest, context: Context
    ) -> pb.ExportCustomerResponse:
        del context
        place = _place_of(self.page_tokens.open(request.page_token, request))
        asker = _asker()
        person = await self._person(asker, request.person)
        page = await self.export_customer(asker, person, place, UUID(request.request_id))
        token = ""
        if page.next_place is not None:
            token = self.page_tokens.seal(list(page.next_place), request)
        return pb.ExportCustomerResponse(
            records=[
                pb.PersonalRecord(
                    service=told.service, kind=told.record.kind, json=told.record.json
                )
                for told in page.records
            ],
            next_page_token=token,
        )

    async def EraseCustomer(
        self, request: pb.EraseCustomerRequest, context: Context
    ) -> pb.EraseCustomerResponse:
        del context
        asker = _asker()
        if request.dry_run:
            person = await self._person(asker, request.person)
            return _losses(await self.erase_customer.look(person))
        # It names nobody: it is kept when everything else is gone.
        erasure_id, fingerprint = UUID(request.request_id), _fingerprint(request)
        known = await self.erase_customer.known(erasure_id, fingerprint)
        if known is None:
            person = await self._person(asker, request.person)
            known = await self.erase_customer(asker, person, erasure_id, fingerprint)
        return _erasure(known)

    async def RectifyCustomer(
        self, request: pb.RectifyCustomerRequest, context: Context
    ) -> pb.RectifyCustomerResponse:
        del context
        key = request_key(request, lambda orders: pb.RectifyCustomerResponse(orders=orders))
        asker = _asker()
        person = await self._person(asker, request.person)
        correction = Correction(request.first_name, request.last_name, request.email)
        orders = await self.rectify_customer(key, asker, person, correction)
        return cast("pb.RectifyCustomerResponse", answer_of(key, orders))

    async def RestrictProcessing(
        self, request: pb.RestrictProcessingRequest, context: Context
    ) -> pb.RestrictProcessingResponse:
        del context
        choice = Choice(ChoiceKind.RESTRICTION, request.restricted)
        answer = await self._choose(request, choice, pb.RestrictProcessingResponse)
        return cast("pb.RestrictProcessingResponse", answer)

    async def ObjectToProcessing(
        self, request: pb.ObjectToProcessingRequest, context: Context
    ) -> pb.ObjectToProcessingResponse:
        del context
        choice = Choice(ChoiceKind.OBJECTION, request.objected)
        answer = await self._choose(request, choice, pb.ObjectToProcessingResponse)
        return cast("pb.ObjectToProcessingResponse", answer)

    async def SetConsent(
        self, request: pb.SetConsentRequest, context: Context
    ) -> pb.SetConsentResponse:
        del context
        choice = Choice(
            ChoiceKind.MARKETING,
            request.marketing,
            request.text_version,
            request.legal_capacity_declared,
        )
        return cast(
            "pb.SetConsentResponse", await self._choose(request, choice, pb.SetConsentResponse)
        )

    async def GetPrivacySettings(
        self, request: pb.GetPrivacySettingsRequest, context: Context
    ) -> pb.GetPrivacySettingsResponse:
        del context
        person = await self._person(_asker(), request.person)
        settings = await self.get_privacy_settings(person)
        return pb.GetPrivacySettingsResponse(settings=_settings(settings))

    async def _choose(self, request: Any, choice: Choice, response: Any) -> Any:
        key = request_key(request, lambda settings: response(settings=_settings(settings)))
        asker = _asker()
        person = await self._person(asker, request.person)
        return answer_of(key, await self.choose_processing(key, asker, person, choice))

    async def _person(self, asker: Asker, named: pb.Person) -> Person:
        account_id = UUID(named.account_id) if named.account_id else None
        order_id = UUID(named.order_id) if named.order_id else None
        return await self.access.person(asker, account_id, order_id)


def _asker() -> Asker:
    call = current_call()
    is_officer = PRIVACY_OFFICER in call.caller.roles
    return Asker(reader_of(call), staff_of_call() if is_officer else None)


def _fingerprint(request: Message) -> bytes:
    principal = current_call().caller.principal
    return hashlib.sha256(principal.encode() + fingerprint_of(request)).digest()


def _place_of(keyset: list[str | int | None] | None) -> SubjectPlace | WalletPlace | None:
    match keyset:
        case None:
            return None
        case [str(token)]:
            return WalletPlace(token)
        case [str(kind), str() | None as after]:
            return SubjectPlace(kind, after)
        case _:
            raise InvalidPageTokenError


def _losses(losses: Losses) -> pb.EraseCustomerResponse:
    return pb.EraseCustomerResponse(
        state=pb.ERASURE_STATE_POSSIBLE,
        places_lost=losses.places,
        points_lost=losses.points,
        value_lost=[money_to_proto(value) for value in losses.value],
    )


def _erasure(erasure: Erasure) -> pb.EraseCustomerResponse:
    state = pb.ERASURE_STATE_DONE if erasure.is_done else pb.ERASURE_STATE_UNDER_WAY
    return pb.EraseCustomerResponse(state=state, waits_for=erasure.waits_for)


def _settings(settings: PrivacySettings) -> pb.PrivacySettings:
    marketing = settings.marketing
    message = pb.PrivacySettings(
        marketing_consent=settings.marketing_consent,
        restricted=settings.restricted,
        objected=settings.objected,
        marketing_allowed=settings.marketing_allowed,
    )
    if marketing is not None and marketing.is_given:
        message.consent_text_version = marketing.text_version
        message.legal_capacity_declared = marketing.legal_capacity
    if marketing is not None and marketing.chosen_at is not None:
        message.consent_time.CopyFrom(timestamp_of(marketing.chosen_at))
    return message
